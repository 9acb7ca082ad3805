using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Frames of the order connection: answers to requests (they have a `header`), answers to subscriptions, and the channels
/// `spot.orders`, `spot.usertrades` and `spot.balances` (venues/gateio.md §4.3, §4.4).
/// </summary>
internal sealed class GateioExecutionDecoder(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int Channel = 0, Event = 1, Error = 2, Result = 3, RequestId = 4, Ack = 5, Header = 6, Data = 7, Type = 8;

    private const int HeaderStatus = 0, HeaderChannel = 1;

    private static readonly JsonFields EnvelopeFields = new("channel", "event", "error", "result", "request_id", "ack", "header", "data", "type");

    private static readonly JsonFields HeaderFields = new("status", "channel");

    private SessionPart _missing = SessionPart.All;

    /// <summary>What a session needs before orders may go: the right to place them, and every channel that tells what becomes of them.</summary>
    [Flags]
    private enum SessionPart
    {
        None = 0,
        Login = 1,
        Orders = 2,
        Fills = 4,
        Balances = 8,
        All = Login | Orders | Fills | Balances,
    }

    public void Reset() => _missing = SessionPart.All;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Header].IsObject) return DecodeResponse(fields, batch);
        if (fields[Type].Is("service_upgrade"u8))
        {
            batch.Signal = OrderSignal.ReconnectRequested;
            return QuarantineCause.None;
        }

        if (fields[Channel].Is("spot.pong"u8))
        {
            batch.Signal = OrderSignal.Pong;
            return QuarantineCause.None;
        }

        var part = PartOf(fields[Channel]);
        if (part == SessionPart.None) return QuarantineCause.UnknownChannel;
        if (fields[Event].Is("subscribe"u8)) return DecodeSubscription(part, fields[Error], batch);
        return fields[Event].Is("update"u8) ? DecodePush(part, fields[Result], batch) : QuarantineCause.UnknownChannel;
    }

    private static SessionPart PartOf(JsonValue channel) =>
        channel.Is("spot.orders"u8) ? SessionPart.Orders
        : channel.Is("spot.usertrades"u8) ? SessionPart.Fills
        : channel.Is("spot.balances"u8) ? SessionPart.Balances
        : SessionPart.None;

    private QuarantineCause DecodeSubscription(SessionPart part, JsonValue error, ExecutionBatch batch)
    {
        if (error.IsPresent && !error.IsNull) batch.Signal = OrderSignal.LoginRefused;
        else Complete(part, batch);
        return QuarantineCause.None;
    }

    private void Complete(SessionPart part, ExecutionBatch batch)
    {
        if (_missing == part) batch.Signal = OrderSignal.SessionReady;
        _missing &= ~part;
    }

    private QuarantineCause DecodeResponse(in JsonPicked fields, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[HeaderFields.Count];
        var cause = HeaderFields.Pick(fields[Header], ranges, out var header);
        if (cause != QuarantineCause.None) return cause;
        if (!header[HeaderStatus].TryInt64(out var status) || !fields[Data].IsObject) return QuarantineCause.Malformed;
        var errors = fields[Data]["errs"u8];
        var succeeded = status is >= 200 and < 300 && (!errors.IsPresent || errors.IsNull);
        if (header[HeaderChannel].Is("spot.login"u8))
        {
            if (succeeded) Complete(SessionPart.Login, batch);
            else batch.Signal = OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        // Orders cancelled by the dozen are told one by one on their channel.
        if (header[HeaderChannel].Is("spot.order_cancel_cp"u8)) return succeeded ? QuarantineCause.None : QuarantineCause.VenueError;

        Span<byte> scratch = stackalloc byte[64];
        // Some answers of the venue's own pages carry the id between bars.
        if (!RequestTag.TryParse(fields[RequestId].GetText(scratch).Trim((byte)'|'), out var kind, out var order))
        {
            statistics.ResponsesUnmatched++;
            return succeeded ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        if (succeeded) return DecodeSuccess(kind, order, fields[Ack].IsTrue, fields[Data]["result"u8], batch);
        batch.AddRefusal(kind, context.Venue, order, GateioErrors.ReasonOf(errors["label"u8], status), status);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeSuccess(RequestKind kind, ClientOrderId order, bool isAck, JsonValue result, ExecutionBatch batch)
    {
        if (kind == RequestKind.Amend) return isAck ? QuarantineCause.None : GateioOrderRow.AddAmended(result, context, order, batch);
        // What became of an order that was to be cancelled is told by its channel.
        if (kind != RequestKind.Place) return QuarantineCause.None;
        if (!isAck) return GateioOrderRow.AddPlaced(result, context, order, batch);
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = order;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodePush(SessionPart part, JsonValue result, ExecutionBatch batch)
    {
        if (!result.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var row in result.Elements)
        {
            cause = part switch
            {
                SessionPart.Orders => GateioOrderRow.Add(row, context, statistics, batch),
                SessionPart.Fills => GateioFillRow.Add(row, context, InstrumentId.None, statistics, batch),
                _ => AddBalance(row, "freeze"u8, batch),
            };
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    /// <summary>A balance of the channel, or of REST: only the name of what is locked differs.</summary>
    public QuarantineCause AddBalance(JsonValue row, ReadOnlySpan<byte> lockedName, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var free = row["available"u8].AmountOrZero(ref cause);
        var locked = row[lockedName].AmountOrZero(ref cause);
        var currency = row["currency"u8];
        if (!currency.IsString) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        if (currency.TryText16(out var asset)) batch.AddBalance(context.Venue, asset, free, locked);
        else statistics.BalancesSkipped++;
        return QuarantineCause.None;
    }
}
