using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>
/// An order as Gate writes it on `spot.orders`, in answers to requests and in REST answers: one shape, but the channel has an
/// `event` where the others have a `status` (venues/gateio.md §4.2 to §4.4).
/// </summary>
internal static class GateioOrderRow
{
    private const int OrderId = 0, Text = 1, Pair = 2, Event = 3, Status = 4, Type = 5, BuySell = 6, Amount = 7, Left = 8, Filled = 9,
        FinishAs = 10, UpdateTime = 11, LimitPrice = 12;

    private static readonly JsonFields Fields = new(
        "id", "text", "currency_pair", "event", "status", "type", "side", "amount", "left", "filled_amount", "finish_as", "update_time_ms", "price");

    /// <summary>Our id out of a `text`; the venue writes `t-` before it, and "apiv4" or "web" for orders that had none.</summary>
    public static ClientOrderId IdOf(JsonValue text)
    {
        Span<byte> scratch = stackalloc byte[64];
        var plain = text.IsString ? text.GetText(scratch) : default;
        return plain.StartsWith("t-"u8) && ClientOrderId.TryParse(plain[2..], out var id) ? id : ClientOrderId.None;
    }

    /// <summary>
    /// The instrument a row names. False with a cause for an order of ours on an instrument we do not know; false without one
    /// for somebody else's, which is counted.
    /// </summary>
    public static bool TryInstrument(
        JsonValue pair, ClientOrderId id, OrderContext context, OrderProtocolStatistics statistics, out InstrumentId instrument, out QuarantineCause cause)
    {
        instrument = default;
        cause = pair.IsString ? QuarantineCause.None : QuarantineCause.Malformed;
        if (!pair.IsString) return false;
        Span<byte> scratch = stackalloc byte[64];
        if (context.Instruments.TryFind(context.Venue, pair.GetText(scratch), out instrument)) return true;
        if (id.IsNone) statistics.ReportsForeign++;
        else cause = QuarantineCause.UnknownInstrument;
        return false;
    }

    /// <summary>A row of the private channel.</summary>
    public static QuarantineCause Add(JsonValue row, OrderContext context, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var id = IdOf(fields[Text]);
        if (!TryInstrument(fields[Pair], id, context, statistics, out var instrument, out cause)) return cause;
        cause = Read(fields, context, instrument, id, out var report);
        // An end that is neither a fill nor somebody's wish may also have been told as a refusal: as a status both go together.
        report.Kind = report.State switch
        {
            OrderState.Working => ExecutionKind.Accepted,
            OrderState.Filled => ExecutionKind.Filled,
            OrderState.Cancelled when report.Reason == RejectReason.None => ExecutionKind.Cancelled,
            _ => ExecutionKind.OrderStatus,
        };
        if (cause == QuarantineCause.None) batch.AddReport(report.Kind) = report;
        return cause;
    }

    /// <summary>A row of a REST answer: an OrderStatus report.</summary>
    /// <param name="asked">The id asked for; none takes the row's own.</param>
    public static QuarantineCause AddStatus(JsonValue row, OrderContext context, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var named = IdOf(fields[Text]);
        if (!asked.IsNone && !named.IsNone && named != asked) return QuarantineCause.Malformed;
        cause = Read(fields, context, instrument.Id, asked.IsNone ? named : asked, out var report);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return cause;
    }

    /// <summary>
    /// The answer to a placed order. Only an order that rests untouched is taken from here; what else became of it the private
    /// channels tell, fills first of all, and until they do the order counts as acknowledged and no more.
    /// </summary>
    public static QuarantineCause AddPlaced(JsonValue row, OrderContext context, ClientOrderId order, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (IdOf(fields[Text]) is { IsNone: false } named && named != order) return QuarantineCause.Malformed;
        var venueId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        var time = fields[UpdateTime].MsOrZero(ref cause);
        var rests = fields[Status].Is("open"u8) && FilledOf(fields, ref cause).Raw == 0;
        if (venueId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(rests ? ExecutionKind.Accepted : ExecutionKind.Acked);
        report.State = rests ? OrderState.Working : OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        report.ExchangeTime = time;
        return QuarantineCause.None;
    }

    /// <summary>The answer to an amendment; of an order that ended meanwhile the channel tells.</summary>
    public static QuarantineCause AddAmended(JsonValue row, OrderContext context, ClientOrderId order, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (IdOf(fields[Text]) is { IsNone: false } named && named != order) return QuarantineCause.Malformed;
        if (!fields[Status].IsString) return QuarantineCause.Malformed;
        if (!fields[Status].Is("open"u8)) return QuarantineCause.None;
        var filled = FilledOf(fields, ref cause);
        var (price, amount) = (fields[LimitPrice].RequirePrice(ref cause), fields[Amount].RequireQuantity(ref cause));
        var venueId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        var time = fields[UpdateTime].MsOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Amended);
        report.State = filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        report.LastPrice = price;
        report.LastQuantity = amount;
        report.CumulativeQuantity = filled;
        report.ExchangeTime = time;
        return QuarantineCause.None;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("buy"u8)) return Side.Buy;
        if (text.Is("sell"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    private static QuarantineCause Read(
        in JsonPicked fields, OrderContext context, InstrumentId instrument, ClientOrderId id, out ExecutionReport report)
    {
        var cause = QuarantineCause.None;
        report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = FilledOf(fields, ref cause);
        report.ExchangeTime = fields[UpdateTime].MsOrZero(ref cause);
        report.State = StateOf(fields, report.CumulativeQuantity);
        if (report.State == OrderState.Cancelled && fields[FinishAs].Is("poc"u8)) report.Reason = RejectReason.WouldTakeLiquidity;
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    /// <summary>What is not left is filled; except where the amount is money, in a market buy, which is never ours.</summary>
    private static Quantity FilledOf(in JsonPicked fields, ref QuarantineCause cause)
    {
        if (fields[Type].Is("market"u8) && fields[BuySell].Is("buy"u8)) return fields[Filled].QuantityOrZero(ref cause);
        var filled = fields[Amount].RequireCumulative(ref cause).Raw - fields[Left].RequireCumulative(ref cause).Raw;
        if (filled < 0) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return new Quantity(filled);
    }

    private static OrderState StateOf(in JsonPicked fields, Quantity filled)
    {
        if (fields[Event].Is("finish"u8) || fields[Status].Is("closed"u8) || fields[Status].Is("cancelled"u8)) return EndOf(fields[FinishAs], fields);
        var isOpen = fields[Event].Is("put"u8) || fields[Event].Is("update"u8) || fields[Status].Is("open"u8);
        if (!isOpen) return OrderState.None;
        return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
    }

    /// <summary>"closed" means filled, unless it says otherwise of itself.</summary>
    private static OrderState EndOf(JsonValue finishAs, in JsonPicked fields)
    {
        if (finishAs.Is("filled"u8) || (!finishAs.IsString && fields[Status].Is("closed"u8))) return OrderState.Filled;
        return finishAs.Is("ioc"u8) || finishAs.Is("fok"u8) || finishAs.Is("depth_not_enough"u8) || finishAs.Is("trader_not_enough"u8)
            || finishAs.Is("small"u8) ? OrderState.Expired : OrderState.Cancelled;
    }
}
