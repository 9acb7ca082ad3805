using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/kucoin.md §4.2). Off the hot path.</summary>
internal sealed class KucoinOrderQueries(
    OrderContext context, KucoinSigner signer, KucoinExecutionDecoder decoder, KucoinAlterations alterations, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    /// <summary>The largest page of orders and fills.</summary>
    private const int PageMax = 100;

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = id.IsNone ? venueOrderId.ToString() : $"client-order/{id}";
        return signer.Get($"/api/v1/hf/orders/{key}?symbol={instrument.VenueSymbol}", 2, unixNs);
    }

    /// <summary>The unpaged form of this call was withdrawn in March 2025.</summary>
    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get($"/api/v1/hf/orders/active/page?symbol={instrument.VenueSymbol}&pageNum=1&pageSize={PageMax}", 2, unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var start = since.UnixNs > 0 ? $"&startAt={since.UnixNs / 1_000_000}" : "";
        return signer.Get($"/api/v1/hf/fills?symbol={instrument.VenueSymbol}&limit={PageMax}{start}", 2, unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get("/api/v1/accounts?type=trade", 5, unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out var data, out var code, out var reason);
        // A success without an order says the same as the error.
        if (cause == QuarantineCause.None ? data.IsNull : reason == RejectReason.OrderNotFound)
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, cause == QuarantineCause.None ? 0 : code);
            cause = QuarantineCause.None;
        }
        else if (cause == QuarantineCause.None)
        {
            cause = KucoinOrderRow.AddStatus(data, context, instrument, id, batch);
        }

        if (cause == QuarantineCause.None) alterations.Learn(in batch.Reports[^1]);
        return cause;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = OpenItems(httpStatus, body, out var items);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in items.Elements)
        {
            cause = KucoinOrderRow.AddStatus(row, context, instrument, ClientOrderId.None, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = OpenItems(httpStatus, body, out var items);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in items.Elements)
        {
            cause = KucoinOrderRow.AddFill(row, context, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out var data, out _, out _);
        if (cause != QuarantineCause.None) return cause;
        if (!data.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var row in data.Elements)
        {
            // The main account is another pocket: orders cannot spend from it.
            if (!row["type"u8].Is("trade"u8)) continue;
            cause = decoder.AddBalance(row["currency"u8], row["available"u8], row["holds"u8], batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    /// <summary>A page has its rows under `items`; the older calls answer with the rows alone.</summary>
    private static QuarantineCause OpenItems(int httpStatus, ReadOnlySpan<byte> body, out JsonValue items)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out items, out _, out _);
        if (items.IsObject) items = items["items"u8];
        return cause != QuarantineCause.None || items.IsArray ? cause : QuarantineCause.Malformed;
    }

    private QuarantineCause Finish(QuarantineCause cause, ExecutionBatch batch, BatchMark start)
    {
        if (batch.Reports.Length - start.Reports >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }
}
