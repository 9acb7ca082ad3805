using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Htx;

/// <summary>
/// HTX frames to events. Each is a gzip member of its own; text is taken as well, as captures and tests have it. Two decoders in
/// one: <c>.Fast.cs</c> reads the frequent messages in the documented key order; this file reads everything in any order and alone
/// decides what is wrong with a frame.
/// </summary>
internal sealed partial class HtxFeedDecoder(FeedContext context)
{
    private const int Channel = 0, Time = 1, Tick = 2, Ping = 3, Status = 4, Subbed = 5, Unsubbed = 6, Reply = 7, Data = 8, Id = 9;

    private static readonly JsonFields EnvelopeFields = new("ch", "ts", "tick", "ping", "status", "subbed", "unsubbed", "rep", "data", "id");

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;
    private readonly GzipInflater _inflater = new();
    private long _ping;
    private bool _isPinged;

    public void Reset() => _isPinged = false;

    /// <summary>The number of the venue's last ping, once. Of several in one socket read the last answers for all.</summary>
    public bool TryTakePing(out long number)
    {
        number = _ping;
        var isPinged = _isPinged;
        _isPinged = false;
        return isPinged;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (GzipInflater.IsGzip(frame))
        {
            var cause = _inflater.Inflate(frame, out frame);
            if (cause != QuarantineCause.None) return cause;
        }

        var cut = batch.QuantitiesCut;
        if (TryDecodeFast(frame, batch) && !batch.IsFull) return QuarantineCause.None;
        batch.Clear();
        batch.QuantitiesCut = cut;
        return batch.Finish(DecodeAny(frame, batch));
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Channel].IsPresent) return DecodeChannel(fields, batch);
        if (fields[Ping].IsPresent) return DecodePing(fields[Ping], batch);
        return fields[Status].IsPresent ? DecodeAnswer(fields, batch) : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodePing(JsonValue number, FeedBatch batch)
    {
        var cause = number.GetInt64(out var value);
        if (cause != QuarantineCause.None) return cause;
        TakePing(value, batch);
        return QuarantineCause.None;
    }

    private void TakePing(long number, FeedBatch batch)
    {
        _ping = number;
        _isPinged = true;
        batch.AddControl(FeedMessageKind.Heartbeat);
    }

    /// <summary>Answers to sub, unsub and req; an error has the id we gave, which is the symbol.</summary>
    private QuarantineCause DecodeAnswer(in JsonPicked fields, FeedBatch batch)
    {
        if (!fields[Status].Is("ok"u8))
        {
            if (!fields[Status].Is("error"u8)) return QuarantineCause.Malformed;
            _instruments.TryFind(_venue, fields[Id], out var refused);
            batch.AddControl(FeedMessageKind.SubscribeRejected, refused);
            return QuarantineCause.None;
        }

        var topic = fields[Reply].IsPresent ? fields[Reply] : fields[Subbed].IsPresent ? fields[Subbed] : fields[Unsubbed];
        if (!topic.IsString) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[128];
        var parsed = HtxTopic.Parse(topic.GetText(scratch));
        var isKnown = _instruments.TryFind(_venue, parsed.Symbol, out var instrument);
        if (!fields[Reply].IsPresent)
        {
            batch.AddControl(FeedMessageKind.Subscribed, instrument);
            return QuarantineCause.None;
        }

        if (parsed.Channel != HtxChannel.BookDelta) return QuarantineCause.UnknownChannel;
        return isKnown ? DecodeBook(instrument, FeedMessageKind.BookSnapshot, fields[Time], fields[Data], batch) : QuarantineCause.UnknownInstrument;
    }

    private QuarantineCause DecodeChannel(in JsonPicked fields, FeedBatch batch)
    {
        if (!fields[Channel].IsString || !fields[Tick].IsObject) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[128];
        var topic = HtxTopic.Parse(fields[Channel].GetText(scratch));
        if (topic.Channel == HtxChannel.Unknown) return QuarantineCause.UnknownChannel;
        if (topic.Channel == HtxChannel.Unused)
        {
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        if (!_instruments.TryFind(_venue, topic.Symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        return topic.Channel switch
        {
            HtxChannel.BookDelta => DecodeBook(instrument, FeedMessageKind.BookDelta, fields[Time], fields[Tick], batch),
            HtxChannel.FullBook => DecodeBook(instrument, FeedMessageKind.FullBook, fields[Time], fields[Tick], batch),
            HtxChannel.BestBidAsk => DecodeBest(instrument, fields[Time], fields[Tick], batch),
            _ => DecodeTrades(instrument, fields[Tick], batch),
        };
    }

    private const int Bids = 0, Asks = 1, Number = 2, PreviousNumber = 3, Version = 4, BookTime = 5;

    private static readonly JsonFields BookFields = new("bids", "asks", "seqNum", "prevSeqNum", "version", "ts");

    /// <summary>`mbp` counts by seqNum, `depth` by version; a side without changes may be missing.</summary>
    private static QuarantineCause DecodeBook(InstrumentId instrument, FeedMessageKind kind, JsonValue sent, JsonValue book, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(book, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        ref var message = ref batch.BeginMessage(kind, instrument);
        var time = fields[BookTime].IsPresent ? fields[BookTime] : sent;
        if (time.IsPresent) cause.KeepFirst(time.GetUnixMs(out message.Time));
        cause.KeepFirst((fields[Number].IsPresent ? fields[Number] : fields[Version]).GetInt64(out message.LastUpdateId));
        if (kind == FeedMessageKind.BookDelta) cause.KeepFirst(fields[PreviousNumber].GetInt64(out message.PreviousUpdateId));
        var eventKind = kind == FeedMessageKind.BookDelta ? MarketEventKind.BookDelta : MarketEventKind.BookSnapshot;
        if (cause == QuarantineCause.None) cause = AddLevels(batch, eventKind, Side.Buy, fields[Bids]);
        if (cause == QuarantineCause.None) cause = AddLevels(batch, eventKind, Side.Sell, fields[Asks]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>A side without changes is missing, null, or empty, as an array or as an object ("a blank object").</summary>
    private static QuarantineCause AddLevels(FeedBatch batch, MarketEventKind kind, Side side, JsonValue levels)
    {
        if (!levels.IsPresent || levels.IsNull || (levels.IsObject && !levels.Members.MoveNext())) return QuarantineCause.None;
        return FeedLevels.AddPairs(batch, kind, side, levels);
    }

    private const int BestNumber = 0, Bid = 1, BidSize = 2, Ask = 3, AskSize = 4, QuoteTime = 5;

    private static readonly JsonFields BestFields = new("seqId", "bid", "bidSize", "ask", "askSize", "quoteTime");

    private static QuarantineCause DecodeBest(InstrumentId instrument, JsonValue sent, JsonValue tick, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BestFields.Count];
        var cause = BestFields.Pick(tick, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Bid].IsNull || fields[Ask].IsNull)
        {
            // One side of the book is empty: there is no best bid and ask to report.
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        cause = (fields[QuoteTime].IsPresent ? fields[QuoteTime] : sent).GetUnixMs(out message.Time);
        cause.KeepFirst(fields[BestNumber].GetInt64(out message.LastUpdateId));
        cause.KeepFirst(FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, fields[Bid], fields[BidSize]));
        cause.KeepFirst(FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, fields[Ask], fields[AskSize]));
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeTrades(InstrumentId instrument, JsonValue tick, FeedBatch batch)
    {
        var trades = tick["data"u8];
        if (!trades.IsArray) return QuarantineCause.Malformed;
        foreach (var trade in trades.Elements)
        {
            var cause = DecodeTrade(instrument, trade, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        PutOldestFirst(batch);
        return QuarantineCause.None;
    }

    private const int TradeId = 0, LongId = 1, TradeTime = 2, Price = 3, Amount = 4, Direction = 5;

    private static readonly JsonFields TradeFields = new("tradeId", "id", "ts", "price", "amount", "direction");

    private static QuarantineCause DecodeTrade(InstrumentId instrument, JsonValue trade, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        var cause = TradeFields.Pick(trade, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var side = fields[Direction].Is("buy"u8) ? Side.Buy : fields[Direction].Is("sell"u8) ? Side.Sell : Side.None;
        if (side == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        cause = fields[TradeTime].GetUnixMs(out message.Time);
        cause.KeepFirst(ReadTradeId(fields, out var id));
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, side, fields[Price], fields[Amount]);
        if (cause == QuarantineCause.None) batch.Events[^1].UpdateId = id;
        batch.EndMessage();
        return cause;
    }

    /// <summary>`tradeId` is a number of 64 bits. Messages from before it had one know only `id`, of 26 digits: its hash then.</summary>
    private static QuarantineCause ReadTradeId(in JsonPicked fields, out long id)
    {
        id = 0;
        if (fields[TradeId].IsPresent) return fields[TradeId].GetInt64(out id);
        var cause = fields[LongId].GetInt64(out id);
        if (cause != QuarantineCause.NumberOverflow) return cause;
        Span<byte> scratch = stackalloc byte[64];
        id = TradeIdNumber.Of(fields[LongId].GetText(scratch));
        return id == 0 ? QuarantineCause.Malformed : QuarantineCause.None;
    }

    /// <summary>Several trades of one moment come newest first.</summary>
    private static void PutOldestFirst(FeedBatch batch)
    {
        var messages = batch.Messages;
        if (messages.Length < 2 || batch.EventsOf(messages[0])[0].UpdateId <= batch.EventsOf(messages[^1])[0].UpdateId) return;
        messages.Reverse();
    }
}
