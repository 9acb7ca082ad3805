using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;

namespace Penstock.Venues.Binance;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/binance.md §4.2). Off the hot path.</summary>
internal sealed class BinanceOrderQueries(
    OrderContext context, BinanceSigner signer, BinanceExecutionDecoder decoder, OrderProtocolStatistics statistics)
    : BinanceAccountQueries(context, signer, statistics, Calls)
{
    private static readonly BinanceCalls Calls = new()
    {
        Order = "/api/v3/order", OrderWeight = 4, OpenOrders = "/api/v3/openOrders", OpenOrdersWeight = 6,
        Fills = "/api/v3/myTrades", FillsWeight = 20, Buyer = "isBuyer", Maker = "isMaker",
    };

    public override RestRequest Balances(long unixNs) => Get("/api/v3/account", "omitZeroBalances=true&", 20, unixNs);

    public override QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        return cause == QuarantineCause.None
            ? decoder.DecodeBalances(root["balances"u8], "asset"u8, "free"u8, "locked"u8, batch) : cause;
    }
}
