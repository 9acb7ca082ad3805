using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>Orders as the REST interfaces of spot and futures tell them: alike in every field that is read here (venues/binance.md §4.2).</summary>
internal static class BinanceOrderRow
{
    public static QuarantineCause DecodeQuery(
        VenueId venue, ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (root["code"u8].TryInt64(out var code))
        {
            if (code != BinanceErrors.NoSuchOrder) return QuarantineCause.VenueError;
            batch.AddOrderNotFound(venue, instrument.Id, id, code);
            return QuarantineCause.None;
        }

        return httpStatus == 200 ? AddStatus(venue, root, instrument, id, batch) : QuarantineCause.VenueError;
    }

    public static QuarantineCause DecodeOpenOrders(
        VenueId venue, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseList(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var order in root.Elements)
        {
            cause = order["symbol"u8].Is(System.Text.Encoding.UTF8.GetBytes(instrument.VenueSymbol))
                ? AddStatus(venue, order, instrument, ClientOrderId.None, batch) : QuarantineCause.UnknownInstrument;
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    private static QuarantineCause AddStatus(VenueId venue, JsonValue order, Instrument instrument, ClientOrderId id, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        ExecutionReport report = default;
        report.Kind = ExecutionKind.OrderStatus;
        report.State = BinanceReports.StateOf(order["status"u8]);
        report.Venue = venue;
        report.Instrument = instrument.Id;
        report.Side = BinanceReports.SideOf(order["side"u8], ref cause);
        report.VenueOrderId = order["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = order["executedQty"u8].RequireCumulative(ref cause);
        report.ExchangeTime = order["updateTime"u8].UnixMsOrZero(ref cause);
        cause.KeepFirst(OrderFields.Identify(order["clientOrderId"u8], ref id));
        report.ClientOrderId = id;
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report;
        return cause;
    }

    /// <summary>An array; the venue's error object is none.</summary>
    public static QuarantineCause ParseList(int httpStatus, ReadOnlySpan<byte> body, out JsonValue root)
    {
        var cause = JsonValue.Parse(body, out root);
        if (httpStatus != 200 || (cause == QuarantineCause.None && root.IsObject)) return QuarantineCause.VenueError;
        return cause == QuarantineCause.None && !root.IsArray ? QuarantineCause.Malformed : cause;
    }
}
