using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>
/// What the frames of spot and futures tell alike: an answer to an order, and the members of a report, which have the same one-letter names
/// (venues/binance.md §4.2-§4.4). What a report is about, and what else it says, each decoder reads for itself.
/// </summary>
internal sealed class BinanceReports(OrderContext context, OrderProtocolStatistics statistics)
{
    public const int Symbol = 0, ClientId = 1, BuySell = 2, Execution = 3, Status = 4, OrderId = 5, LastQuantity = 6, Cumulative = 7,
        LastPrice = 8, Fee = 9, FeeAsset = 10, Time = 11, TradeId = 12, IsMaker = 13;

    /// <summary>The first index of a decoder's own members.</summary>
    public const int OwnFields = 14;

    /// <summary>Put before a decoder's own names, so that the indices above are valid for both.</summary>
    public static readonly string[] FieldNames = ["s", "c", "S", "x", "X", "i", "l", "z", "L", "n", "N", "T", "t", "m"];

    /// <summary>An answer that only says that the order arrived.</summary>
    /// <param name="result">The answer's content.</param>
    /// <param name="time">Its member that says when, in milliseconds.</param>
    /// <param name="order">The order it is about.</param>
    /// <param name="batch">Takes the report.</param>
    public QuarantineCause AddAck(JsonValue result, JsonValue time, ClientOrderId order, ExecutionBatch batch)
    {
        var cause = result.IsObject ? QuarantineCause.None : QuarantineCause.Malformed;
        var venueId = result["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        var exchangeTime = time.UnixMsOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        report.ExchangeTime = exchangeTime;
        if (TryInstrument(result["symbol"u8], out var instrument)) report.Instrument = instrument;
        return QuarantineCause.None;
    }

    /// <summary>What both markets say of an order. The report's kind stays None where its instrument is none of ours: nothing to tell.</summary>
    /// <param name="fields">Picked by <see cref="FieldNames"/>.</param>
    /// <param name="id">Ours, where it is one of ours.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="eventTime">Stands in for a missing time of the order.</param>
    /// <param name="report">To be used when no cause is returned.</param>
    public QuarantineCause Read(in JsonPicked fields, ClientOrderId id, ExecutionKind kind, JsonValue eventTime, out ExecutionReport report)
    {
        report = default;
        if (!TryInstrument(fields[Symbol], out report.Instrument))
        {
            if (!fields[Symbol].IsString) return QuarantineCause.Malformed;
            if (!id.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        var cause = QuarantineCause.None;
        report.Kind = kind;
        report.State = StateOf(fields[Status]);
        if (kind == ExecutionKind.None || report.State == OrderState.None) return QuarantineCause.Malformed;
        report.Venue = context.Venue;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Cumulative].RequireCumulative(ref cause);
        report.ExchangeTime = (fields[Time].IsEmpty ? eventTime : fields[Time]).UnixMsOrZero(ref cause);
        if (kind == ExecutionKind.Fill) ReadFill(fields, ref report, ref cause);
        return cause;
    }

    public bool TryInstrument(JsonValue symbol, out InstrumentId instrument)
    {
        Span<byte> scratch = stackalloc byte[64];
        instrument = default;
        return symbol.IsString && context.Instruments.TryFind(context.Venue, symbol.GetText(scratch), out instrument);
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("BUY"u8)) return Side.Buy;
        if (text.Is("SELL"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    public static OrderState StateOf(JsonValue status)
    {
        if (status.Is("NEW"u8)) return OrderState.Working;
        if (status.Is("PARTIALLY_FILLED"u8)) return OrderState.PartiallyFilled;
        if (status.Is("FILLED"u8)) return OrderState.Filled;
        if (status.Is("CANCELED"u8)) return OrderState.Cancelled;
        if (status.Is("EXPIRED"u8) || status.Is("EXPIRED_IN_MATCH"u8)) return OrderState.Expired;
        if (status.Is("REJECTED"u8)) return OrderState.Rejected;
        // PENDING_CANCEL is documented as unused, yet an order in it still rests.
        if (status.Is("PENDING_CANCEL"u8)) return OrderState.Working;
        return status.Is("PENDING_NEW"u8) ? OrderState.Acked : OrderState.None;
    }

    private static void ReadFill(in JsonPicked fields, ref ExecutionReport report, ref QuarantineCause cause)
    {
        report.LastPrice = fields[LastPrice].RequirePrice(ref cause);
        report.LastQuantity = fields[LastQuantity].RequireQuantity(ref cause);
        report.FeeRaw = fields[Fee].FeeOrZero(ref cause);
        report.IsMaker = fields[IsMaker].IsTrue;
        if (fields[FeeAsset].TryText16(out var asset)) report.FeeAsset = asset;
        else if (report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
        if (!fields[TradeId].TryInt64(out report.TradeId)) cause.KeepFirst(QuarantineCause.Malformed);
        else if (report.TradeId <= 0) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
    }
}
