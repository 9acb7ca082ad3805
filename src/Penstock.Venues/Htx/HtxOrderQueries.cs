using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/htx.md §4.2). Off the hot path.</summary>
internal sealed class HtxOrderQueries(OrderContext context, HtxSigner signer, HtxAccount account, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    /// <summary>The largest page of orders and fills.</summary>
    private const int PageMax = 500;

    /// <summary>Fills are listed for two days at most; an hour is left for the clocks.</summary>
    private const long FillsWindowMs = 47 * 3_600_000L;

    public RestRequest Accounts(long unixNs) => signer.Get(HtxAccount.Path, "", unixNs);

    /// <summary>Ours is known to the venue for eight hours, two after the order's end; its own for good.</summary>
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) => venueOrderId.IsEmpty
        ? signer.Get("/v1/order/orders/getClientOrder", $"clientOrderId={id}", unixNs)
        : signer.Get($"/v1/order/orders/{venueOrderId}", "", unixNs);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get("/v1/order/openOrders", $"account-id={account.Id}&size={PageMax}&symbol={instrument.VenueSymbol}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var oldest = unixNs / 1_000_000 - FillsWindowMs;
        return signer.Get("/v1/order/matchresults", $"size={PageMax}&start-time={Math.Max(since.UnixNs / 1_000_000, oldest)}&symbol={instrument.VenueSymbol}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get($"{HtxAccount.Path}/{account.Id}/balance", "", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var data, out var error);
        if (error.IsPresent && HtxErrors.ReasonOf(error, out var code) == RejectReason.OrderNotFound)
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, code);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        return data.IsObject ? AddStatus(data, instrument, id, batch) : QuarantineCause.Malformed;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseRows(httpStatus, body, out var rows);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in rows.Elements)
        {
            cause = AddStatus(row, instrument, ClientOrderId.None, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseRows(httpStatus, body, out var rows);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in rows.Elements)
        {
            cause = AddFill(row, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    /// <summary>Every currency the venue lists has a row for what is free and one for what is frozen; most are empty and left out.</summary>
    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var data, out _);
        if (cause != QuarantineCause.None) return cause;
        var rows = data["list"u8];
        if (!rows.IsArray) return QuarantineCause.Malformed;
        var balances = new Dictionary<Text16, (long Free, long Locked)>();
        foreach (var row in rows.Elements)
        {
            var isFree = row["type"u8].Is("trade"u8);
            if (!isFree && !row["type"u8].Is("frozen"u8)) continue;
            var amount = row["balance"u8].AmountOrZero(ref cause);
            if (!row["currency"u8].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) return cause;
            if (!HtxAssets.TryRead(row["currency"u8], out var asset))
            {
                statistics.BalancesSkipped++;
                continue;
            }

            var (free, locked) = balances.GetValueOrDefault(asset);
            balances[asset] = isFree ? (free + amount, locked) : (free, locked + amount);
        }

        var start = batch.Mark();
        foreach (var (asset, (free, locked)) in balances)
            if (free != 0 || locked != 0 || IsTraded(asset)) batch.AddBalance(context.Venue, asset, free, locked);
        return batch.Finish(QuarantineCause.None, start);
    }

    private bool IsTraded(in Text16 asset)
    {
        foreach (var instrument in context.Instruments.All)
            if (instrument.Venue == context.Venue && (instrument.Base.Equals(asset) || instrument.Quote.Equals(asset))) return true;
        return false;
    }

    /// <summary>A single order calls its figures `field-…`, a list of them `filled-…`.</summary>
    private QuarantineCause AddStatus(JsonValue row, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        var cause = OrderFields.Identify(row["client-order-id"u8], ref asked);
        if (!row["symbol"u8].Is(Encoding.UTF8.GetBytes(instrument.VenueSymbol))) cause.KeepFirst(QuarantineCause.UnknownInstrument);
        ExecutionReport report = default;
        report.Kind = ExecutionKind.OrderStatus;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.ClientOrderId = asked;
        report.Side = HtxOrderRow.SideOf(row["type"u8], ref cause);
        report.State = HtxOrderRow.StateOf(row["state"u8]);
        report.VenueOrderId = row["id"u8].VenueOrderIdOrEmpty(ref cause);
        var single = row["field-amount"u8];
        report.CumulativeQuantity = (single.IsPresent ? single : row["filled-amount"u8]).TradedOrZero(statistics, ref cause);
        report.ExchangeTime = row["created-at"u8].UnixMsOrZero(ref cause);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report;
        return cause;
    }

    /// <summary>Without our id: the order is found by the venue's.</summary>
    private QuarantineCause AddFill(JsonValue row, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        if (!row["symbol"u8].Is(Encoding.UTF8.GetBytes(instrument.VenueSymbol))) cause.KeepFirst(QuarantineCause.UnknownInstrument);
        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = HtxOrderRow.SideOf(row["type"u8], ref cause);
        report.VenueOrderId = row["order-id"u8].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = row["price"u8].RequirePrice(ref cause);
        report.LastQuantity = row["filled-amount"u8].RequireTraded(statistics, ref cause);
        report.IsMaker = row["role"u8].Is("maker"u8);
        report.ExchangeTime = row["created-at"u8].UnixMsOrZero(ref cause);
        report.TradeId = TradeIdNumber.Of(row["trade-id"u8].GetText(scratch));
        HtxOrderRow.SetFee(row["filled-fees"u8], row["fee-currency"u8], row["filled-points"u8], row["fee-deduct-currency"u8], statistics, ref report, ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    private static QuarantineCause ParseRows(int httpStatus, ReadOnlySpan<byte> body, out JsonValue rows)
    {
        var cause = Parse(httpStatus, body, out rows, out _);
        return cause == QuarantineCause.None && !rows.IsArray ? QuarantineCause.Malformed : cause;
    }

    /// <summary>An error comes with HTTP 200: the status inside decides.</summary>
    private static QuarantineCause Parse(int httpStatus, ReadOnlySpan<byte> body, out JsonValue data, out JsonValue error)
    {
        data = error = default;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (!root.IsObject) return QuarantineCause.Malformed;
        error = root["err-code"u8];
        data = root["data"u8];
        if (httpStatus != 200 || !root["status"u8].Is("ok"u8)) return QuarantineCause.VenueError;
        error = default;
        return QuarantineCause.None;
    }

    private QuarantineCause Finish(QuarantineCause cause, ExecutionBatch batch, BatchMark start)
    {
        if (batch.Reports.Length - start.Reports >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }
}
