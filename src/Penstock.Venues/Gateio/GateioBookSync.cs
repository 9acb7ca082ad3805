using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Two channels for one book: both count every change by one, they differ in where the first full book comes from. Sizes may have ten
/// decimals on a pair whose orders have three: what is finer than we keep is cut, and counted.
/// </summary>
public static class GateioBookSync
{
    /// <summary>`spot.obu`: the first message is the full book, and one may come again at any time; then U = previous u + 1.</summary>
    public static readonly BookSyncRule Streamed = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.FirstIsPreviousPlusOne,
        Resync = ResyncAction.Resubscribe,
        TradeIds = TradeIdOrder.Increasing, // one count over all pairs
        QuantitiesAreDoubles = true,
    };

    /// <summary>`spot.order_book_update` with the REST book `with_id=true`: for captures, and as the venue had it before 2025.</summary>
    public static readonly BookSyncRule Classic = new()
    {
        Source = SnapshotSource.Rest,
        Continuity = Continuity.FirstIsPreviousPlusOne,
        Bridge = Bridge.FirstAtMostNext,
        Resync = ResyncAction.Refetch,
        TradeIds = TradeIdOrder.Increasing,
        QuantitiesAreDoubles = true,
    };
}
