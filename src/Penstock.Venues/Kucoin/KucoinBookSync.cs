using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Buffered increments and a REST snapshot; increments may overlap, and each change carries its own sequence (venues/kucoin.md §2).
/// </summary>
public static class KucoinBookSync
{
    /// <summary>
    /// Drop what ends at or before the snapshot's sequence, skip single changes it contains, then start ≤ last + 1. There is no
    /// checksum: a hole in the sequence is the only sign of loss, and it always shows.
    /// </summary>
    public static readonly BookSyncRule Level2 = new()
    {
        Source = SnapshotSource.Rest,
        Continuity = Continuity.OverlapAllowed,
        Bridge = Bridge.FirstAtMostNext,
        Resync = ResyncAction.Refetch,
        TradeIds = TradeIdOrder.Unordered,
        // Remainders finer than the lot lie in real books: the recording has sizes of 11 decimals.
        QuantitiesAreDoubles = true,
        // The snapshot without a key has 100 levels a side. Deeper ones are known once they change; those that do not would
        // be missing when the market has moved so far. A new snapshot a minute keeps the hole out of reach.
        RefreshEvery = TimeSpan.FromMinutes(1),
    };
}
