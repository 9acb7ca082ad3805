using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>
/// One row of the executions channel. Rows after an order's first are sparse: instrument, side and client id come from
/// <see cref="Orders"/> when they are left out. A `trade` may say partially_filled although it completes the order; the
/// completion is a row of its own, `filled` (venues/kraken.md §4.5).
/// </summary>
internal sealed class KrakenExecutionRow(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int OrderId = 0, ClientId = 1, Execution = 2, Status = 3, Symbol = 4, BuySell = 5, LastQuantity = 6, LastPrice = 7,
        Cumulative = 8, TradeId = 9, ExecutionId = 10, Fees = 11, Liquidity = 12, Timestamp = 13, Reason = 14,
        LimitPrice = 15, Total = 16;

    private static readonly JsonFields Fields = new(
        "order_id", "cl_ord_id", "exec_type", "order_status", "symbol", "side", "last_qty", "last_price", "cum_qty", "trade_id", "exec_id",
        "fees", "liquidity_ind", "timestamp", "reason", "limit_price", "order_qty");

    public KrakenOrderCache Orders { get; } = new(statistics);

    /// <param name="isSnapshot">Rows of a snapshot say how an order is, not what happened to it.</param>
    public QuarantineCause Add(JsonValue row, bool isSnapshot, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        cause = Identify(fields, out var order);
        if (cause != QuarantineCause.None) return cause;
        var kind = KindOf(fields[Execution], isSnapshot);
        // A snapshot row can name `trade` as what happened last to an order without carrying that trade.
        if (isSnapshot && kind == ExecutionKind.Fill && fields[LastQuantity].IsEmpty) kind = ExecutionKind.OrderStatus;
        var isEnd = kind is ExecutionKind.Filled or ExecutionKind.Cancelled or ExecutionKind.Expired;
        if (order.Instrument == InstrumentId.None)
        {
            statistics.ReportsForeign++;
            Remember(order, isEnd);
            return QuarantineCause.None;
        }

        cause = Read(fields, kind, ref order, out var report);
        if (kind == ExecutionKind.Amended) ReadAmended(fields, ref order, ref report, ref cause);
        else ReadFigures(fields, ref order, ref report);
        if (cause != QuarantineCause.None) return cause;
        Remember(order, isEnd);
        batch.AddReport(report.Kind) = report;
        return QuarantineCause.None;
    }

    private void Remember(in KrakenKnownOrder order, bool isEnd)
    {
        if (isEnd) Orders.Remove(order.VenueOrderId);
        else Orders.Put(order);
    }

    /// <summary>Which order, instrument and side: from the row, else from what earlier rows said.</summary>
    private QuarantineCause Identify(in JsonPicked fields, out KrakenKnownOrder order)
    {
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        var venueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        var isKnown = Orders.TryFind(venueOrderId, out order);
        if (venueOrderId.IsEmpty) return QuarantineCause.Malformed;
        order.VenueOrderId = venueOrderId;
        if (ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id)) order.ClientOrderId = id;
        if (!fields[BuySell].IsEmpty) order.Side = SideOf(fields[BuySell], ref cause);
        if (cause != QuarantineCause.None) return cause;

        if (fields[Symbol].IsEmpty) return isKnown ? QuarantineCause.None : QuarantineCause.UnknownInstrument;
        if (context.Instruments.TryFind(context.Venue, fields[Symbol].GetText(scratch), out var instrument)) order.Instrument = instrument;
        else if (!order.ClientOrderId.IsNone) return QuarantineCause.UnknownInstrument;
        return QuarantineCause.None;
    }

    private QuarantineCause Read(in JsonPicked fields, ExecutionKind kind, ref KrakenKnownOrder order, out ExecutionReport report)
    {
        var cause = kind == ExecutionKind.None ? QuarantineCause.Malformed : QuarantineCause.None;
        report = default;
        report.Kind = kind;
        report.Venue = context.Venue;
        report.Instrument = order.Instrument;
        report.ClientOrderId = order.ClientOrderId;
        report.VenueOrderId = order.VenueOrderId;
        report.Side = order.Side;
        report.State = StateOf(fields[Status], kind);
        report.ExchangeTime = fields[Timestamp].IsoTimeOrZero(ref cause);
        if (kind == ExecutionKind.Fill) ReadFill(fields, ref report, ref cause);
        report.CumulativeQuantity = fields[Cumulative].IsEmpty
            ? new Quantity(order.CumulativeQuantity.Raw + report.LastQuantity.Raw)
            : fields[Cumulative].RequireCumulative(ref cause);
        if (report.CumulativeQuantity.Raw < 0) cause.KeepFirst(QuarantineCause.NumberOverflow); // the sum left 64 bits
        order.CumulativeQuantity = report.CumulativeQuantity;
        if (kind is ExecutionKind.Cancelled or ExecutionKind.Expired) report.Reason = ReasonOf(fields[Reason]);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    /// <summary>
    /// What the order is from now on, whoever asked for it. News once: a row that shows what was known already tells how the order stands, unless
    /// it is the answer to our request, of which an earlier row was lost.
    /// </summary>
    private static void ReadAmended(in JsonPicked fields, ref KrakenKnownOrder order, ref ExecutionReport report, ref QuarantineCause cause)
    {
        var price = fields[LimitPrice].IsEmpty ? order.Price : fields[LimitPrice].RequirePrice(ref cause);
        var total = fields[Total].IsEmpty ? order.Total : fields[Total].RequireQuantity(ref cause);
        var isAnswer = price == order.AskedPrice && total == order.AskedTotal;
        var isNews = isAnswer || price != order.Price || total != order.Total;
        var rests = report.State is OrderState.Working or OrderState.PartiallyFilled or OrderState.Acked;
        if (price.Raw == 0 || total.Raw == 0 || !isNews || !rests) report.Kind = ExecutionKind.OrderStatus;
        (report.LastPrice, report.LastQuantity) = (order.Price, order.Total) = (price, total);
        if (isAnswer) (order.AskedPrice, order.AskedTotal) = (default, default);
    }

    /// <summary>Price and total of an order that rests, where a row tells both; a market order has no price.</summary>
    private static void ReadFigures(in JsonPicked fields, ref KrakenKnownOrder order, ref ExecutionReport report)
    {
        if (fields[LimitPrice].IsEmpty || fields[Total].IsEmpty) return;
        var cause = QuarantineCause.None;
        var (price, total) = (fields[LimitPrice].RequirePrice(ref cause), fields[Total].RequireQuantity(ref cause));
        if (cause != QuarantineCause.None) return;
        (order.Price, order.Total) = (price, total);
        if (report.Kind == ExecutionKind.OrderStatus) (report.LastPrice, report.LastQuantity) = (price, total);
    }

    private void ReadFill(in JsonPicked fields, ref ExecutionReport report, ref QuarantineCause cause)
    {
        report.LastPrice = fields[LastPrice].RequirePrice(ref cause);
        report.LastQuantity = fields[LastQuantity].RequireQuantity(ref cause);
        report.IsMaker = fields[Liquidity].Is("m"u8);
        Span<byte> scratch = stackalloc byte[64];
        var trade = fields[TradeId].IsEmpty ? fields[ExecutionId] : fields[TradeId];
        report.TradeId = TradeIdNumber.Of(trade.GetText(scratch));
        if (report.TradeId == 0 || report.Side == Side.None) cause.KeepFirst(QuarantineCause.Malformed);
        ReadFees(fields[Fees], ref report, ref cause);
    }

    /// <summary>A report holds one fee: amounts of the first asset are added up, any other asset is counted as left out.</summary>
    private void ReadFees(JsonValue fees, ref ExecutionReport report, ref QuarantineCause cause)
    {
        var incomplete = !fees.IsArray;
        foreach (var fee in fees.Elements)
        {
            var amount = fee["qty"u8].FeeOrZero(ref cause);
            if (!fee["asset"u8].TryText16(out var asset)) cause.KeepFirst(QuarantineCause.Malformed);
            if (report.FeeAsset.IsEmpty) report.FeeAsset = asset;
            var sum = (Int128)report.FeeRaw + amount;
            if (!asset.Equals(report.FeeAsset)) incomplete = true;
            else if (sum < long.MinValue || sum > long.MaxValue) cause.KeepFirst(QuarantineCause.NumberOverflow);
            else report.FeeRaw = (long)sum;
        }

        if (incomplete) statistics.FeesIncomplete++;
    }

    private static ExecutionKind KindOf(JsonValue execution, bool isSnapshot)
    {
        if (execution.Is("trade"u8)) return ExecutionKind.Fill;
        if (execution.Is("filled"u8)) return ExecutionKind.Filled;
        if (execution.Is("canceled"u8)) return ExecutionKind.Cancelled;
        if (execution.Is("expired"u8)) return ExecutionKind.Expired;
        if (execution.Is("pending_new"u8)) return isSnapshot ? ExecutionKind.OrderStatus : ExecutionKind.Acked;
        if (execution.Is("new"u8)) return isSnapshot ? ExecutionKind.OrderStatus : ExecutionKind.Accepted;
        // Changed by somebody's wish, or by the engine's maintenance.
        if (!isSnapshot && (execution.Is("amended"u8) || execution.Is("restated"u8))) return ExecutionKind.Amended;
        // iceberg_refill, status and what may be added: the order's state is all that matters here.
        return execution.IsString ? ExecutionKind.OrderStatus : ExecutionKind.None;
    }

    private static OrderState StateOf(JsonValue status, ExecutionKind kind)
    {
        if (status.Is("pending_new"u8)) return OrderState.Acked;
        if (status.Is("new"u8) || status.Is("triggered"u8)) return OrderState.Working;
        if (status.Is("partially_filled"u8)) return OrderState.PartiallyFilled;
        if (status.Is("filled"u8)) return OrderState.Filled;
        if (status.Is("canceled"u8)) return OrderState.Cancelled;
        if (status.Is("expired"u8)) return OrderState.Expired;
        if (!status.IsEmpty) return OrderState.None;
        return kind switch
        {
            ExecutionKind.Acked => OrderState.Acked,
            ExecutionKind.Accepted => OrderState.Working,
            ExecutionKind.Fill => OrderState.PartiallyFilled,
            ExecutionKind.Filled => OrderState.Filled,
            ExecutionKind.Cancelled => OrderState.Cancelled,
            ExecutionKind.Expired => OrderState.Expired,
            _ => OrderState.None,
        };
    }

    private static RejectReason ReasonOf(JsonValue reason)
    {
        Span<byte> scratch = stackalloc byte[128];
        var text = reason.GetText(scratch);
        return text.IndexOf("ost only"u8) >= 0 ? RejectReason.WouldTakeLiquidity : RejectReason.None;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("buy"u8)) return Side.Buy;
        if (text.Is("sell"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }
}
