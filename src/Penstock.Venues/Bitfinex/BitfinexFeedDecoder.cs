using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Bitfinex frames to events. Data are arrays <c>[channel, payload, …]</c> with the number of a channel that an event opened before,
/// events are objects. Two decoders in one: <c>.Fast.cs</c> reads the frequent arrays as documented; this file reads
/// everything and alone decides what is wrong with a frame; <c>.Events.cs</c> has the objects.
/// </summary>
internal sealed partial class BitfinexFeedDecoder(FeedContext context)
{
    /// <summary>Every array carries the milliseconds of sending, last. Understood, not asked for.</summary>
    public const long TimeFlag = 32_768;

    /// <summary>Every array carries the connection's count behind its payload.</summary>
    public const long SequenceFlag = 65_536;

    public const long ChecksumFlag = 131_072;

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;
    private InstrumentStatus _platformStatus = InstrumentStatus.Trading;
    private long _flags;

    public BitfinexChannels Channels { get; } = new();

    /// <summary>The platform's status outlives a connection: a maintenance is often what ended the last one.</summary>
    public void Reset()
    {
        Channels.Clear();
        _flags = 0;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (TryDecodeFast(frame, batch) && batch is { IsFull: false, HasUsualScales: true }) return QuarantineCause.None;
        batch.Reset();
        var cause = batch.Finish(DecodeAny(frame, batch));
        // What was refused of a channel of ours is missing from a book: its number must not count as received, or nobody would notice.
        if (cause is not (QuarantineCause.None or QuarantineCause.UnknownChannel)) batch.Reset();
        return cause;
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (root.IsObject) return DecodeEvent(root, batch);
        return root.IsArray ? DecodeArray(root, batch) : QuarantineCause.Malformed;
    }

    /// <summary>Places are counted from the front: what stands at the end depends on the flags the venue confirmed.</summary>
    private QuarantineCause DecodeArray(JsonValue root, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[5];
        var items = new BitfinexArray(root, ranges);
        var number = items[0];
        var payload = items[1];
        if (!number.IsNumber || !(payload.IsArray || payload.IsString)) return QuarantineCause.Malformed;
        var cause = number.GetInt64(out var id);
        var next = payload.IsArray || payload.Is("hb"u8) ? 2 : 3;
        long sequence = FeedMessage.NoId;
        ExchangeTime time = default;
        if ((_flags & SequenceFlag) != 0) cause.KeepFirst(RequireInt64(items[next++], out sequence));
        if ((_flags & TimeFlag) != 0) cause.KeepFirst(items[next].GetUnixMs(out time));
        if (cause != QuarantineCause.None) return cause;

        batch.ConnectionSequence = sequence;
        if (!Channels.TryFind(id, out var channel)) return QuarantineCause.UnknownChannel;
        if (payload.Is("hb"u8))
        {
            batch.AddControl(FeedMessageKind.Heartbeat, channel.Instrument);
            return QuarantineCause.None;
        }

        return channel.Kind switch
        {
            BitfinexChannelKind.Book => payload.IsArray
                ? DecodeBook(channel.Instrument, payload, time, batch)
                : DecodeChecksum(channel.Instrument, payload, items[2], time, batch),
            BitfinexChannelKind.Trades => DecodeTrade(channel.Instrument, payload, items[2], batch),
            _ => Ignore(channel.Instrument, batch),
        };
    }

    /// <summary>A list of levels is the whole book, a lone level is a change of it.</summary>
    private static QuarantineCause DecodeBook(InstrumentId instrument, JsonValue payload, ExchangeTime time, FeedBatch batch)
    {
        Span<JsonRange> first = stackalloc JsonRange[1];
        var head = new BitfinexArray(payload, first)[0];
        var snapshot = head.IsArray || !head.IsPresent;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        message.Time = time;
        var cause = QuarantineCause.None;
        if (!snapshot)
        {
            cause = AddLevel(payload, MarketEventKind.BookDelta, batch);
        }
        else
        {
            foreach (var level in payload.Elements)
            {
                cause = AddLevel(level, MarketEventKind.BookSnapshot, batch);
                if (cause != QuarantineCause.None) break;
            }
        }

        batch.EndMessage();
        return cause;
    }

