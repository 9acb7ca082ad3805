using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>
/// Frames of the WebSocket API: responses to requests, and the events of the private subscription, wrapped in
/// <c>{"subscriptionId":0,"event":{…}}</c> or bare (venues/binance.md §4.2, §4.3). Holds no state but counters.
/// </summary>
internal sealed class BinanceExecutionDecoder(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int Event = BinanceReports.OwnFields, EventTime = Event + 1, OriginalClientId = Event + 2, Reason = Event + 3, Balances = Event + 4;

    private static readonly JsonFields SpotEventFields = new([.. BinanceReports.FieldNames, "e", "E", "C", "r", "B"]);

    private const int Wrapped = 0, BareEvent = 1, RequestId = 2, HttpStatus = 3, Result = 4, Error = 5;

    private static readonly JsonFields EnvelopeFields = new("event", "e", "id", "status", "result", "error");

    private readonly BinanceReports _reports = new(context, statistics);

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
        if (kind == RequestKind.Cancel) return QuarantineCause.None;
        return _reports.AddAck(fields[Result], fields[Result]["transactTime"u8], order, batch);
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
        Span<byte> scratch = stackalloc byte[64];
        // In reports about a cancel, `c` is the cancel request's own id and `C` is the order's.
        var original = fields[OriginalClientId];
        ClientOrderId.TryParse((original.IsEmpty ? fields[BinanceReports.ClientId] : original).GetText(scratch), out var id);
        var kind = KindOf(fields[BinanceReports.Execution]);
        var cause = _reports.Read(fields, id, kind, fields[EventTime], out var report);
        if (cause != QuarantineCause.None || report.Kind == ExecutionKind.None) return cause;
        if (kind == ExecutionKind.Rejected)
        {
            report.Reason = BinanceErrors.ReasonOf(fields[Reason]);
            if (report.Reason == RejectReason.None) report.Reason = RejectReason.Rejected;
        }

        batch.AddReport(kind) = report;
        return QuarantineCause.None;
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
}
