using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Frames of the private WebSocket (venues/coinbase.md §A5). They tell an order's state and total, never a fill: where a total
/// grew, the fills are asked for by REST.
/// </summary>
internal sealed class CoinbaseExecutionDecoder(OrderContext context, CoinbaseOpenOrders open, OrderProtocolStatistics statistics)
{
    private const int Channel = 0, Timestamp = 1, Sequence = 2, Events = 3, Type = 4;

    /// <summary>Before the first frame of a connection any number may come.</summary>
    private const long AnySequence = -1;

    private static readonly JsonFields Fields = new("channel", "timestamp", "sequence_num", "events", "type");

    private long _nextSequence = AnySequence;
    private bool _ready;

    public void Reset()
    {
        _nextSequence = AnySequence;
        _ready = false;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        cause = Fields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[Channel].IsString) return DecodeError(fields[Type], batch);
        cause = fields[Sequence].GetInt64(out var sequence);
        if (cause == QuarantineCause.None) cause = CoinbaseFeedDecoder.ReadTime(fields[Timestamp], out _);
        if (cause != QuarantineCause.None) return cause;
        if (sequence < 0) return QuarantineCause.NumberOutOfRange;
        // Seen already, or overtaken: then what it tells was missed, and is being fetched.
        if (sequence < _nextSequence) return QuarantineCause.None;

        var start = batch.Mark();
        cause = batch.Finish(DecodeChannel(fields, batch), start);
        // What cannot be read is not counted: the hole it leaves makes the next frame ask for everything anew. A channel that is
        // none of ours leaves none.
        if (cause == QuarantineCause.None) Follow(sequence, batch);
        else if (cause == QuarantineCause.UnknownChannel && sequence == _nextSequence) _nextSequence++;
        return cause;
    }

    /// <summary>Only errors come without a channel. Before the stream is up they end the login; afterwards they concern one request.</summary>
    private QuarantineCause DecodeError(JsonValue type, ExecutionBatch batch)
    {
        if (!type.Is("error"u8)) return QuarantineCause.UnknownChannel;
        if (_ready) return QuarantineCause.VenueError;
        batch.Signal = OrderSignal.LoginRefused;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeChannel(in JsonPicked fields, ExecutionBatch batch)
    {
        var channel = fields[Channel];
        if (!fields[Events].IsArray) return QuarantineCause.Malformed;
        if (channel.Is("user"u8))
        {
            CoinbaseFeedDecoder.ReadTime(fields[Timestamp], out var time);
            return DecodeOrders(fields[Events], time, batch);
        }

        if (!channel.Is("subscriptions"u8)) return channel.Is("heartbeats"u8) ? QuarantineCause.None : QuarantineCause.UnknownChannel;
        foreach (var happening in fields[Events].Elements)
        {
            if (happening["subscriptions"u8]["user"u8].IsPresent) BecomeReady(batch);
        }

        return QuarantineCause.None;
    }

    /// <summary>The first message is a snapshot of the open orders, in pages; it may overtake the confirmation of the subscription.</summary>
    private QuarantineCause DecodeOrders(JsonValue events, ExchangeTime time, ExecutionBatch batch)
    {
        foreach (var happening in events.Elements)
        {
            var type = happening["type"u8];
            if (!type.Is("snapshot"u8) && !type.Is("update"u8)) return QuarantineCause.Malformed;
            var orders = happening["orders"u8];
            if (!orders.IsArray && !orders.IsEmpty) return QuarantineCause.Malformed;
            foreach (var row in orders.Elements)
            {
                var cause = CoinbaseOrderRow.Add(row, context, open, statistics, time, batch);
                if (cause != QuarantineCause.None) return cause;
            }
        }

        BecomeReady(batch);
        return QuarantineCause.None;
    }

    private void BecomeReady(ExecutionBatch batch)
    {
        if (_ready) return;
        _ready = true;
        batch.Signal = OrderSignal.SessionReady;
    }

    private void Follow(long sequence, ExecutionBatch batch)
    {
        if (_nextSequence != AnySequence && sequence != _nextSequence)
        {
            statistics.SequenceGaps++;
            // A session just ready reconciles by itself.
            if (batch.Signal == OrderSignal.None) batch.Signal = OrderSignal.PrivateStreamGap;
        }

        _nextSequence = sequence + 1;
    }
}
