using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// An order as Coinbase writes it on the `user` channel and in REST answers: the same words, but side and total have two names
/// (venues/coinbase.md §A5). There are no fills in either, only totals.
/// </summary>
internal static class CoinbaseOrderRow
{
    private const int Product = 0, ClientId = 1, OrderId = 2, Status = 3, StreamSide = 4, RestSide = 5, StreamTotal = 6, RestTotal = 7,
        RejectReason = 8, CancelReason = 9;

    private static readonly JsonFields Fields = new(
        "product_id", "client_order_id", "order_id", "status", "order_side", "side", "cumulative_quantity", "filled_size", "reject_reason",
        "cancel_reason");

    /// <summary>A row of the user channel; asks for the fills where its total grew.</summary>
    public static QuarantineCause Add(
        JsonValue row, OrderContext context, CoinbaseOpenOrders open, OrderProtocolStatistics statistics, ExchangeTime time, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[Product].IsString) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id);
        if (!context.Instruments.TryFind(context.Venue, fields[Product], out var instrument))
        {
            if (!id.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        cause = ReadState(fields, context, instrument, id, out var report);
        if (cause != QuarantineCause.None) return cause;
        report.ExchangeTime = time;
        report.Kind = KindOf(report.State, fields[Status]);
        if (report.State is OrderState.Rejected or OrderState.Cancelled) SetReason(fields, ref report);
        if (open.Note(in report)) batch.RequestFills(instrument);
        batch.AddReport(report.Kind) = report;
        return QuarantineCause.None;
    }

    /// <summary>A row of a REST answer: an OrderStatus report.</summary>
    /// <param name="row">The order.</param>
    /// <param name="context">Venue and instruments.</param>
    /// <param name="open">Takes note of it.</param>
    /// <param name="instrument">Asked for.</param>
    /// <param name="asked">The id asked for; none takes the row's own.</param>
    /// <param name="batch">Gets the report.</param>
    public static QuarantineCause AddStatus(
        JsonValue row, OrderContext context, CoinbaseOpenOrders open, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!context.Instruments.TryFind(context.Venue, fields[Product], out var named) || named != instrument.Id)
            return QuarantineCause.UnknownInstrument;
        cause = OrderFields.Identify(fields[ClientId], ref asked);
        if (cause != QuarantineCause.None) return cause;
        cause = ReadState(fields, context, instrument.Id, asked, out var report);
        if (cause != QuarantineCause.None) return cause;
        if (report.State == OrderState.Rejected) SetReason(fields, ref report);
        if (open.Note(in report)) batch.RequestFills(instrument.Id);
        batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return QuarantineCause.None;
    }

    /// <summary>Our id of a row, none for a foreign one.</summary>
    public static ClientOrderId IdOf(JsonValue row)
    {
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(row["client_order_id"u8].GetText(scratch), out var id);
        return id;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("BUY"u8)) return Side.Buy;
        if (text.Is("SELL"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    private static QuarantineCause ReadState(
        in JsonPicked fields, OrderContext context, InstrumentId instrument, ClientOrderId id, out ExecutionReport report)
    {
        var cause = QuarantineCause.None;
        report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[StreamSide].IsPresent ? fields[StreamSide] : fields[RestSide], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = (fields[StreamTotal].IsPresent ? fields[StreamTotal] : fields[RestTotal]).QuantityOrZero(ref cause);
        report.State = StateOf(fields[Status], report.CumulativeQuantity);
        if (report.State == OrderState.None || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    private static OrderState StateOf(JsonValue status, Quantity filled)
    {
        if (status.Is("OPEN"u8) || status.Is("CANCEL_QUEUED"u8) || status.Is("EDIT_QUEUED"u8))
            return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        return status.Is("PENDING"u8) || status.Is("QUEUED"u8) ? OrderState.Acked
            : status.Is("FILLED"u8) ? OrderState.Filled
            : status.Is("CANCELLED"u8) ? OrderState.Cancelled
            : status.Is("EXPIRED"u8) ? OrderState.Expired
            : status.Is("FAILED"u8) ? OrderState.Rejected
            : OrderState.None;
    }

    private static ExecutionKind KindOf(OrderState state, JsonValue status) => state switch
    {
        OrderState.Acked => ExecutionKind.Acked,
        OrderState.Working when status.Is("OPEN"u8) => ExecutionKind.Accepted,
        OrderState.Filled => ExecutionKind.Filled,
        OrderState.Cancelled => ExecutionKind.Cancelled,
        OrderState.Expired => ExecutionKind.Expired,
        OrderState.Rejected => ExecutionKind.Rejected,
        _ => ExecutionKind.OrderStatus,
    };

    private static void SetReason(in JsonPicked fields, ref ExecutionReport report)
    {
        var reason = CoinbaseErrors.ReasonOf(fields[RejectReason], fields[CancelReason], default);
        if (report.State == OrderState.Rejected || reason == Model.Orders.RejectReason.WouldTakeLiquidity) report.Reason = reason;
    }
}
