using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>
/// Frames of the WebSocket API: responses to requests, and the events of the private subscription, wrapped in
/// <c>{"subscriptionId":0,"event":{…}}</c> or bare (venues/binance.md §4.2, §4.3). Holds no state but counters.
/// </summary>
internal sealed class BinanceExecutionDecoder(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int Event = 0, EventTime = 1, Symbol = 2, ClientId = 3, OriginalClientId = 4, BuySell = 5, Execution = 6, Status = 7,
        Reason = 8, OrderId = 9, LastQuantity = 10, Cumulative = 11, LastPrice = 12, Fee = 13, FeeAsset = 14, Time = 15,
        TradeId = 16, IsMaker = 17, Balances = 18;

    private static readonly JsonFields SpotEventFields = new(
        "e", "E", "s", "c", "C", "S", "x", "X", "r", "i", "l", "z", "L", "n", "N", "T", "t", "m", "B");

    private const int Wrapped = 0, BareEvent = 1, RequestId = 2, HttpStatus = 3, Result = 4, Error = 5;

    private static readonly JsonFields EnvelopeFields = new("event", "e", "id", "status", "result", "error");

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Wrapped].IsObject) return DecodeEvent(fields[Wrapped], batch);
        return fields[BareEvent].IsString ? DecodeEvent(root, batch) : DecodeResponse(fields, batch);
    }

    private QuarantineCause DecodeResponse(in JsonPicked fields, ExecutionBatch batch)
    {
        if (!fields[HttpStatus].TryInt64(out var status)) return QuarantineCause.UnknownChannel;
        Span<byte> scratch = stackalloc byte[64];
        var id = fields[RequestId].GetText(scratch);
        if (id.SequenceEqual(BinanceOrderEncoder.LoginId))
        {
            batch.Signal = status == 200 ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        if (!RequestTag.TryParse(id, out var kind, out var order))
        {
            statistics.ResponsesUnmatched++;
            return status == 200 ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        if (status != 200) return DecodeRefusal(fields[Error], status, kind, order, batch);
        // A cancel's outcome is told by the stream, in order with the fills before it.
        return kind == RequestKind.Cancel ? QuarantineCause.None : DecodeAck(fields[Result], order, batch);
    }

    private QuarantineCause DecodeAck(JsonValue result, ClientOrderId order, ExecutionBatch batch)
    {
        var cause = result.IsObject ? QuarantineCause.None : QuarantineCause.Malformed;
        var venueId = result["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        var time = result["transactTime"u8].UnixMsOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        report.ExchangeTime = time;
        if (TryInstrument(result["symbol"u8], out var instrument)) report.Instrument = instrument;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeRefusal(JsonValue error, long status, RequestKind kind, ClientOrderId order, ExecutionBatch batch)
    {
        error["code"u8].TryInt64(out var code);
        Span<byte> scratch = stackalloc byte[256];
        var reason = BinanceErrors.ReasonOf(status, code, error["msg"u8].GetText(scratch));
        batch.AddRefusal(kind, context.Venue, order, reason, code == 0 ? Math.Clamp(status, 0, 999) : code);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeEvent(JsonValue body, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[SpotEventFields.Count];
        var cause = SpotEventFields.Pick(body, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var type = fields[Event];
        if (type.Is("executionReport"u8)) return DecodeReport(fields, batch);
        if (type.Is("outboundAccountPosition"u8)) return DecodeBalances(fields[Balances], "a"u8, "f"u8, "l"u8, batch);
        if (type.Is("eventStreamTerminated"u8)) batch.Signal = OrderSignal.PrivateStreamGap;
        else if (type.Is("serverShutdown"u8)) batch.Signal = OrderSignal.ReconnectRequested;
        // A deposit (balanceUpdate) is followed by an absolute position; order lists and locks are not used here.
        else if (!type.Is("balanceUpdate"u8) && !type.Is("listStatus"u8) && !type.Is("externalLockUpdate"u8)) return QuarantineCause.UnknownChannel;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeReport(in JsonPicked fields, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        // In reports about a cancel, `c` is the cancel request's own id and `C` is the order's.
        var original = fields[OriginalClientId];
        ClientOrderId.TryParse((original.IsEmpty ? fields[ClientId] : original).GetText(scratch), out var id);
        if (!TryInstrument(fields[Symbol], out var instrument))
        {
            if (!fields[Symbol].IsString) return QuarantineCause.Malformed;
            if (!id.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        var state = StateOf(fields[Status]);
        var kind = KindOf(fields[Execution]);
        if (kind == ExecutionKind.None || state == OrderState.None) return QuarantineCause.Malformed;
        ExecutionReport report = default;
        report.Kind = kind;
        report.State = state;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Cumulative].RequireCumulative(ref cause);
        report.ExchangeTime = (fields[Time].IsEmpty ? fields[EventTime] : fields[Time]).UnixMsOrZero(ref cause);
        if (kind == ExecutionKind.Rejected)
        {
            report.Reason = BinanceErrors.ReasonOf(fields[Reason]);
            if (report.Reason == RejectReason.None) report.Reason = RejectReason.Rejected;
        }

        if (kind == ExecutionKind.Fill) ReadFill(fields, ref report, ref cause);
        if (cause == QuarantineCause.None) batch.AddReport(kind) = report;
        return cause;
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

    /// <summary>Absolute balances out of an array; also used for the REST account.</summary>
    public QuarantineCause DecodeBalances(
        JsonValue list, ReadOnlySpan<byte> assetName, ReadOnlySpan<byte> freeName, ReadOnlySpan<byte> lockedName, ExecutionBatch batch)
    {
        if (!list.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var item in list.Elements)
        {
            var free = item[freeName].AmountOrZero(ref cause);
            var locked = item[lockedName].AmountOrZero(ref cause);
            if (!item[assetName].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) break;
            if (!item[assetName].TryText16(out var asset))
            {
                statistics.BalancesSkipped++;
                continue;
            }

            batch.AddBalance(context.Venue, asset, free, locked);
        }

        return batch.Finish(cause, start);
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

    private static ExecutionKind KindOf(JsonValue execution)
    {
        if (execution.Is("TRADE"u8)) return ExecutionKind.Fill;
        if (execution.Is("NEW"u8)) return ExecutionKind.Accepted;
        if (execution.Is("CANCELED"u8)) return ExecutionKind.Cancelled;
        if (execution.Is("EXPIRED"u8)) return ExecutionKind.Expired;
        if (execution.Is("REJECTED"u8)) return ExecutionKind.Rejected;
        // Amended, or reduced by self-trade prevention: not asked for here, so only the state is passed on.
        return execution.Is("REPLACED"u8) || execution.Is("TRADE_PREVENTION"u8) ? ExecutionKind.OrderStatus : ExecutionKind.None;
    }

    private bool TryInstrument(JsonValue symbol, out InstrumentId instrument)
    {
        Span<byte> scratch = stackalloc byte[64];
        instrument = default;
        return symbol.IsString && context.Instruments.TryFind(context.Venue, symbol.GetText(scratch), out instrument);
    }
}
