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

/// <summary>Where a market's calls are, what they weigh, and what it calls a fill's sides.</summary>
internal sealed record BinanceCalls
{
    public required string Order { get; init; }

    public required int OrderWeight { get; init; }

    public required string OpenOrders { get; init; }

    public required int OpenOrdersWeight { get; init; }

    public required string Fills { get; init; }

    public required int FillsWeight { get; init; }

    /// <summary>Members of a fill that say whether the account bought, and whether its order rested.</summary>
    public required string Buyer { get; init; }

    public required string Maker { get; init; }
}

/// <summary>
/// The signed calls about orders and fills, which spot and futures have alike: the same parameters and rows under other paths
/// (venues/binance.md §4.2). The account itself is told differently, so each market asks for it on top of this.
/// </summary>
internal abstract class BinanceAccountQueries(
    OrderContext context, BinanceSigner signer, OrderProtocolStatistics statistics, BinanceCalls calls) : IAccountQueries
{
    /// <summary>The largest page of fills.</summary>
    private protected const int PageMax = 1000;

    private readonly byte[] _buyer = System.Text.Encoding.UTF8.GetBytes(calls.Buyer);
    private readonly byte[] _maker = System.Text.Encoding.UTF8.GetBytes(calls.Maker);

    private protected OrderContext Context => context;

    private protected OrderProtocolStatistics Statistics => statistics;

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = id.IsNone ? $"orderId={venueOrderId}" : $"origClientOrderId={id}";
        return Get(calls.Order, $"symbol={instrument.VenueSymbol}&{key}&", calls.OrderWeight, unixNs);
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        Get(calls.OpenOrders, $"symbol={instrument.VenueSymbol}&", calls.OpenOrdersWeight, unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) =>
        Get(calls.Fills, $"symbol={instrument.VenueSymbol}&{PageSince(since)}", calls.FillsWeight, unixNs);

    public abstract RestRequest Balances(long unixNs);

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

        if (batch.Reports.Length - start.Reports >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    public abstract QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch);

    private protected RestRequest Get(string path, string parameters, int weight, long unixNs) => signer.Get(path, parameters, weight, unixNs);

    /// <summary>The parameters of a full page from a time on.</summary>
    private protected static string PageSince(ExchangeTime since)
    {
        var start = since.UnixNs > 0 ? $"startTime={since.UnixNs / 1_000_000}&" : "";
        return $"{start}limit={PageMax}&";
    }

    /// <summary>What a fill cost; negative for a rebate.</summary>
    private protected virtual long FeeOf(JsonValue commission, ref QuarantineCause cause) => commission.FeeOrZero(ref cause);

    private QuarantineCause AddFill(JsonValue trade, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = trade[_buyer].IsTrue ? Side.Buy : Side.Sell;
        report.IsMaker = trade[_maker].IsTrue;
        report.VenueOrderId = trade["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = trade["price"u8].RequirePrice(ref cause);
        report.LastQuantity = trade["qty"u8].RequireQuantity(ref cause);
        report.FeeRaw = FeeOf(trade["commission"u8], ref cause);
        report.ExchangeTime = trade["time"u8].UnixMsOrZero(ref cause);
        if (!trade["id"u8].TryInt64(out report.TradeId)) cause.KeepFirst(QuarantineCause.Malformed);
        if (!trade["commissionAsset"u8].TryText16(out report.FeeAsset) && report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
        if (!trade[_buyer].IsPresent || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }
}
