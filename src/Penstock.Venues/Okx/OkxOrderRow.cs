using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>
/// An order as OKX writes it on the `orders` channel, in `trade/order` and in `orders-pending`: one shape for all three
/// (venues/okx.md §4.2, §4.4). On the channel a row with a trade id is a fill.
/// </summary>
internal static class OkxOrderRow
{
    private const int Symbol = 0, ClientId = 1, OrderId = 2, State = 3, BuySell = 4, Cumulative = 5, TradeId = 6, FillQuantity = 7,
        FillPrice = 8, FillFee = 9, FillFeeAsset = 10, Fee = 11, FeeAsset = 12, ExecutionType = 13, FillTime = 14, UpdateTime = 15,
        CancelSource = 16, LimitPrice = 17, Total = 18, ChangeResult = 19, ChangeName = 20, ChangeCode = 21;

    /// <summary>cancelSource 31: a post-only order that would have taken liquidity.</summary>
    private const int CancelledAsTaker = 31;

    /// <summary>amendResult; 1 comes with an order that was cancelled because its change failed, 2 concerns options.</summary>
    private const int IsAmended = 0, NotAmended = -1;

    private static readonly JsonFields Fields = new(
        "instId", "clOrdId", "ordId", "state", "side", "accFillSz", "tradeId", "fillSz", "fillPx", "fillFee", "fillFeeCcy", "fee",
        "feeCcy", "execType", "fillTime", "uTime", "cancelSource", "px", "sz", "amendResult", "reqId", "code");

    /// <summary>A row of the private channel.</summary>
    public static QuarantineCause Add(
        JsonValue row, OrderContext context, OkxAmendments amendments, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id);
        if (!fields[Symbol].IsString) return QuarantineCause.Malformed;
        if (!context.Instruments.TryFind(context.Venue, fields[Symbol].GetText(scratch), out var instrument))
        {
            if (!id.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        cause = ReadState(fields, context, instrument, id, out var report);
        if (cause != QuarantineCause.None) return cause;
        report.Kind = KindOf(report.State, !fields[TradeId].IsEmpty);
        if (!fields[ChangeResult].IsEmpty) cause = AddAmendment(fields, report, amendments, batch);
        if (report.Kind == ExecutionKind.Fill) ReadFill(fields, statistics, ref report, ref cause);
        if (report.Kind == ExecutionKind.Cancelled && fields[CancelSource].TryInt64(out var source))
        {
            report.RawCode = (int)Math.Clamp(source, 0, int.MaxValue);
            if (source == CancelledAsTaker) report.Reason = RejectReason.WouldTakeLiquidity;
        }

        if (cause != QuarantineCause.None) return cause;
        batch.AddReport(report.Kind) = report;
        // Its last trade may be less than the total that was asked for, and then only the state says that it was the last.
        if (report is { Kind: ExecutionKind.Fill, State: OrderState.Filled } && amendments.IsAwaited(id))
            batch.AddReport(ExecutionKind.Filled) = WithoutTrade(report);
        return cause;
    }

    /// <summary>
    /// How a change ended, before what the row tells otherwise: an order that ended is changed no more. What somebody else changed is told like
    /// what we did, since it rests so.
    /// </summary>
    private static QuarantineCause AddAmendment(in JsonPicked fields, in ExecutionReport report, OkxAmendments amendments, ExecutionBatch batch)
    {
        if (!fields[ChangeResult].TryInt64(out var result)) return QuarantineCause.Malformed;
        if (report.ClientOrderId.IsNone || report.Kind is ExecutionKind.Cancelled or ExecutionKind.Filled) return QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        var name = fields[ChangeName].GetText(scratch);
        if (result == NotAmended && amendments.TryTellRefused(report.ClientOrderId, name))
        {
            fields[ChangeCode].TryInt64(out var code);
            var reason = OkxErrors.ReasonOf(code);
            // The row is the outcome, whatever its code says.
            ref var refused = ref batch.AddRefusal(
                RequestKind.Amend, report.Venue, report.ClientOrderId, reason == RejectReason.UnknownOutcome ? RejectReason.Rejected : reason, code);
            (refused.Instrument, refused.Side, refused.VenueOrderId) = (report.Instrument, report.Side, report.VenueOrderId);
            refused.ExchangeTime = report.ExchangeTime;
        }

        if (result != IsAmended) return QuarantineCause.None;
        var cause = ReadFigures(fields, out var price, out var quantity);
        if (cause != QuarantineCause.None || !amendments.TryTellChanged(report.ClientOrderId, name, report.ExchangeTime)) return cause;
        ref var amended = ref batch.AddReport(ExecutionKind.Amended);
        amended = report with { Kind = ExecutionKind.Amended, LastPrice = price, LastQuantity = quantity };
        // The trade itself is told next.
        if (report.Kind == ExecutionKind.Fill) amended.CumulativeQuantity = Quantity.Zero;
        return QuarantineCause.None;
    }

    /// <summary>A row of a REST answer: an OrderStatus report, with the price and the total that rest where they can be read.</summary>
    /// <param name="asked">The id asked for; none takes the row's own.</param>
    public static QuarantineCause AddStatus(JsonValue row, OrderContext context, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        cause = OrderFields.Identify(fields[ClientId], ref asked);
        if (cause != QuarantineCause.None) return cause;
        cause = ReadState(fields, context, instrument.Id, asked, out var report);
        if (cause != QuarantineCause.None) return cause;
        if (ReadFigures(fields, out var price, out var quantity) == QuarantineCause.None) (report.LastPrice, report.LastQuantity) = (price, quantity);
        batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return QuarantineCause.None;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("buy"u8)) return Side.Buy;
        if (text.Is("sell"u8)) return Side.Sell;
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
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Cumulative].QuantityOrZero(ref cause);
        report.ExchangeTime = fields[UpdateTime].UnixMsOrZero(ref cause);
        report.State = StateOf(fields[State], report.CumulativeQuantity);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    private static QuarantineCause ReadFigures(in JsonPicked fields, out Price price, out Quantity quantity)
    {
        var cause = QuarantineCause.None;
        (price, quantity) = (fields[LimitPrice].RequirePrice(ref cause), fields[Total].RequireQuantity(ref cause));
        return cause;
    }

