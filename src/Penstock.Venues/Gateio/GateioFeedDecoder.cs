using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Gate frames to events. Two decoders in one: <c>.Fast.cs</c> reads the frequent messages in the documented key order; this
/// file reads everything in any order and alone decides what is wrong with a frame.
/// </summary>
internal sealed partial class GateioFeedDecoder(FeedContext context)
{
    private const int Time = 0, TimeMs = 1, Channel = 2, Event = 3, Error = 4, Result = 5, Payload = 6, Type = 7;

    // The one-letter names mean different things in different channels.
    private const int SentMs = 0, Full = 1, Symbol = 2, FirstId = 3, LastId = 4, Bids = 5, Asks = 6, BidSize = 7, AskSize = 8;

    private const int TopTime = 0, TopId = 1, TopSymbol = 2, TopBids = 3, TopAsks = 4;

    private const int TradeId = 0, TradeTime = 1, TradeTimeMs = 2, TradeSide = 3, Pair = 4, Amount = 5, TradePrice = 6;

    private static readonly JsonFields EnvelopeFields = new("time", "time_ms", "channel", "event", "error", "result", "payload", "type");

    private static readonly JsonFields BookFields = new("t", "full", "s", "U", "u", "b", "a", "B", "A");

    private static readonly JsonFields TopFields = new("t", "lastUpdateId", "s", "bids", "asks");

    private static readonly JsonFields TradeFields = new("id", "create_time", "create_time_ms", "side", "currency_pair", "amount", "price");

    private static readonly JsonFields SnapshotFields = new("id", "current", "update", "asks", "bids", "label");

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;

    /// <summary>Seconds of the venue's clock as last heard; zero before the first word.</summary>
    public long ServerSeconds { get; private set; }

    /// <summary>Nothing of a connection is remembered; the venue's time goes on.</summary>
    public void Reset()
    {
    }

    /// <summary>False, and nothing taken, for a time no clock shows.</summary>
    public bool NoteServerMs(long ms)
    {
        if ((ulong)ms > TimeMsMax) return false;
        ServerSeconds = ms / 1000;
        return true;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (TryDecodeFast(frame, batch) && batch is { IsFull: false, HasUsualScales: true }) return QuarantineCause.None;
        batch.Reset();
        return batch.Finish(DecodeAny(frame, batch));
    }

