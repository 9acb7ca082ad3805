using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;

namespace Penstock.Venues.Htx;

/// <summary>
/// Frames of the private socket /ws/v2: login and subscription answers, pings, and the channels `orders`, `trade.clearing` and
/// `accounts.update` (venues/htx.md §4.4).
/// </summary>
internal sealed class HtxExecutionDecoder(OrderContext context, HtxAccount account, HtxEntryDecoder answers, OrderProtocolStatistics statistics)
{
    private const int Action = 0, Channel = 1, Code = 2, Data = 3, RequestId = 4;

    private static readonly JsonFields EnvelopeFields = new("action", "ch", "code", "data", "cid");

    private bool _hasOrders;
    private bool _hasFills;
    private bool _ready;
    private long _ping;
    private bool _isPinged;

    /// <summary>The login was accepted; the subscriptions are still to be sent.</summary>
    public bool AwaitsSubscription { get; set; }

    public void Reset() => AwaitsSubscription = _hasOrders = _hasFills = _ready = _isPinged = false;

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
        // An answer to an order means the same on whichever socket it comes.
        if (fields[RequestId].IsPresent) return answers.Decode(frame, batch);
        var action = fields[Action];
        // Documented pushes of `trade.clearing` have no action.
        if (action.Is("push"u8) || !action.IsPresent) return DecodePush(fields[Channel], fields[Data], batch);
        if (action.Is("ping"u8)) return DecodePing(fields[Data]["ts"u8]);
        return fields[Code].TryInt64(out var code) ? DecodeAnswer(action, fields[Channel], code, batch) : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodePing(JsonValue time)
    {
        var cause = time.GetInt64(out var value);
        if (cause != QuarantineCause.None) return cause;
        _ping = value;
        _isPinged = true;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeAnswer(JsonValue action, JsonValue channel, long code, ExecutionBatch batch)
    {
        if (code != 200)
        {
            // Before the channels are up every error ends the login; afterwards it concerns one request.
            if (_ready) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        if (action.Is("req"u8) && channel.Is("auth"u8))
        {
            AwaitsSubscription = true;
            return QuarantineCause.None;
        }

        if (!action.Is("sub"u8)) return QuarantineCause.UnknownChannel;
        _hasOrders |= channel.Text.StartsWith("orders#"u8);
        _hasFills |= channel.Text.StartsWith("trade.clearing#"u8);
        if (_ready || !_hasOrders || !_hasFills) return QuarantineCause.None;
        _ready = true;
        batch.Signal = OrderSignal.SessionReady;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodePush(JsonValue channel, JsonValue data, ExecutionBatch batch)
    {
        var text = channel.Text;
        var isOrders = text.StartsWith("orders#"u8);
        var isFills = text.StartsWith("trade.clearing#"u8);
        if (!isOrders && !isFills && !text.StartsWith("accounts.update#"u8)) return QuarantineCause.UnknownChannel;
        if (!data.IsObject) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = isOrders ? HtxOrderRow.AddState(data, context, statistics, batch)
            : isFills ? HtxOrderRow.AddFill(data, context, statistics, batch)
            : AddBalance(data, batch);
        return batch.Finish(cause, start);
    }

    private const int Currency = 0, AccountId = 1, Balance = 2, Available = 3, AccountType = 4;

    private static readonly JsonFields BalanceFields = new("currency", "accountId", "balance", "available", "accountType");

    /// <summary>
    /// Mode 2 tells both figures together. The first messages after the subscription are the balances as they stand, of all accounts.
    /// </summary>
    private QuarantineCause AddBalance(JsonValue data, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BalanceFields.Count];
        var cause = BalanceFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        cause = fields[AccountId].GetInt64(out var id);
        if (!fields[Currency].IsString) cause.KeepFirst(QuarantineCause.Malformed);
        var total = fields[Balance].AmountOrZero(ref cause);
        var free = fields[Available].AmountOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        if (id != account.Id || !(fields[AccountType].IsEmpty || fields[AccountType].Is("trade"u8))) return QuarantineCause.None;
        if (fields[Balance].IsEmpty || fields[Available].IsEmpty || !HtxAssets.TryRead(fields[Currency], out var asset))
        {
            statistics.BalancesSkipped++;
            return QuarantineCause.None;
        }

        batch.AddBalance(context.Venue, asset, free, Math.Max(0, total - free));
        return QuarantineCause.None;
    }
}