    private static OrderState StateOf(JsonValue state, Quantity filled)
    {
        if (state.Is("live"u8)) return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (state.Is("partially_filled"u8)) return OrderState.PartiallyFilled;
        if (state.Is("filled"u8)) return OrderState.Filled;
        return state.Is("canceled"u8) || state.Is("mmp_canceled"u8) ? OrderState.Cancelled : OrderState.None;
    }

    private static ExecutionKind KindOf(OrderState state, bool hasTrade) => state switch
    {
        OrderState.Cancelled => ExecutionKind.Cancelled,
        OrderState.PartiallyFilled or OrderState.Filled when hasTrade => ExecutionKind.Fill,
        OrderState.Filled => ExecutionKind.Filled,
        OrderState.PartiallyFilled => ExecutionKind.OrderStatus,
        _ => ExecutionKind.Accepted,
    };

    private static void ReadFill(in JsonPicked fields, OrderProtocolStatistics statistics, ref ExecutionReport report, ref QuarantineCause cause)
    {
        report.LastPrice = fields[FillPrice].RequirePrice(ref cause);
        report.LastQuantity = fields[FillQuantity].RequireQuantity(ref cause);
        report.IsMaker = fields[ExecutionType].Is("M"u8);
        if (!fields[FillTime].IsEmpty) report.ExchangeTime = fields[FillTime].UnixMsOrZero(ref cause);
        Span<byte> scratch = stackalloc byte[64];
        report.TradeId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));

        // `fee` adds up over the order's life; it is this fill's own only while there has been one fill.
        var own = !fields[FillFee].IsEmpty;
        if (!own && report.LastQuantity != report.CumulativeQuantity)
        {
            statistics.FeesIncomplete++;
            return;
        }

        SetFee(fields[own ? FillFee : Fee], fields[own ? FillFeeAsset : FeeAsset], ref report, ref cause);
    }

    private static ExecutionReport WithoutTrade(in ExecutionReport fill) => fill with
    {
        Kind = ExecutionKind.Filled, IsMaker = false, TradeId = 0, FeeRaw = 0, FeeAsset = default,
        LastPrice = Price.Zero, LastQuantity = Quantity.Zero,
    };

    /// <summary>OKX writes what is paid as a negative amount.</summary>
    public static void SetFee(JsonValue fee, JsonValue asset, ref ExecutionReport report, ref QuarantineCause cause)
    {
        report.FeeRaw = -fee.AmountOrZero(ref cause);
        if (!asset.TryText16(out report.FeeAsset) && report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
    }
}
