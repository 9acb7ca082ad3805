using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/bybit.md §4.2). Off the hot path.</summary>
internal sealed class BybitOrderQueries(
    OrderContext context, BybitSigner signer, BybitExecutionDecoder decoder, OrderProtocolStatistics statistics) : IAccountQueries
{
    /// <summary>The largest page of open orders, and of fills.</summary>
    private const int OrdersPageMax = 50, FillsPageMax = 100;

    /// <summary>
    /// A start alone asks for the seven days after it, not for all since: an older one would miss today. A minute is for the way.
    /// </summary>
    private const long FillsSpanMs = 7 * 24 * 60 * 60 * 1000L - 60_000;

    /// <summary>By id the call finds open orders and the last five hundred that ended.</summary>
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = id.IsNone ? $"orderId={venueOrderId}" : $"orderLinkId={id}";
        return signer.Get("/v5/order/realtime", $"{Of(instrument)}&{key}", unixNs);
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get("/v5/order/realtime", $"{Of(instrument)}&openOnly=0&limit={OrdersPageMax}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var startMs = Math.Max(since.UnixNs, unixNs - FillsSpanMs * 1_000_000) / 1_000_000;
        return signer.Get("/v5/execution/list", $"{Of(instrument)}&startTime={startMs}&limit={FillsPageMax}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get("/v5/account/wallet-balance", "accountType=UNIFIED", unixNs);

    /// <summary>The trade socket has no such request.</summary>
    public RestRequest CancelAll(Instrument instrument, long unixNs) =>
        signer.Post("/v5/order/cancel-all", $$"""{"category":"{{BybitVenue.Category}}","symbol":"{{instrument.VenueSymbol}}"}""", unixNs);

    /// <summary>What became of each order is told by the `order` topic.</summary>
    public static QuarantineCause DecodeCancelAll(int httpStatus, ReadOnlySpan<byte> body) => ParseList(httpStatus, body, out _, out _);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var list, out var code);
        if (BybitErrors.ReasonOf(code) != RejectReason.OrderNotFound)
        {
            if (cause != QuarantineCause.None) return cause;
            foreach (var row in list.Elements) return BybitOrderRow.AddStatus(row, context, instrument, id, batch);
        }

        batch.AddOrderNotFound(context.Venue, instrument.Id, id, code);
        return QuarantineCause.None;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var list, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in list.Elements)
        {
            cause = BybitOrderRow.AddStatus(row, context, instrument, ClientOrderId.None, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, OrdersPageMax, batch, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var list, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in list.Elements)
        {
            cause = BybitFill.Add(row, context, instrument, statistics, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, FillsPageMax, batch, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var list, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var account in list.Elements)
        {
            cause = decoder.AddBalances(account["coin"u8], batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    private static string Of(Instrument instrument) => $"category={BybitVenue.Category}&symbol={instrument.VenueSymbol}";

    /// <summary>An error comes with HTTP 200: the code decides.</summary>
    private static QuarantineCause ParseList(int httpStatus, ReadOnlySpan<byte> body, out JsonValue list, out long code)
    {
        code = 0;
        list = default;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (!root["retCode"u8].TryInt64(out code)) return QuarantineCause.Malformed;
        list = root["result"u8]["list"u8];
        if (httpStatus != 200 || code != 0) return QuarantineCause.VenueError;
        return list.IsArray ? QuarantineCause.None : QuarantineCause.Malformed;
    }

    private QuarantineCause Finish(QuarantineCause cause, int pageMax, ExecutionBatch batch, BatchMark start)
    {
        if (batch.Reports.Length - start.Reports >= pageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }
}
