using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>
/// An order as the private channels write it (venues/htx.md §4.4). `orders` tells states in the order of events, without fees;
/// `trade.clearing` tells each trade with its fee, and so the fills come from there.
/// </summary>
internal static class HtxOrderRow
{
    private const int Happening = 0, Symbol = 1, OrderId = 2, ClientId = 3, Type = 4, Side = 5, Status = 6, Executed = 7, CreateTime = 8,
        TradeTime = 9, LastTime = 10, CancelSource = 11, TradePrice = 12, TradeVolume = 13, TradeId = 14, Aggressor = 15, Fee = 16,
        FeeAsset = 17, Deducted = 18, DeductedIn = 19, ErrorCode = 20;

    private static readonly JsonFields Fields = new(
        "eventType", "symbol", "orderId", "clientOrderId", "type", "orderSide", "orderStatus", "execAmt", "orderCreateTime",
        "tradeTime", "lastActTime", "canceledSourceDesc", "tradePrice", "tradeVolume", "tradeId", "aggressor", "transactFee",
        "feeCurrency", "feeDeduct", "feeDeductType", "errCode");

    /// <summary>A message of `orders#`.</summary>
    public static QuarantineCause AddState(JsonValue row, OrderContext context, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Begin(row, ranges, context, statistics, out var fields, out var report, out var isForeign);
        if (cause != QuarantineCause.None || isForeign) return cause;
        // A market buy counts its execution in quote currency; ours never are.
        if (!fields[Type].Is("buy-market"u8)) report.CumulativeQuantity = fields[Executed].TradedOrZero(statistics, ref cause);
        report.State = StateOf(fields[Status]);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        report.ExchangeTime = TimeOf(fields).UnixMsOrZero(ref cause);
        report.Kind = KindOf(report.State);
        if (report.State == OrderState.Cancelled && fields[CancelSource].Is("limit_maker"u8)) report.Reason = RejectReason.WouldTakeLiquidity;
        if (report.State == OrderState.Rejected)
        {
            report.Reason = HtxErrors.ReasonOf(fields[ErrorCode], out var code);
            report.RawCode = (int)Math.Clamp(code, 0, int.MaxValue);
        }

        if (cause == QuarantineCause.None) batch.AddReport(report.Kind) = report;
        return cause;
    }

    /// <summary>A message of `trade.clearing#`.</summary>
    public static QuarantineCause AddFill(JsonValue row, OrderContext context, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Begin(row, ranges, context, statistics, out var fields, out var report, out var isForeign);
        if (cause != QuarantineCause.None || isForeign) return cause;
        // With mode 1 cancellations come here, too; `orders` tells them better.
        if (!fields[Happening].Is("trade"u8)) return QuarantineCause.None;
        report.Kind = ExecutionKind.Fill;
        report.State = StateOf(fields[Status]);
        report.LastPrice = fields[TradePrice].RequirePrice(ref cause);
        report.LastQuantity = fields[TradeVolume].RequireTraded(statistics, ref cause);
        report.ExchangeTime = fields[TradeTime].UnixMsOrZero(ref cause);
        report.IsMaker = fields[Aggressor].IsFalse;
        Span<byte> scratch = stackalloc byte[64];
        report.TradeId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));
        if (report.TradeId == 0 || report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        SetFee(fields[Fee], fields[FeeAsset], fields[Deducted], fields[DeductedIn], statistics, ref report, ref cause);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    /// <summary>Paid is positive. Where points or HT pay instead, the deduction is what was paid, in that asset.</summary>
    public static void SetFee(
        JsonValue fee, JsonValue asset, JsonValue deducted, JsonValue deductedIn, OrderProtocolStatistics statistics,
        ref ExecutionReport report, ref QuarantineCause cause)
    {
        var paid = fee.FeeOrZero(ref cause);
        var instead = deductedIn.IsEmpty ? 0 : deducted.FeeOrZero(ref cause);
        if (paid != 0 && instead != 0) statistics.FeesIncomplete++;
        report.FeeRaw = paid != 0 ? paid : instead;
        if (!HtxAssets.TryRead(paid != 0 || instead == 0 ? asset : deductedIn, out report.FeeAsset) && report.FeeRaw != 0)
            cause.KeepFirst(QuarantineCause.Malformed);
    }

    public static OrderState StateOf(JsonValue status)
    {
        if (status.Is("created"u8) || status.Is("pre-submitted"u8)) return OrderState.Acked;
        // While it is being cancelled it still rests.
        if (status.Is("submitted"u8) || status.Is("canceling"u8)) return OrderState.Working;
        if (status.Is("partial-filled"u8)) return OrderState.PartiallyFilled;
        if (status.Is("filled"u8)) return OrderState.Filled;
        if (status.Is("canceled"u8) || status.Is("partial-canceled"u8)) return OrderState.Cancelled;
        return status.Is("rejected"u8) ? OrderState.Rejected : OrderState.None;
    }

    /// <summary>The side a type such as buy-limit begins with, or the side itself.</summary>
    public static Side SideOf(JsonValue type, ref QuarantineCause cause)
    {
        Span<byte> scratch = stackalloc byte[64];
        var text = type.IsString ? type.GetText(scratch) : default;
        if (text.StartsWith("buy"u8)) return Model.Markets.Side.Buy;
        if (text.StartsWith("sell"u8)) return Model.Markets.Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Model.Markets.Side.None;
    }

    private static QuarantineCause Begin(
        JsonValue row, Span<JsonRange> ranges, OrderContext context, OrderProtocolStatistics statistics,
        out JsonPicked fields, out ExecutionReport report, out bool isForeign)
    {
        report = default;
        isForeign = false;
        var cause = Fields.Pick(row, ranges, out fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[Symbol].IsString || !fields[Happening].IsString) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out report.ClientOrderId);
        if (!context.Instruments.TryFind(context.Venue, fields[Symbol], out report.Instrument))
        {
            if (!report.ClientOrderId.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            isForeign = true;
            return QuarantineCause.None;
        }

        report.Venue = context.Venue;
        report.Side = SideOf(fields[Side].IsPresent ? fields[Side] : fields[Type], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        return cause;
    }

    private static JsonValue TimeOf(in JsonPicked fields) =>
        fields[TradeTime].IsPresent ? fields[TradeTime] : fields[LastTime].IsPresent ? fields[LastTime] : fields[CreateTime];

    /// <summary>Trades are OrderStatus here: how much is filled is known before the fill itself, which clearing tells.</summary>
    private static ExecutionKind KindOf(OrderState state) => state switch
    {
        OrderState.Acked => ExecutionKind.Acked,
        OrderState.Working => ExecutionKind.Accepted,
        OrderState.Cancelled => ExecutionKind.Cancelled,
        OrderState.Rejected => ExecutionKind.Rejected,
        _ => ExecutionKind.OrderStatus,
    };
}
