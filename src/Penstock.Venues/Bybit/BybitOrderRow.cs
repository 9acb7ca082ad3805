using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// An order as Bybit writes it on the `order` topic and in `order/realtime`: one shape for both (venues/bybit.md §4.2, §4.4). It tells
/// what became of the order and how much of it traded; the trades themselves come by <see cref="BybitFill"/>.
/// </summary>
internal static class BybitOrderRow
{
    private const int Symbol = 0, ClientId = 1, OrderId = 2, Status = 3, BuySell = 4, Cumulative = 5, RejectedFor = 6, UpdateTime = 7,
        Category = 8, LimitPrice = 9, Total = 10;

    private static readonly JsonFields Fields = new(
        "symbol", "orderLinkId", "orderId", "orderStatus", "side", "cumExecQty", "rejectReason", "updatedTime", "category",
        "price", "qty");

    /// <summary>A row of the private topic.</summary>
    public static QuarantineCause Add(
        JsonValue row, OrderContext context, OrderProtocolStatistics statistics, BybitAmendTable amends, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id);
        cause = FindInstrument(fields[Category], fields[Symbol], id, context, out var instrument);
        if (cause != QuarantineCause.None) return cause;
        if (instrument == InstrumentId.None)
        {
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        cause = ReadState(fields, context, instrument, id, out var report);
        if (cause != QuarantineCause.None) return cause;
        report.Kind = KindOf(report.State);
        if (report.Kind is ExecutionKind.Cancelled or ExecutionKind.Rejected) report.Reason = ReasonOf(fields[RejectedFor], report.Kind);
        AddAmended(fields, report, amends, batch);
        batch.AddReport(report.Kind) = report;
        return QuarantineCause.None;
    }

    /// <summary>Tells of a change when the order stands as it was asked to; an order that ended is changed no more.</summary>
    private static void AddAmended(in JsonPicked fields, in ExecutionReport report, BybitAmendTable amends, ExecutionBatch batch)
    {
        if (report.Kind is not (ExecutionKind.Accepted or ExecutionKind.OrderStatus))
        {
            amends.Remove(report.ClientOrderId);
            return;
        }

        var cause = QuarantineCause.None;
        var (price, quantity) = (fields[LimitPrice].RequirePrice(ref cause), fields[Total].RequireQuantity(ref cause));
        if (cause != QuarantineCause.None || !amends.TryTake(report.ClientOrderId, price, quantity)) return;
        ref var amended = ref batch.AddReport(ExecutionKind.Amended);
        amended = report with { Kind = ExecutionKind.Amended, LastPrice = price, LastQuantity = quantity };
    }

    /// <summary>A row of a REST answer: an OrderStatus report.</summary>
    /// <param name="asked">The id asked for; none takes the row's own.</param>
    public static QuarantineCause AddStatus(JsonValue row, OrderContext context, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!IsOf(fields[Symbol], instrument)) return QuarantineCause.UnknownInstrument;
        cause = OrderFields.Identify(fields[ClientId], ref asked);
        if (cause != QuarantineCause.None) return cause;
        cause = ReadState(fields, context, instrument.Id, asked, out var report);
        if (cause != QuarantineCause.None) return cause;
        if (report.State is OrderState.Cancelled or OrderState.Rejected)
            report.Reason = ReasonOf(fields[RejectedFor], report.State == OrderState.Rejected ? ExecutionKind.Rejected : ExecutionKind.Cancelled);
        batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return QuarantineCause.None;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("Buy"u8)) return Side.Buy;
        if (text.Is("Sell"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    /// <summary>
    /// None and no instrument for what is somebody else's: another category, or a pair we do not know and an id we did not give.
    /// </summary>
    public static QuarantineCause FindInstrument(
        JsonValue category, JsonValue symbol, ClientOrderId id, OrderContext context, out InstrumentId instrument)
    {
        instrument = InstrumentId.None;
        if (!symbol.IsString) return QuarantineCause.Malformed;
        if (category.IsPresent && !category.Is("spot"u8)) return QuarantineCause.None;
        if (context.Instruments.TryFind(context.Venue, symbol, out instrument)) return QuarantineCause.None;
        return id.IsNone ? QuarantineCause.None : QuarantineCause.UnknownInstrument;
    }

    /// <summary>Off the hot path: an answer is compared with what was asked for.</summary>
    public static bool IsOf(JsonValue symbol, Instrument instrument) =>
        string.Equals(symbol.ToText(), instrument.VenueSymbol, StringComparison.Ordinal);

    private static QuarantineCause ReadState(
        in JsonPicked fields, OrderContext context, InstrumentId instrument, ClientOrderId id, out ExecutionReport report)
    {
        var cause = QuarantineCause.None;
        report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Cumulative].QuantityOrZero(ref cause);
        report.ExchangeTime = fields[UpdateTime].UnixMsOrZero(ref cause);
        report.State = StateOf(fields[Status]);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    /// <summary>A conditional order waits (Untriggered), is on its way (Triggered) or was given up (Deactivated). Nothing expires.</summary>
    private static OrderState StateOf(JsonValue status)
    {
        if (status.Is("New"u8) || status.Is("Untriggered"u8) || status.Is("Triggered"u8)) return OrderState.Working;
        if (status.Is("PartiallyFilled"u8)) return OrderState.PartiallyFilled;
        if (status.Is("Filled"u8)) return OrderState.Filled;
        if (status.Is("Cancelled"u8) || status.Is("PartiallyFilledCanceled"u8) || status.Is("Deactivated"u8)) return OrderState.Cancelled;
        return status.Is("Rejected"u8) ? OrderState.Rejected : OrderState.None;
    }

    private static ExecutionKind KindOf(OrderState state) => state switch
    {
        OrderState.Working => ExecutionKind.Accepted,
        OrderState.Filled => ExecutionKind.Filled,
        OrderState.Cancelled => ExecutionKind.Cancelled,
        OrderState.Rejected => ExecutionKind.Rejected,
        _ => ExecutionKind.OrderStatus,
    };

    /// <summary>What an immediate order could not fill is no reason: its remainder was to be cancelled.</summary>
    private static RejectReason ReasonOf(JsonValue text, ExecutionKind kind)
    {
        if (text.Is("EC_PostOnlyWillTakeLiquidity"u8)) return RejectReason.WouldTakeLiquidity;
        return kind == ExecutionKind.Rejected ? RejectReason.Rejected : RejectReason.None;
    }
}
