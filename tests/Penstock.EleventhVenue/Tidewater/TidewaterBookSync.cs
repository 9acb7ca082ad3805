using Penstock.Connectivity.Feeds;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>The snapshot comes on the socket; each delta names its predecessor.</summary>
public static class TidewaterBookSync
{
    public static readonly BookSyncRule Books = new()
    {
        Source = SnapshotSource.Socket, Continuity = Continuity.PreviousIdEqualsLast, Resync = ResyncAction.Resubscribe,
    };
}
