using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Bitstamp;

/// <summary>No sequence and no checksum: the exchange's own microseconds are all there is to go by.</summary>
public static class BitstampBookSync
{
    /// <summary>
    /// `diff_order_book` over the REST book. Update ids are `microtimestamp`: what is not above the snapshot's is contained in it,
    /// and afterwards they grow with every diff (717 of 717 in the recording). Nothing shows a diff that was lost, so no
    /// bridge can be demanded, and the book is fetched anew all the time: an error lives as long as one round. A hundred books
    /// take 3,000 of the 10,000 calls that ten minutes allow.
    /// </summary>
    public static readonly BookSyncRule Diff = new()
    {
        Source = SnapshotSource.Rest,
        Continuity = Continuity.NeverBackwards,
        Bridge = Bridge.None,
        Resync = ResyncAction.Refetch,
        TradeIds = TradeIdOrder.Increasing, // one count over all markets
        RefreshEvery = TimeSpan.FromSeconds(20),
    };
}
