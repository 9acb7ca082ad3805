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
/// Frames of the private WebSocket: login and subscription events, responses to orders, and the channels `orders` and
/// `account` (venues/okx.md §4.3, §4.4).
/// </summary>
internal sealed class OkxExecutionDecoder(OrderContext context, OkxAmendments amendments, OrderProtocolStatistics statistics)
{
    private const int Event = 0, Id = 1, Operation = 2, Argument = 3, Data = 4, Code = 5;

    private static readonly JsonFields EnvelopeFields = new("event", "id", "op", "arg", "data", "code");

    private bool _ready;

    /// <summary>The login was accepted; the subscriptions are still to be sent.</summary>
    public bool AwaitsSubscription { get; set; }

    public void Reset() => AwaitsSubscription = _ready = false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        if (frame.SequenceEqual("pong"u8))
        {
            batch.Signal = OrderSignal.Pong;
            return QuarantineCause.None;
        }

        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Event].IsString) return DecodeEvent(fields, batch);
        if (fields[Operation].IsString) return DecodeResponse(fields, batch);
        return fields[Argument].IsObject ? DecodePush(fields, batch) : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodeEvent(in JsonPicked fields, ExecutionBatch batch)
    {
        var type = fields[Event];
        fields[Code].TryInt64(out var code);
        if (type.Is("login"u8))
        {
            AwaitsSubscription = code == 0;
            if (code != 0) batch.Signal = OrderSignal.LoginRefused;
        }
        else if (type.Is("subscribe"u8))
        {
            if (!_ready && fields[Argument]["channel"u8].Is("orders"u8))
            {
                _ready = true;
                batch.Signal = OrderSignal.SessionReady;
            }
        }
        else if (type.Is("notice"u8))
        {
            if (code == 64008) batch.Signal = OrderSignal.ReconnectRequested;
        }
        else if (type.Is("error"u8))
        {
            // Before the orders channel is up every error ends the login; afterwards it concerns one request.
            if (_ready) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.LoginRefused;
        }
        else if (!type.Is("channel-conn-count"u8) && !type.Is("unsubscribe"u8))
        {
            return QuarantineCause.UnknownChannel;
        }

        return QuarantineCause.None;
    }

    private QuarantineCause DecodeResponse(in JsonPicked fields, ExecutionBatch batch)
    {
        Span<byte> scratch = stackalloc byte[64];
        var id = fields[Id].GetText(scratch);
        var kind = RequestKind.Amend;
        var isNamed = OkxAmendments.TryParseName(id, out var order, out var change)
            || (RequestTag.TryParse(id, out kind, out order) && kind != RequestKind.Amend);
        if (!isNamed)
        {
            statistics.ResponsesUnmatched++;
            return fields[Code].Is("0"u8) ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        var cause = QuarantineCause.None;
        foreach (var item in fields[Data].Elements)
        {
            // One order a request: the first element is the answer.
            if (!item["sCode"u8].TryInt64(out var itemCode)) return QuarantineCause.Malformed;
            if (itemCode != 0) return Refuse(kind, order, change, itemCode, batch);
            // Whether the cancel or the change took place is told by the orders channel.
            if (kind != RequestKind.Place) return QuarantineCause.None;
            var venueId = item["ordId"u8].VenueOrderIdOrEmpty(ref cause);
            var time = item["ts"u8].UnixMsOrZero(ref cause);
            if (cause != QuarantineCause.None) return cause;
            ref var report = ref batch.AddReport(ExecutionKind.Acked);
            report.State = OrderState.Acked;
            report.Venue = context.Venue;
            report.ClientOrderId = order;
            report.VenueOrderId = venueId;
            report.ExchangeTime = time;
            return QuarantineCause.None;
        }

        if (!fields[Code].TryInt64(out var code) || code == 0) return QuarantineCause.Malformed;
        return Refuse(kind, order, change, code, batch);
    }

    private QuarantineCause Refuse(RequestKind kind, ClientOrderId order, long change, long code, ExecutionBatch batch)
    {
        var reason = OkxErrors.ReasonOf(code);
        // What the venue cannot tell yet the row may.
        var isTold = kind == RequestKind.Amend && reason != RejectReason.UnknownOutcome && !amendments.TryTellRefused(order, change);
        if (!isTold) batch.AddRefusal(kind, context.Venue, order, reason, code);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodePush(in JsonPicked fields, ExecutionBatch batch)
    {
        var channel = fields[Argument]["channel"u8];
        var isOrders = channel.Is("orders"u8);
        if (!isOrders && !channel.Is("account"u8)) return QuarantineCause.UnknownChannel;
        if (!fields[Data].IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var item in fields[Data].Elements)
        {
            cause = isOrders ? OkxOrderRow.Add(item, context, amendments, statistics, batch) : AddBalances(item["details"u8], batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    /// <summary>The `details` of an account; also used for the REST answer. The caller takes back what a failure leaves.</summary>
    public QuarantineCause AddBalances(JsonValue details, ExecutionBatch batch)
    {
        if (!details.IsArray) return QuarantineCause.Malformed;
        var cause = QuarantineCause.None;
        foreach (var item in details.Elements)
        {
            var free = item["availBal"u8].AmountOrZero(ref cause);
            var locked = item["frozenBal"u8].AmountOrZero(ref cause);
            if (!item["ccy"u8].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) return cause;
            if (!item["ccy"u8].TryText16(out var asset))
            {
                statistics.BalancesSkipped++;
                continue;
            }

            batch.AddBalance(context.Venue, asset, free, locked);
        }

        return QuarantineCause.None;
    }
}
