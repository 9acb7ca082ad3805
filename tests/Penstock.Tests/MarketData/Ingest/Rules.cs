using Penstock.Connectivity.Feeds;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>The rules of the kinds of venue there are.</summary>
internal static class Rules
{
    public static readonly BookSyncRule Spot = new()
    {
        Source = SnapshotSource.Rest, Continuity = Continuity.FirstIsPreviousPlusOne, Bridge = Bridge.FirstAtMostNext,
        Resync = ResyncAction.Refetch, BufferedDeltasMax = 200,
    };

    public static readonly BookSyncRule Futures = Spot with
    {
        Continuity = Continuity.PreviousIdEqualsLast, Bridge = Bridge.ContainsSnapshotId,
    };

    public static readonly BookSyncRule PreviousId = new()
    {
        Source = SnapshotSource.Socket, Continuity = Continuity.PreviousIdEqualsLast, Resync = ResyncAction.Resubscribe,
        EqualIdsAreHeartbeat = true, IdsMayReset = true,
    };

    public static readonly BookSyncRule PlusOne = PreviousId with
    {
        Continuity = Continuity.FirstIsPreviousPlusOne, EqualIdsAreHeartbeat = false, IdsMayReset = false,
    };

    public static readonly BookSyncRule Checksum = new()
    {
        Source = SnapshotSource.Socket, Continuity = Continuity.None, Resync = ResyncAction.Resubscribe,
        Checksum = new WholeBookChecksum(), PruneDepth = 10,
    };

    /// <summary>HTX: asked for on the socket, every delta names its predecessor.</summary>
    public static readonly BookSyncRule SocketRequest = Spot with
    {
        Source = SnapshotSource.SocketRequest, Continuity = Continuity.PreviousIdEqualsLast, Bridge = Bridge.PreviousEqualsSnapshotId,
    };

    /// <summary>KuCoin: deltas may overlap.</summary>
    public static readonly BookSyncRule Overlap = Spot with { Continuity = Continuity.OverlapAllowed };

    /// <summary>Coinbase, Bitfinex: only the connection's frames are counted.</summary>
    public static readonly BookSyncRule Counter = new()
    {
        Source = SnapshotSource.Socket, Continuity = Continuity.ConnectionCounter, Resync = ResyncAction.Reconnect,
    };

    /// <summary>Bitstamp: nothing but a time that grows.</summary>
    public static readonly BookSyncRule Unsequenced = Spot with
    {
        Continuity = Continuity.NeverBackwards, Bridge = Bridge.None, RefreshEvery = TimeSpan.FromSeconds(60),
    };

    public static BookSyncRule Of(string name) => name switch
    {
        nameof(Spot) => Spot,
        nameof(Futures) => Futures,
        nameof(PreviousId) => PreviousId,
        nameof(PlusOne) => PlusOne,
        nameof(Checksum) => Checksum,
        nameof(SocketRequest) => SocketRequest,
        nameof(Overlap) => Overlap,
        nameof(Counter) => Counter,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
