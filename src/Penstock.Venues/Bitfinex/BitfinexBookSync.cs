using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Bitfinex;

/// <summary>A book's messages show nothing of their order: the connection counts its frames, and checksums prove the result.</summary>
public static class BitfinexBookSync
{
    /// <summary>Levels a side that are subscribed. The venue deletes what leaves them, so nothing is cut here.</summary>
    public const int Depth = 100;

    /// <summary>
    /// A hole in the connection's count ends the connection; a checksum that disagrees, sent after every few changes, subscribes
    /// that book anew. Trade ids grow over all markets of the venue, so those of one market have holes.
    /// </summary>
    public static readonly BookSyncRule Books = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.ConnectionCounter,
        Resync = ResyncAction.Resubscribe,
        Checksum = new BitfinexChecksum(),
        TradeIds = TradeIdOrder.Increasing,
    };
}
