using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// Bitstamp frames to events. Two decoders in one: <c>.Fast.cs</c> reads books and trades in the documented key order; this
/// file reads everything in any order and alone decides what is wrong with a frame.
/// </summary>
internal sealed partial class BitstampFeedDecoder(FeedContext context)
{
    private const int Happening = 0, Channel = 1, Data = 2;
    private const int Stamp = 0, Bids = 1, Asks = 2, ErrorStatus = 3;
    private const int TradeStamp = 0, TradeId = 1, Price = 2, Amount = 3, Type = 4;

    private static readonly JsonFields EnvelopeFields = new("event", "channel", "data");
    private static readonly JsonFields BookFields = new("microtimestamp", "bids", "asks", "status");
    private static readonly JsonFields TradeFields = new("microtimestamp", "id", "price_str", "amount_str", "type");

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;

    /// <summary>Nothing is remembered between frames.</summary>
    public void Reset()
    {
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (TryDecodeFast(frame, batch) && batch is { IsFull: false, HasUsualScales: true }) return QuarantineCause.None;
        batch.Reset();
        return batch.Finish(DecodeAny(frame, batch));
    }

    /// <summary>The body of order_book/: one BookSnapshot.</summary>
    public QuarantineCause DecodeSnapshot(InstrumentId instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        var cause = JsonValue.Parse(body, out var root);
        if (cause == QuarantineCause.None) cause = DecodeBook(root, FeedMessageKind.BookSnapshot, instrument, batch);
        return batch.Finish(cause);
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[128];
        if (!fields[Channel].TryGetText(scratch, out var channel)) channel = default;
        return fields[Happening].Is("data"u8) || fields[Happening].Is("trade"u8)
            ? DecodeData(fields[Happening], channel, fields[Data], batch)
            : DecodeHappening(fields[Happening], channel, batch);
    }

    private QuarantineCause DecodeHappening(JsonValue happening, ReadOnlySpan<byte> channel, FeedBatch batch)
    {
        var kind =
            happening.Is("bts:heartbeat"u8) ? FeedMessageKind.Pong
            : happening.Is("bts:subscription_succeeded"u8) || happening.Is("bts:unsubscription_succeeded"u8) ? FeedMessageKind.Subscribed
            : happening.Is("bts:request_reconnect"u8) ? FeedMessageKind.ReconnectRequested
            : happening.Is("bts:error"u8) ? FeedMessageKind.SubscribeRejected
            : channel.StartsWith("live_orders_"u8) && happening.Text.StartsWith("order_"u8) ? FeedMessageKind.Ignored
            : FeedMessageKind.None;
        if (kind == FeedMessageKind.None) return QuarantineCause.UnknownChannel;
        InstrumentId instrument = default;
        if (kind is FeedMessageKind.Subscribed or FeedMessageKind.SubscribeRejected && KindOf(channel, out var symbol) != FeedMessageKind.None)
            _instruments.TryFind(_venue, symbol, out instrument);
        batch.AddControl(kind, instrument);
        return QuarantineCause.None;
    }

    /// <summary>The same JSON is a whole book or a change of one: only the channel's name tells.</summary>
    private QuarantineCause DecodeData(JsonValue happening, ReadOnlySpan<byte> channel, JsonValue data, FeedBatch batch)
    {
        var kind = KindOf(channel, out var symbol);
        if (kind == FeedMessageKind.None || happening.Is("trade"u8) != (kind == FeedMessageKind.Trade)) return QuarantineCause.UnknownChannel;
        if (kind == FeedMessageKind.Ignored)
        {
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        return kind == FeedMessageKind.Trade ? DecodeTrade(data, instrument, batch) : DecodeBook(data, kind, instrument, batch);
    }

    /// <summary>What a channel's messages are, and its market.</summary>
    private static FeedMessageKind KindOf(ReadOnlySpan<byte> channel, out ReadOnlySpan<byte> symbol)
    {
        if (TryCut(channel, "diff_order_book_"u8, out symbol)) return FeedMessageKind.BookDelta;
        if (TryCut(channel, "order_book_"u8, out symbol)) return FeedMessageKind.FullBook;
        if (TryCut(channel, "live_trades_"u8, out symbol)) return FeedMessageKind.Trade;
        return TryCut(channel, "detail_order_book_"u8, out symbol) ? FeedMessageKind.Ignored : FeedMessageKind.None;
    }

    private static bool TryCut(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        if (!channel.StartsWith(prefix)) return false;
        rest = channel[prefix.Length..];
        return true;
    }

    private static QuarantineCause DecodeBook(JsonValue data, FeedMessageKind kind, InstrumentId instrument, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[ErrorStatus].Is("error"u8)) return QuarantineCause.VenueError;
        ref var message = ref batch.BeginMessage(kind, instrument);
        cause = ReadStamp(fields[Stamp], out message.Time, out message.LastUpdateId);
        var level = kind == FeedMessageKind.BookDelta ? MarketEventKind.BookDelta : MarketEventKind.BookSnapshot;
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, level, Side.Buy, fields[Bids]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, level, Side.Sell, fields[Asks]);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeTrade(JsonValue data, InstrumentId instrument, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        var cause = TradeFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        cause = fields[Type].GetInt64(out var type);
        if (cause != QuarantineCause.None) return cause;
        var aggressor = type == 0 ? Side.Buy : type == 1 ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        cause = ReadStamp(fields[TradeStamp], out message.Time, out _);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, fields[Price], fields[Amount]);
        if (cause == QuarantineCause.None) cause = fields[TradeId].GetInt64(out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    /// <summary>Microseconds since the epoch: the time, and the only order of updates there is.</summary>
    private static QuarantineCause ReadStamp(JsonValue value, out ExchangeTime time, out long id)
    {
        time = default;
        var cause = value.GetInt64(out id);
        if (cause != QuarantineCause.None) return cause;
        if ((ulong)id > StampMax) return QuarantineCause.NumberOutOfRange;
        time = new ExchangeTime(id * 1_000);
        return QuarantineCause.None;
    }
}
