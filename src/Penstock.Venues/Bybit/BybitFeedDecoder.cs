using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Bybit;

/// <summary>
/// Bybit frames to events, the same for every market. Two decoders in one: <c>.Fast.cs</c> reads books and trades in the
/// documented key orders; this file reads everything in any order and alone decides what is wrong with a frame. Frames are
/// routed by topic: the first snapshot may come before the subscription is confirmed.
/// </summary>
internal sealed partial class BybitFeedDecoder(FeedContext context)
{
    private const int Topic = 0, Type = 1, Sent = 2, Data = 3, Matched = 4, Operation = 5, Success = 6;
    private const int Symbol = 0, Bids = 1, Asks = 2, UpdateId = 3;
    private const int TradeTime = 0, TradeSymbol = 1, TradeSide = 2, TradeSize = 3, TradePrice = 4, TradeId = 5;
    private const int Bid = 0, BidSize = 1, Ask = 2, AskSize = 3;

    /// <summary>The service started anew; what it sends with this id is a whole book.</summary>
    private const long RestartId = 1;

    private static readonly JsonFields EnvelopeFields = new("topic", "type", "ts", "data", "cts", "op", "success");
    private static readonly JsonFields BookFields = new("s", "b", "a", "u");
    private static readonly JsonFields TradeFields = new("T", "s", "S", "v", "p", "i");
    private static readonly JsonFields TickerFields = new("bid1Price", "bid1Size", "ask1Price", "ask1Size");

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;
    private readonly byte[] _topicScratch = new byte[256];
    private readonly byte[] _idScratch = new byte[256];

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

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        return fields[Topic].IsPresent ? DecodeTopic(fields, batch) : DecodeAnswer(fields, batch);
    }

    /// <summary>The four shapes of a pong differ in everything but the operation.</summary>
    private static QuarantineCause DecodeAnswer(in JsonPicked fields, FeedBatch batch)
    {
        var operation = fields[Operation];
        if (!operation.IsString) return QuarantineCause.UnknownChannel;
        if (fields[Success].IsFalse) batch.AddControl(FeedMessageKind.SubscribeRejected);
        else if (operation.Is("ping"u8) || operation.Is("pong"u8)) batch.AddControl(FeedMessageKind.Pong);
        else if (fields[Success].IsTrue && (operation.Is("subscribe"u8) || operation.Is("unsubscribe"u8)))
            batch.AddControl(FeedMessageKind.Subscribed);
        else return QuarantineCause.UnknownChannel;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeTopic(in JsonPicked fields, FeedBatch batch)
    {
        if (!fields[Topic].TryGetText(_topicScratch, out var topic)) return QuarantineCause.Malformed;
        if (topic.StartsWith("orderbook."u8)) return DecodeBookTopic(topic["orderbook."u8.Length..], fields, batch);
        if (topic.StartsWith("publicTrade."u8)) return DecodeTrades(topic["publicTrade."u8.Length..], fields[Data], batch);
        if (topic.StartsWith("tickers."u8)) return DecodeTicker(topic["tickers."u8.Length..], fields, batch);
        if (!IsKnownButUnused(topic)) return QuarantineCause.UnknownChannel;
        batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    /// <summary>Documented public topics this platform does not subscribe to.</summary>
    private static bool IsKnownButUnused(ReadOnlySpan<byte> topic) =>
        topic.StartsWith("kline."u8) || topic.StartsWith("allLiquidation."u8) || topic.StartsWith("liquidation."u8)
        || topic.StartsWith("priceLimit."u8) || topic.StartsWith("insurance."u8) || topic.StartsWith("adlAlert."u8);

    /// <param name="topic">50.BTCUSDT, or rpi.BTCUSDT, whose levels have three numbers.</param>
    private QuarantineCause DecodeBookTopic(ReadOnlySpan<byte> topic, in JsonPicked fields, FeedBatch batch)
    {
        if (topic.StartsWith("rpi."u8))
        {
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        var point = topic.IndexOf((byte)'.');
        if (point is < 1 or > 4 || topic[0] == (byte)'0' || topic[..point].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return QuarantineCause.UnknownChannel;
        var symbol = topic[(point + 1)..];
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        Span<JsonRange> ranges = stackalloc JsonRange[BookFields.Count];
        var cause = BookFields.Pick(fields[Data], ranges, out var book);
        if (cause != QuarantineCause.None) return cause;
        if (!book[Symbol].Is(symbol)) return QuarantineCause.Malformed;
        return topic[..point].SequenceEqual("1"u8) ? AddBest(instrument, fields, book, batch) : AddBook(instrument, fields, book, batch);
    }

    private static QuarantineCause AddBook(InstrumentId instrument, in JsonPicked fields, in JsonPicked book, FeedBatch batch)
    {
        var cause = ReadUpdateId(book[UpdateId], out var updateId);
        if (cause != QuarantineCause.None) return cause;
        var snapshot = fields[Type].Is("snapshot"u8);
        if (!snapshot && !fields[Type].Is("delta"u8)) return QuarantineCause.Malformed;
        snapshot |= updateId == RestartId;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        message.LastUpdateId = updateId;
        cause = ReadTime(fields, out message.Time);
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Buy, book[Bids]);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Sell, book[Asks]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>Level 1 is documented to come whole; where it does not, or a side is empty, there is nothing to report.</summary>
    private static QuarantineCause AddBest(InstrumentId instrument, in JsonPicked fields, in JsonPicked book, FeedBatch batch)
    {
        var cause = FirstLevel(book[Bids], out var bid, out var bidSize);
        cause.KeepFirst(FirstLevel(book[Asks], out var ask, out var askSize));
        cause.KeepFirst(ReadUpdateId(book[UpdateId], out var updateId));
        if (cause != QuarantineCause.None) return cause;
        if (!bid.IsPresent || !ask.IsPresent || !fields[Type].Is("snapshot"u8))
        {
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        cause = ReadTime(fields, out var time);
        return cause == QuarantineCause.None ? AddBest(instrument, bid, bidSize, ask, askSize, time, updateId, batch) : cause;
    }

    private static QuarantineCause AddBest(
        InstrumentId instrument, JsonValue bid, JsonValue bidSize, JsonValue ask, JsonValue askSize,
        Model.Numbers.ExchangeTime time, long updateId, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        message.Time = time;
        message.LastUpdateId = updateId;
        var cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidSize);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askSize);
        batch.EndMessage();
        return cause;
    }

    /// <summary>The first level of a side; missing where the side has none.</summary>
    private static QuarantineCause FirstLevel(JsonValue levels, out JsonValue price, out JsonValue size)
    {
        price = size = default;
        var scanner = new JsonScanner(levels);
        scanner.BeginArray();
        return scanner.NextElement(out var level) ? FeedLevels.SplitPair(level, out price, out size) : scanner.Finish();
    }

    private QuarantineCause DecodeTrades(ReadOnlySpan<byte> symbol, JsonValue data, FeedBatch batch)
    {
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        if (!data.IsArray) return QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        foreach (var entry in data.Elements)
        {
            var cause = TradeFields.Pick(entry, ranges, out var trade);
            if (cause == QuarantineCause.None && !trade[TradeSymbol].Is(symbol)) cause = QuarantineCause.Malformed;
            if (cause == QuarantineCause.None) cause = AddTrade(instrument, trade, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        return QuarantineCause.None;
    }

    /// <summary>The id is a number on spot and a UUID elsewhere.</summary>
    private QuarantineCause AddTrade(InstrumentId instrument, in JsonPicked trade, FeedBatch batch)
    {
        var aggressor = trade[TradeSide].Is("Buy"u8) ? Side.Buy : trade[TradeSide].Is("Sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        if (!trade[TradeId].TryGetText(_idScratch, out var id) || id.IsEmpty) return QuarantineCause.Malformed;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = trade[TradeTime].GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, trade[TradePrice], trade[TradeSize]);
        if (cause == QuarantineCause.None) batch.Events[^1].UpdateId = TradeIdNumber.Of(id);
        batch.EndMessage();
        return cause;
    }

    /// <summary>Derivatives only, and after the first message only what has changed; spot tickers have no bid and ask.</summary>
    private QuarantineCause DecodeTicker(ReadOnlySpan<byte> symbol, in JsonPicked fields, FeedBatch batch)
    {
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        Span<JsonRange> ranges = stackalloc JsonRange[TickerFields.Count];
        var cause = TickerFields.Pick(fields[Data], ranges, out var ticker);
        if (cause != QuarantineCause.None) return cause;
        if (ticker[Bid].IsEmpty || ticker[BidSize].IsEmpty || ticker[Ask].IsEmpty || ticker[AskSize].IsEmpty)
        {
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        cause = fields[Sent].GetUnixMs(out var time);
        return cause == QuarantineCause.None
            ? AddBest(instrument, ticker[Bid], ticker[BidSize], ticker[Ask], ticker[AskSize], time, FeedMessage.NoId, batch)
            : cause;
    }

    private static QuarantineCause ReadUpdateId(JsonValue value, out long updateId)
    {
        var cause = value.GetInt64(out updateId);
        return cause == QuarantineCause.None && updateId < 0 ? QuarantineCause.NumberOutOfRange : cause;
    }

    /// <summary>The matching engine's time where it is told, as for trades; else the time of sending.</summary>
    private static QuarantineCause ReadTime(in JsonPicked fields, out Model.Numbers.ExchangeTime time) =>
        (fields[Matched].IsPresent ? fields[Matched] : fields[Sent]).GetUnixMs(out time);
}
