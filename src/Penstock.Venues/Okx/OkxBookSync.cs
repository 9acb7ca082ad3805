using Penstock.Connectivity.Feeds;

namespace Penstock.Venues.Okx;

/// <summary>Each update names its predecessor; two exceptions are documented, and both are flags of the rule.</summary>
public static class OkxBookSync
{
    /// <summary>
    /// Captures from before 2023 have no ids and a checksum, live data of 2026 has ids and a checksum of 0: a message
    /// carries what it has, and each check is made where its field is present.
    /// </summary>
    public static readonly BookSyncRule Books = new()
    {
        Source = SnapshotSource.Socket,
        Continuity = Continuity.PreviousIdEqualsLast,
        Resync = ResyncAction.Resubscribe,
        TradeIds = TradeIdOrder.Increasing,
        EqualIdsAreHeartbeat = true,
        IdsMayReset = true,
        Checksum = new OkxChecksum(),
    };
}