    /// <summary><c>[price, count, ±amount]</c>. Count 0 deletes the level, and the amount is then only the sign of its side.</summary>
    private static QuarantineCause AddLevel(JsonValue level, MarketEventKind kind, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[3];
        var items = new BitfinexArray(level, ranges);
        var cause = RequireInt64(items[1], out var orders);
        if (cause == QuarantineCause.None && orders < 0) cause = QuarantineCause.NumberOutOfRange;
        return cause == QuarantineCause.None ? AddSided(items[0], items[2], orders == 0, kind, batch) : cause;
    }

    /// <summary>One event; the amount's sign is its side.</summary>
    private static QuarantineCause AddSided(JsonValue price, JsonValue amount, bool deletes, MarketEventKind kind, FeedBatch batch)
    {
        if (!price.IsNumber || !amount.IsNumber) return QuarantineCause.Malformed;
        var negative = amount.Raw[0] == (byte)'-';
        var side = negative ? Side.Sell : Side.Buy;
        // Finer numbers than usual are kept as they were sent.
        if (!batch.HasUsualScales) return FeedLevels.Add(batch, kind, side, price, new JsonValue(deletes ? "0"u8 : negative ? amount.Raw[1..] : amount.Raw));
        var cause = price.GetDecimal(out var priceRaw, out var priceDecimals);
        cause.KeepFirst(BitfinexNumbers.GetAmount(amount, out var raw, out var decimals));
        if (cause == QuarantineCause.None && raw == 0) cause = QuarantineCause.NumberOutOfRange;
        if (cause != QuarantineCause.None) return cause;
        if (deletes) raw = decimals = 0;
        return FeedLevels.Add(batch, kind, side, priceRaw, priceDecimals, Math.Abs(raw), decimals);
    }

    /// <summary><c>"cs", signed CRC-32</c>: over the book as it stands.</summary>
    private static QuarantineCause DecodeChecksum(
        InstrumentId instrument, JsonValue name, JsonValue value, ExchangeTime time, FeedBatch batch)
    {
        if (!name.Is("cs"u8)) return QuarantineCause.UnknownChannel;
        var cause = RequireInt64(value, out var checksum);
        if (cause == QuarantineCause.None && checksum != (int)checksum) cause = QuarantineCause.NumberOutOfRange;
        if (cause != QuarantineCause.None) return cause;
        ref var message = ref batch.AddControl(FeedMessageKind.BookChecksum, instrument);
        message.Time = time;
        message.Checksum = checksum;
        message.HasChecksum = true;
        return QuarantineCause.None;
    }

    /// <summary>"te" is the trade, "tu" the same trade once more, and a list the trades before the subscription.</summary>
    private static QuarantineCause DecodeTrade(InstrumentId instrument, JsonValue name, JsonValue payload, FeedBatch batch)
    {
        if (name.IsArray || name.Is("tu"u8)) return Ignore(instrument, batch);
        if (!name.Is("te"u8)) return QuarantineCause.UnknownChannel;
        Span<JsonRange> ranges = stackalloc JsonRange[4];
        var items = new BitfinexArray(payload, ranges);
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = items[1].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = AddSided(items[3], items[2], deletes: false, MarketEventKind.Trade, batch);
        if (cause == QuarantineCause.None) cause = TradeIdOf(items[0], out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    /// <summary>A number beyond 64 bits is kept as the hash of its digits.</summary>
    private static QuarantineCause TradeIdOf(JsonValue value, out long id)
    {
        var cause = RequireInt64(value, out id);
        if (cause != QuarantineCause.NumberOverflow) return cause;
        id = TradeIdNumber.Of(value.Raw);
        return QuarantineCause.None;
    }

    private static QuarantineCause Ignore(InstrumentId instrument, FeedBatch batch)
    {
        batch.AddControl(FeedMessageKind.Ignored, instrument);
        return QuarantineCause.None;
    }

    private static QuarantineCause RequireInt64(JsonValue value, out long number)
    {
        number = 0;
        return value.IsNumber ? value.GetInt64(out number) : QuarantineCause.Malformed;
    }
}