    /// <summary>The body of GET /api/v4/spot/order_book with `with_id=true`: one BookSnapshot, or the venue's error object.</summary>
    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return batch.Finish(DecodeBookBody(instrument.Id, body, batch));
    }

    private static QuarantineCause DecodeBookBody(InstrumentId instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[SnapshotFields.Count];
        cause = SnapshotFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[5].IsPresent) return QuarantineCause.VenueError;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookSnapshot, instrument);
        cause = fields[0].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && fields[2].IsPresent) cause = fields[2].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Sell, fields[3]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Buy, fields[4]);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[TimeMs].GetInt64(out var ms) == QuarantineCause.None) NoteServerMs(ms);
        else if (fields[Time].GetInt64(out var seconds) == QuarantineCause.None && (ulong)seconds < TimeMsMax / 1000) NoteServerMs(seconds * 1000);

        if (fields[Type].Is("service_upgrade"u8)) return Control(FeedMessageKind.ReconnectRequested, batch);
        if (!fields[Channel].IsString) return QuarantineCause.UnknownChannel;
        if (fields[Channel].Is("spot.pong"u8)) return Control(FeedMessageKind.Pong, batch);
        var answers = fields[Event].Is("subscribe"u8) || fields[Event].Is("unsubscribe"u8);
        if (answers || IsError(fields[Error])) return DecodeAnswer(fields, batch);
        return DecodeData(fields, batch);
    }

    private static QuarantineCause Control(FeedMessageKind kind, FeedBatch batch, InstrumentId instrument = default)
    {
        batch.AddControl(kind, instrument);
        return QuarantineCause.None;
    }

    /// <summary>Success says `"error":null` or nothing at all.</summary>
    private static bool IsError(JsonValue error) => error.IsPresent && !error.IsNull;

    private QuarantineCause DecodeAnswer(in JsonPicked fields, FeedBatch batch)
    {
        var kind = IsError(fields[Error]) ? FeedMessageKind.SubscribeRejected : FeedMessageKind.Subscribed;
        // A request for one book names it; one for a list of pairs is about no single instrument.
        InstrumentId instrument = default;
        foreach (var stream in fields[Payload].Elements)
        {
            TryFindStream(stream, out instrument);
            break;
        }

        return Control(kind, batch, instrument);
    }

    private QuarantineCause DecodeData(in JsonPicked fields, FeedBatch batch)
    {
        var channel = fields[Channel];
        var result = fields[Result];
        if (channel.Is("spot.obu"u8)) return DecodeBook(result, streamed: true, batch);
        if (!fields[Event].Is("update"u8)) return IsKnownButUnused(channel) ? Control(FeedMessageKind.Ignored, batch) : QuarantineCause.UnknownChannel;
        if (channel.Is("spot.order_book_update"u8)) return DecodeBook(result, streamed: false, batch);
        if (channel.Is("spot.book_ticker"u8)) return DecodeBest(result, batch);
        if (channel.Is("spot.order_book"u8)) return DecodeTop(result, batch);
        if (channel.Is("spot.trades"u8)) return DecodeTrades(result, batch);
        return IsKnownButUnused(channel) ? Control(FeedMessageKind.Ignored, batch) : QuarantineCause.UnknownChannel;
    }

    /// <summary>Documented public channels this platform does not subscribe to.</summary>
    private static bool IsKnownButUnused(JsonValue channel) =>
        channel.Is("spot.tickers"u8) || channel.Is("spot.candlesticks"u8) || channel.Is("spot.trades_v2"u8);

    private QuarantineCause DecodeBook(JsonValue result, bool streamed, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(result, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Full].IsPresent && !fields[Full].IsTrue && !fields[Full].IsFalse) return QuarantineCause.Malformed;
        InstrumentId instrument;
        if (!(streamed ? TryFindStream(fields[Symbol], out instrument) : _instruments.TryFind(_venue, fields[Symbol], out instrument)))
            return fields[Symbol].IsString ? QuarantineCause.UnknownInstrument : QuarantineCause.Malformed;
        var isFull = fields[Full].IsTrue;
        var kind = isFull ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(isFull ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        cause = fields[SentMs].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None && !isFull) cause = fields[FirstId].GetInt64(out message.FirstUpdateId);
        if (cause == QuarantineCause.None) cause = fields[LastId].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Buy, fields[Bids]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Sell, fields[Asks]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>The best levels, all of them in every message.</summary>
    private QuarantineCause DecodeTop(JsonValue result, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TopFields.Count];
        var cause = TopFields.Pick(result, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!_instruments.TryFind(_venue, fields[TopSymbol], out var instrument)) return QuarantineCause.UnknownInstrument;
        ref var message = ref batch.BeginMessage(FeedMessageKind.FullBook, instrument);
        cause = fields[TopTime].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = fields[TopId].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Buy, fields[TopBids]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Sell, fields[TopAsks]);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeBest(JsonValue result, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(result, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!_instruments.TryFind(_venue, fields[Symbol], out var instrument)) return QuarantineCause.UnknownInstrument;
        // An empty text is how the venue writes an empty side: there is no best bid and ask to report.
        if (fields[Bids].Is(""u8) || fields[Asks].Is(""u8)) return Control(FeedMessageKind.Ignored, batch, instrument);
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        cause = fields[SentMs].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = fields[LastId].GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, fields[Bids], fields[BidSize]);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, fields[Asks], fields[AskSize]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>One trade; some clients have seen a list of them, and a list is read too.</summary>
    private QuarantineCause DecodeTrades(JsonValue result, FeedBatch batch)
    {
        if (!result.IsArray) return DecodeTrade(result, batch);
        foreach (var trade in result.Elements)
        {
            var cause = DecodeTrade(trade, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        return QuarantineCause.None;
    }

    private QuarantineCause DecodeTrade(JsonValue trade, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        var cause = TradeFields.Pick(trade, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!_instruments.TryFind(_venue, fields[Pair], out var instrument)) return QuarantineCause.UnknownInstrument;
        var aggressor = fields[TradeSide].Is("buy"u8) ? Side.Buy : fields[TradeSide].Is("sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        if (fields[TradeTimeMs].IsPresent) cause = GateioTime.Read(fields[TradeTimeMs], out message.Time);
        else if ((cause = fields[TradeTime].GetInt64(out var seconds)) == QuarantineCause.None && !TrySetSeconds(ref message, seconds)) cause = QuarantineCause.NumberOutOfRange;
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, fields[TradePrice], fields[Amount]);
        if (cause == QuarantineCause.None) cause = ReadTradeId(fields[TradeId], out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    /// <summary>A number, in both spellings; one beyond 64 bits becomes a number that stays the same.</summary>
    private static QuarantineCause ReadTradeId(JsonValue value, out long id)
    {
        var cause = value.GetInt64(out id);
        if (cause != QuarantineCause.NumberOverflow) return cause;
        id = TradeIdNumber.Of(value.IsString ? value.Text : value.Raw);
        return QuarantineCause.None;
    }

    private static bool TrySetSeconds(ref FeedMessage message, long seconds)
    {
        if ((ulong)seconds > TimeMsMax / 1000) return false;
        message.Time = Model.Numbers.ExchangeTime.FromMs(seconds * 1000);
        return true;
    }

    /// <summary>A stream is `ob.PAIR.LEVELS`; other channels' payloads are the pair itself.</summary>
    private bool TryFindStream(JsonValue stream, out InstrumentId instrument)
    {
        instrument = default;
        Span<byte> scratch = stackalloc byte[128];
        return stream.TryGetText(scratch, out var text) && _instruments.TryFind(_venue, PairOf(text), out instrument);
    }

    private static ReadOnlySpan<byte> PairOf(ReadOnlySpan<byte> stream)
    {
        var last = stream.LastIndexOf((byte)'.');
        return stream.StartsWith("ob."u8) && last > 2 ? stream[3..last] : stream;
    }
}
