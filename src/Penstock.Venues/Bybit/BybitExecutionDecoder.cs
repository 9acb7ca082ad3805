using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// Frames of the two order connections: confirmations and the topics `order`, `execution` and `wallet` of the private stream;
/// answers of the trade socket, which alone have a `retCode` (venues/bybit.md §4.3, §4.4).
/// </summary>
internal sealed class BybitExecutionDecoder(OrderContext context, OrderProtocolStatistics statistics, BybitAmendTable amends)
{
    private const int Topic = 0, Data = 1, Operation = 2, Success = 3, Code = 4, RequestId = 5, Header = 6;

    private static readonly JsonFields EnvelopeFields = new("topic", "data", "op", "success", "retCode", "reqId", "header");

    private bool _ready;

    /// <summary>The login of the private stream was accepted; the subscription is still to be sent.</summary>
    public bool AwaitsSubscription { get; set; }

    public void Reset() => AwaitsSubscription = _ready = false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Topic].IsString) return DecodePush(fields, batch);
        if (!fields[Operation].IsString) return QuarantineCause.UnknownChannel;
        return fields[Code].IsPresent ? DecodeAnswer(fields, batch) : DecodeConfirmation(fields, batch);
    }

    /// <summary>The private stream's own words: success true or false.</summary>
    private QuarantineCause DecodeConfirmation(in JsonPicked fields, ExecutionBatch batch)
    {
        var operation = fields[Operation];
        if (operation.Is("pong"u8) || operation.Is("ping"u8))
        {
            batch.Signal = OrderSignal.Pong;
            return QuarantineCause.None;
        }

        var isLogin = operation.Is("auth"u8);
        if (!isLogin && !operation.Is("subscribe"u8)) return QuarantineCause.UnknownChannel;
        if (fields[Success].IsFalse)
        {
            // Without its topics the stream is of no use; afterwards a refusal concerns one request.
            if (_ready) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        if (!fields[Success].IsTrue) return QuarantineCause.Malformed;
        if (isLogin)
        {
            AwaitsSubscription = true;
            return QuarantineCause.None;
        }

        _ready = true;
        batch.Signal = OrderSignal.SessionReady;
        return QuarantineCause.None;
    }

    /// <summary>The trade socket's: retCode 0 is yes. Yes to an order means that it was received.</summary>
    private QuarantineCause DecodeAnswer(in JsonPicked fields, ExecutionBatch batch)
    {
        if (!fields[Code].TryInt64(out var code)) return QuarantineCause.Malformed;
        var operation = fields[Operation];
        if (operation.Is("auth"u8))
        {
            batch.Signal = code == 0 ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        if (operation.Is("pong"u8) || operation.Is("ping"u8))
        {
            if (code != 0) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.Pong;
            return QuarantineCause.None;
        }

        Span<byte> scratch = stackalloc byte[64];
        if (code == BybitErrors.ServiceRestarts) batch.Signal = OrderSignal.ReconnectRequested;
        if (!BybitRequestId.TryParse(fields[RequestId].GetText(scratch), out var kind, out var order))
        {
            statistics.ResponsesUnmatched++;
            return code == 0 || batch.Signal != OrderSignal.None ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        if (code != 0 && kind == RequestKind.Amend) amends.Remove(order);
        if (code != 0) batch.AddRefusal(kind, context.Venue, order, BybitErrors.ReasonOf(code), code);
        return code == 0 && kind == RequestKind.Place ? AddAck(fields, order, batch) : QuarantineCause.None;
    }

    private QuarantineCause AddAck(in JsonPicked fields, ClientOrderId order, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var venueId = fields[Data]["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        var time = fields[Header]["Timenow"u8].UnixMsOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        report.VenueOrderId = venueId;
        report.ExchangeTime = time;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodePush(in JsonPicked fields, ExecutionBatch batch)
    {
        var topic = fields[Topic];
        var isOrder = topic.Is("order"u8) || topic.Is("order.spot"u8);
        var isFill = topic.Is("execution"u8) || topic.Is("execution.spot"u8);
        if (!isOrder && !isFill && !topic.Is("wallet"u8)) return QuarantineCause.UnknownChannel;
        if (!fields[Data].IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var row in fields[Data].Elements)
        {
            cause = isOrder ? BybitOrderRow.Add(row, context, statistics, amends, batch)
                : isFill ? BybitFill.Add(row, context, null, statistics, batch)
                : AddBalances(row["coin"u8], batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    /// <summary>The coins of an account; also used for the REST answer. The caller takes back what a failure leaves.</summary>
    public QuarantineCause AddBalances(JsonValue coins, ExecutionBatch batch)
    {
        if (!coins.IsArray) return QuarantineCause.Malformed;
        var cause = QuarantineCause.None;
        foreach (var coin in coins.Elements)
        {
            var total = coin["walletBalance"u8].AmountOrZero(ref cause);
            var locked = coin["locked"u8].AmountOrZero(ref cause);
            if (!coin["coin"u8].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) return cause;
            if (coin["coin"u8].TryText16(out var asset)) batch.AddBalance(context.Venue, asset, total - locked, locked);
            else statistics.BalancesSkipped++;
        }

        return QuarantineCause.None;
    }
}
