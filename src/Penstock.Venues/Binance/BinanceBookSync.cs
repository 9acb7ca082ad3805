using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Binance;

/// <summary>The two continuity rules of Binance: mixing them up looks right until the first gap.</summary>
public static class BinanceBookSync
{
    /// <summary>Spot: U = previous u + 1, snapshot by REST.</summary>
    public static readonly BookSyncRule Spot = new()
    {
        Source = SnapshotSource.Rest,
        Continuity = Continuity.FirstIsPreviousPlusOne,
        Bridge = Bridge.FirstAtMostNext,
        Resync = ResyncAction.Refetch,
    };

    /// <summary>USDⓈ-M and COIN-M futures: U and u jump, each message names its predecessor in pu.</summary>
    public static readonly BookSyncRule Futures = new()
    {
        Source = SnapshotSource.Rest,
        Continuity = Continuity.PreviousIdEqualsLast,
        Bridge = Bridge.ContainsSnapshotId,
        Resync = ResyncAction.Refetch,
    };
}
