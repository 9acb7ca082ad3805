using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>
/// Frames of the authenticated WebSocket: responses to requests, and the channels `executions` and `balances`
/// (venues/kraken.md §4.3, §4.5). Responses and executions are not ordered relative to each other.
/// </summary>
internal sealed class KrakenExecutionDecoder(OrderContext context, KrakenRequestTable requests, OrderProtocolStatistics statistics)
{
    private const int Method = 0, RequestId = 1, Success = 2, Result = 3, Error = 4, Channel = 5, Type = 6, Data = 7, Sequence = 8, TimeOut = 9;

    private static readonly JsonFields EnvelopeFields = new(
        "method", "req_id", "success", "result", "error", "channel", "type", "data", "sequence", "time_out");

    private readonly KrakenExecutionRow _rows = new(context, statistics);
    private readonly KrakenSequence _sequence = new();

    public KrakenOrderCache Orders => _rows.Orders;

    public void Reset()
    {
        _sequence.Reset();
        _rows.Orders.Clear();
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Channel].IsString) return DecodePush(fields, batch);
        if (fields[Method].Is("pong"u8))
        {
            batch.Signal = OrderSignal.Pong;
            return QuarantineCause.None;
        }

        return !fields[Success].IsPresent ? QuarantineCause.UnknownChannel : DecodeResponse(fields, batch);
    }

    private QuarantineCause DecodeResponse(in JsonPicked fields, ExecutionBatch batch)
    {
        fields[RequestId].TryInt64(out var requestId);
        var succeeded = fields[Success].IsTrue;
        if (fields[Method].Is("subscribe"u8))
        {
            if (!succeeded) batch.Signal = OrderSignal.LoginRefused;
            else if (fields[Result]["channel"u8].Is("executions"u8)) batch.Signal = OrderSignal.SessionReady;
            return QuarantineCause.None;
        }

        if (!requests.TryFind(requestId, out var kind, out var order, out var instrument))
        {
            statistics.ResponsesUnmatched++;
            return succeeded ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        var cause = QuarantineCause.None;
        var reason = RejectReason.None;
        var time = fields[TimeOut].IsoTimeOrZero(ref cause);
        var venueOrderId = succeeded ? fields[Result]["order_id"u8].VenueOrderIdOrEmpty(ref cause) : default;
        if (!succeeded && !fields[Error].IsString) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;

        requests.Forget(requestId);
        // Whether a cancel or a change took place, and what the order is then, is told by the executions channel.
        if (succeeded && kind != RequestKind.Place) return QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[256];
        if (!succeeded) reason = KrakenErrors.ReasonOf(fields[Error].GetText(scratch));
        ref var report = ref (succeeded
            ? ref batch.AddReport(ExecutionKind.Acked)
            : ref batch.AddRefusal(kind, context.Venue, order, reason, 0));
        if (succeeded) report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = order;
        report.VenueOrderId = venueOrderId;
        report.ExchangeTime = time;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodePush(in JsonPicked fields, ExecutionBatch batch)
    {
        var channel = fields[Channel];
        var isExecutions = channel.Is("executions"u8);
        if (!isExecutions && !channel.Is("balances"u8))
            return channel.Is("heartbeat"u8) || channel.Is("status"u8) ? QuarantineCause.None : QuarantineCause.UnknownChannel;

        if (!fields[Data].IsArray) return QuarantineCause.Malformed;
        if (!fields[Sequence].TryInt64(out var sequence)) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var isSnapshot = fields[Type].Is("snapshot"u8);
        var cause = QuarantineCause.None;
        foreach (var row in fields[Data].Elements)
        {
            cause = isExecutions ? _rows.Add(row, isSnapshot, batch) : AddBalance(row, batch);
            if (cause != QuarantineCause.None) break;
        }

        cause = batch.Finish(cause, start);
        // Its sequence does not count as received: the next message then shows the gap, and reconciliation fills it.
        if (cause != QuarantineCause.None) return cause;
        if (!_sequence.Accept(isExecutions, sequence))
        {
            statistics.SequenceGaps++;
            batch.Signal = OrderSignal.PrivateStreamGap;
        }

        return QuarantineCause.None;
    }

    /// <summary>
    /// The channel tells the whole balance and not what open orders hold of it: all of it is reported as free. The REST
    /// answer tells both.
    /// </summary>
    private QuarantineCause AddBalance(JsonValue row, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var wallet = row["wallet_type"u8];
        if (wallet.IsString && !wallet.Is("spot"u8)) return QuarantineCause.None;
        if (!row["asset"u8].IsString || row["balance"u8].IsEmpty) return QuarantineCause.Malformed;
        var amount = row["balance"u8].AmountOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        if (!row["asset"u8].TryText16(out var asset))
        {
            statistics.BalancesSkipped++;
            return QuarantineCause.None;
        }

        batch.AddBalance(context.Venue, asset, amount, 0);
        return QuarantineCause.None;
    }
}
