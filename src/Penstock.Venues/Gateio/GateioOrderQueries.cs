using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/gateio.md §4.2). Off the hot path.</summary>
internal sealed class GateioOrderQueries(OrderContext context, GateioSigner signer, GateioExecutionDecoder decoder, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    private const int OrdersMax = 100;

    private const int FillsMax = 1000;

    /// <summary>By the venue's id where it is known: ours is forgotten an hour after the order ended.</summary>
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) =>
        signer.Get($"/api/v4/spot/orders/{(venueOrderId.IsEmpty ? $"t-{id}" : venueOrderId.ToString())}", PairOf(instrument), unixNs);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get("/api/v4/spot/orders", $"{PairOf(instrument)}&status=open&limit={OrdersMax}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var from = since.UnixNs > 0 ? $"&from={since.UnixNs / 1_000_000_000}" : "";
        return signer.Get("/api/v4/spot/my_trades", $"{PairOf(instrument)}&limit={FillsMax}{from}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get("/api/v4/spot/accounts", "", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root);
        if (GateioErrors.IsNoSuchOrder(root["label"u8]))
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, httpStatus);
            return QuarantineCause.None;
        }

        return cause == QuarantineCause.None ? GateioOrderRow.AddStatus(root, context, instrument, id, batch) : cause;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        var symbol = Encoding.UTF8.GetBytes(instrument.VenueSymbol);
        foreach (var row in root.Elements)
        {
            cause = row["currency_pair"u8].Is(symbol)
                ? GateioOrderRow.AddStatus(row, context, instrument, ClientOrderId.None, batch) : QuarantineCause.UnknownInstrument;
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start, OrdersMax);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in root.Elements)
        {
            cause = GateioFillRow.Add(row, context, instrument.Id, statistics, batch);
            if (cause != QuarantineCause.None) break;
        }

        return Finish(cause, batch, start, FillsMax);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        var rows = 0;
        foreach (var row in root.Elements)
        {
            rows++;
            cause = decoder.AddBalance(row, "locked"u8, batch);
            if (cause != QuarantineCause.None) break;
        }

        // An account that owns nothing at all is no account to trade with; more likely the answer is not what it should be.
        if (rows == 0) cause = QuarantineCause.Malformed;
        return batch.Finish(cause, start);
    }

    private static string PairOf(Instrument instrument) => $"currency_pair={Uri.EscapeDataString(instrument.VenueSymbol)}";

    private static QuarantineCause Parse(int httpStatus, ReadOnlySpan<byte> body, out JsonValue root)
    {
        var cause = JsonValue.Parse(body, out root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        return httpStatus == 200 && !root["label"u8].IsPresent ? QuarantineCause.None : QuarantineCause.VenueError;
    }

    private static QuarantineCause ParseList(int httpStatus, ReadOnlySpan<byte> body, out JsonValue root)
    {
        var cause = Parse(httpStatus, body, out root);
        return cause == QuarantineCause.None && !root.IsArray ? QuarantineCause.Malformed : cause;
    }

    private QuarantineCause Finish(QuarantineCause cause, ExecutionBatch batch, BatchMark start, int rowsMax)
    {
        if (batch.Reports.Length - start.Reports >= rowsMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }
}
