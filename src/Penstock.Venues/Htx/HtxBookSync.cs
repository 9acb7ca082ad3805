using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Htx;

/// <summary>Deltas that name their predecessor, and a full image asked for on the same socket.</summary>
public static class HtxBookSync
{
    /// <summary>Levels of a side the channel carries.</summary>
    public const int Depth = 150;

    /// <summary>
    /// `mbp.150`: an unchanged book is pushed too, with the ids it had. The depth is cut here as well: whether a level that leaves the
    /// channel's depth is deleted by the venue is not documented. `depth.step0` and `mbp.refresh` are full books and need no rule but
    /// that their number never grows smaller.
    /// </summary>
    public static readonly BookSyncRule MarketByPrice = new()
    {
        Source = SnapshotSource.SocketRequest,
        Continuity = Continuity.PreviousIdEqualsLast,
        Bridge = Bridge.PreviousEqualsSnapshotId,
        Resync = ResyncAction.Refetch,
        EqualIdsAreHeartbeat = true,
        PruneDepth = Depth,
        TradeIds = TradeIdOrder.Increasing,
        QuantitiesAreDoubles = true,
    };
}
