using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/okx.md §4.2). Off the hot path.</summary>
internal sealed class OkxOrderQueries(OrderContext context, OkxSigner signer, OkxExecutionDecoder decoder, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    /// <summary>The largest page of orders and fills.</summary>
    private const int PageMax = 100;

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = id.IsNone ? $"ordId={venueOrderId}" : $"clOrdId={id}";
        return signer.Get($"/api/v5/trade/order?instId={instrument.VenueSymbol}&{key}", unixNs);
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get($"/api/v5/trade/orders-pending?instType=SPOT&instId={instrument.VenueSymbol}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var begin = since.UnixNs > 0 ? $"&begin={since.UnixNs / 1_000_000}" : "";
        return signer.Get($"/api/v5/trade/fills?instType=SPOT&instId={instrument.VenueSymbol}{begin}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get("/api/v5/account/balance", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseData(httpStatus, body, out var data, out var code);
        if (code == OkxErrors.NoSuchOrder)
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, code);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        foreach (var row in data.Elements) return OkxOrderRow.AddStatus(row, context, instrument, id, batch);
        return QuarantineCause.Malformed;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseData(httpStatus, body, out var data, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        var symbol = Encoding.UTF8.GetBytes(instrument.VenueSymbol);
        foreach (var row in data.Elements)
        {
            cause = row["instId"u8].Is(symbol)
                ? OkxOrderRow.AddStatus(row, context, instrument, ClientOrderId.None, batch) : QuarantineCause.UnknownInstrument;
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseData(httpStatus, body, out var data, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in data.Elements)
        {
            cause = AddFill(row, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseData(httpStatus, body, out var data, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var account in data.Elements)
        {
            cause = decoder.AddBalances(account["details"u8], batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    private QuarantineCause AddFill(JsonValue row, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = OkxOrderRow.SideOf(row["side"u8], ref cause);
        report.VenueOrderId = row["ordId"u8].VenueOrderIdOrEmpty(ref cause);
        ClientOrderId.TryParse(row["clOrdId"u8].GetText(scratch), out report.ClientOrderId);
        report.LastPrice = row["fillPx"u8].RequirePrice(ref cause);
        report.LastQuantity = row["fillSz"u8].RequireQuantity(ref cause);
        report.IsMaker = row["execType"u8].Is("M"u8);
        var time = row["fillTime"u8];
        report.ExchangeTime = (time.IsEmpty ? row["ts"u8] : time).UnixMsOrZero(ref cause);
        report.TradeId = TradeIdNumber.Of(row["tradeId"u8].GetText(scratch));
        OkxOrderRow.SetFee(row["fee"u8], row["feeCcy"u8], ref report, ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    /// <summary>An error can come with HTTP 200 and a success with any data: the code decides.</summary>
    private static QuarantineCause ParseData(int httpStatus, ReadOnlySpan<byte> body, out JsonValue data, out long code)
    {
        code = 0;
        data = default;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (!root["code"u8].TryInt64(out code)) return QuarantineCause.Malformed;
        data = root["data"u8];
        if (httpStatus != 200 || code != 0) return QuarantineCause.VenueError;
        return data.IsArray ? QuarantineCause.None : QuarantineCause.Malformed;
    }

    private QuarantineCause Finish(QuarantineCause cause, ExecutionBatch batch, BatchMark start)
    {
        if (batch.Reports.Length - start.Reports >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }
}
