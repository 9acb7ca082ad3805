using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Kraken;

/// <summary>Kraken's books have no sequence: the checksum alone shows that nothing was lost.</summary>
public static class KrakenBookSync
{
    /// <summary>
    /// The depth subscribed, and the depth kept: the venue sends no removal for a level that is pushed out of it, so a
    /// deeper level left in place would surface again as a ghost.
    /// </summary>
    public const int Depth = 1000;

    public static readonly BookSyncRule Spot = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.None,
        Resync = ResyncAction.Resubscribe,
        PruneDepth = Depth,
        Checksum = new KrakenChecksum(),
    };
}
