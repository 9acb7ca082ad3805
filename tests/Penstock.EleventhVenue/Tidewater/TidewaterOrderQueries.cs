using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile.</summary>
internal sealed class TidewaterOrderQueries(OrderContext context, TidewaterSigner signer) : IAccountQueries
{
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) =>
        signer.Get(id.IsNone ? $"/v1/order?order={venueOrderId}" : $"/v1/order?id={id}", unixNs);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => signer.Get($"/v1/orders?symbol={instrument.VenueSymbol}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs) =>
        signer.Get($"/v1/fills?symbol={instrument.VenueSymbol}&since={since.UnixNs / 1_000_000}", unixNs);

    public RestRequest Balances(long unixNs) => signer.Get("/v1/balances", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["code"u8].TryInt64(out var code)) return TidewaterRows.AddOrder(root, context, isAnswer: true, ref id, batch);
        if (code != TidewaterErrors.NoSuchOrder) return QuarantineCause.VenueError;
        batch.AddOrderNotFound(context.Venue, instrument.Id, id, code);
        return QuarantineCause.None;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        Rows(body, fills: false, batch);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        Rows(body, fills: true, batch);

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        return cause == QuarantineCause.None ? TidewaterRows.AddBalances(root["list"u8], context, batch) : cause;
    }

    private QuarantineCause Rows(ReadOnlySpan<byte> body, bool fills, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["list"u8].IsArray) return QuarantineCause.VenueError;
        var start = batch.Mark();
        foreach (var row in root["list"u8].Elements)
        {
            var id = ClientOrderId.None;
            cause = fills ? TidewaterRows.AddFill(row, context, batch) : TidewaterRows.AddOrder(row, context, isAnswer: true, ref id, batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }
}
