using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/binance.md §4.2). Off the hot path.</summary>
internal sealed class BinanceOrderQueries(
    OrderContext context, BinanceSigner signer, BinanceExecutionDecoder decoder, OrderProtocolStatistics statistics) : IAccountQueries
{
    /// <summary>The largest page of myTrades.</summary>
    private const int FillsMax = 1000;

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = id.IsNone ? $"orderId={venueOrderId}" : $"origClientOrderId={id}";
        return signer.Get("/api/v3/order", $"symbol={instrument.VenueSymbol}&{key}&", 4, unixNs);
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get("/api/v3/openOrders", $"symbol={instrument.VenueSymbol}&", 6, unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var start = since.UnixNs > 0 ? $"startTime={since.UnixNs / 1_000_000}&" : "";
        return signer.Get("/api/v3/myTrades", $"symbol={instrument.VenueSymbol}&{start}limit={FillsMax}&", 20, unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get("/api/v3/account", "omitZeroBalances=true&", 20, unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        BinanceOrderRow.DecodeQuery(context.Venue, id, instrument, httpStatus, body, batch);

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        BinanceOrderRow.DecodeOpenOrders(context.Venue, instrument, httpStatus, body, batch);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = BinanceOrderRow.ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var trade in root.Elements)
        {
            cause = AddFill(trade, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        if (batch.Reports.Length - start.Reports >= FillsMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        return cause == QuarantineCause.None
            ? decoder.DecodeBalances(root["balances"u8], "asset"u8, "free"u8, "locked"u8, batch) : cause;
    }

    private QuarantineCause AddFill(JsonValue trade, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = trade["isBuyer"u8].IsTrue ? Side.Buy : Side.Sell;
        report.IsMaker = trade["isMaker"u8].IsTrue;
        report.VenueOrderId = trade["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = trade["price"u8].RequirePrice(ref cause);
        report.LastQuantity = trade["qty"u8].RequireQuantity(ref cause);
        report.FeeRaw = trade["commission"u8].FeeOrZero(ref cause);
        report.ExchangeTime = trade["time"u8].UnixMsOrZero(ref cause);
        if (!trade["id"u8].TryInt64(out report.TradeId)) cause.KeepFirst(QuarantineCause.Malformed);
        if (!trade["commissionAsset"u8].TryText16(out report.FeeAsset) && report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
        if (!trade["isBuyer"u8].IsPresent || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }
}
