using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>
/// Frames of the order socket /ws/trade (venues/htx.md §4.3): the login's answer, pings, and answers to requests. A request id says
/// what it asked for and of which order, so that nothing has to be remembered.
/// </summary>
internal sealed class HtxEntryDecoder(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int Action = 0, Channel = 1, Code = 2, Data = 3, RequestId = 4, Status = 5, ErrorCode = 6;

    private static readonly JsonFields EnvelopeFields = new("action", "ch", "code", "data", "cid", "status", "err-code");

    private long _ping;
    private bool _isPinged;

    public void Reset() => _isPinged = false;

    /// <summary>The time in the venue's last ping, once: the answer repeats it.</summary>
    public bool TryTakePing(out long time)
    {
        time = _ping;
        var isPinged = _isPinged;
        _isPinged = false;
        return isPinged;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[RequestId].IsPresent) return DecodeAnswer(fields, batch);
        if (fields[Action].Is("ping"u8))
        {
            cause = fields[Data]["ts"u8].GetInt64(out var time);
            if (cause != QuarantineCause.None) return cause;
            _ping = time;
            _isPinged = true;
            return QuarantineCause.None;
        }

        if (!fields[Action].Is("req"u8) || !fields[Channel].Is("auth"u8) || !fields[Code].TryInt64(out var code)) return QuarantineCause.UnknownChannel;
        batch.Signal = code == 200 ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeAnswer(in JsonPicked fields, ExecutionBatch batch)
    {
        var isOk = fields[Status].Is("ok"u8);
        if (!isOk && !fields[Status].Is("error"u8)) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[64];
        if (!RequestTag.TryParse(fields[RequestId].GetText(scratch), out var kind, out var order))
        {
            statistics.ResponsesUnmatched++;
            return isOk ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        if (!isOk) return Refuse(kind, order, fields[ErrorCode], batch);
        return kind == RequestKind.Place ? Acknowledge(order, fields[Data], batch) : DecodeCancelled(order, fields[Data], batch);
    }

    private QuarantineCause Acknowledge(ClientOrderId order, JsonValue data, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var venueId = data.VenueOrderIdOrEmpty(ref cause);
        if (venueId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        return QuarantineCause.None;
    }

    /// <summary>Success only says that the request was taken; that the order is gone, the orders channel says.</summary>
    private QuarantineCause DecodeCancelled(ClientOrderId order, JsonValue data, ExecutionBatch batch)
    {
        if (!data.IsObject) return QuarantineCause.Malformed;
        foreach (var failure in data["failed"u8].Elements) return Refuse(RequestKind.Cancel, order, failure["err-code"u8], batch);
        return data["success"u8].IsArray ? QuarantineCause.None : QuarantineCause.Malformed;
    }

    private QuarantineCause Refuse(RequestKind kind, ClientOrderId order, JsonValue error, ExecutionBatch batch)
    {
        if (error.IsEmpty) return QuarantineCause.Malformed;
        var reason = HtxErrors.ReasonOf(error, out var code);
        batch.AddRefusal(kind, context.Venue, order, reason, code);
        return QuarantineCause.None;
    }
}
