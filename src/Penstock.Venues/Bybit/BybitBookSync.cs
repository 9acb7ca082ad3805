using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Bybit;

/// <summary>The snapshot comes on the socket, may come again at any time, and each delta counts its <c>u</c> up by one.</summary>
public static class BybitBookSync
{
    /// <summary>
    /// The venue documents no gap rule; that <c>u</c> grows by exactly one per delta of a topic holds for every recorded frame. The ids
    /// start at 1 again when the service does: such a message is a snapshot, whatever it calls itself (see the decoder).
    /// </summary>
    public static readonly BookSyncRule Books = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.FirstIsPreviousPlusOne,
        Resync = ResyncAction.Resubscribe,
        IdsMayReset = true,
        TradeIds = TradeIdOrder.Unordered,
    };
}
