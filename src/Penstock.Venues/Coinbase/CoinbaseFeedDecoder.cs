using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Coinbase frames to events. Two decoders in one: <c>.Fast.cs</c> reads book updates in the documented key order; this file
/// reads everything in any order and alone decides what is wrong with a frame. Nothing is remembered between frames.
/// </summary>
internal sealed partial class CoinbaseFeedDecoder(FeedContext context)
{
    private const int Channel = 0, Timestamp = 1, Sequence = 2, Events = 3, Type = 4;
    private const int EventType = 0, EventProduct = 1, EventUpdates = 2, EventTrades = 3, EventTickers = 4, EventProducts = 5;
    private const int LevelSide = 0, LevelPrice = 1, LevelQuantity = 2;
    private const int TradeId = 0, TradeProduct = 1, TradePrice = 2, TradeSize = 3, TradeSide = 4, TradeTime = 5;
    private const int TickerProduct = 0, TickerBid = 1, TickerBidQuantity = 2, TickerAsk = 3, TickerAskQuantity = 4;

    private static readonly JsonFields EnvelopeFields = new("channel", "timestamp", "sequence_num", "events", "type");
    private static readonly JsonFields EventFields = new("type", "product_id", "updates", "trades", "tickers", "products");
    private static readonly JsonFields LevelFields = new("side", "price_level", "new_quantity");
    private static readonly JsonFields TradeFields = new("trade_id", "product_id", "price", "size", "side", "time");
    private static readonly JsonFields TickerFields = new("product_id", "best_bid", "best_bid_quantity", "best_ask", "best_ask_quantity");

    /// <summary>Kept in a field: a method group would be a new delegate at every call.</summary>
    private static readonly Comparison<FeedMessage> ById = static (a, b) => a.LastUpdateId.CompareTo(b.LastUpdateId);

    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        batch.Reset();
        if (TryDecodeFast(frame, batch) && batch is { IsFull: false, HasUsualScales: true }) return QuarantineCause.None;
        batch.Reset();
        var cause = batch.Finish(DecodeAny(frame, batch));
        // A frame that is none of our business still counts. One of ours that could not be read does not: the hole it leaves
        // in the count is what makes the books start over.
        if (cause is not (QuarantineCause.None or QuarantineCause.UnknownChannel or QuarantineCause.UnknownInstrument))
            batch.ConnectionSequence = FeedMessage.NoId;
        return cause;
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[Channel].IsString) return DecodeUncounted(fields[Type], batch);
        if (fields[Sequence].GetInt64(out var sequence) is var wrong and not QuarantineCause.None) return wrong;
        if (sequence < 0 || !fields[Sequence].IsNumber) return QuarantineCause.NumberOutOfRange;
        batch.ConnectionSequence = sequence;
        return DecodeChannel(fields, batch);
    }

    /// <summary>Only errors come without a channel, and they are not counted.</summary>
    private static QuarantineCause DecodeUncounted(JsonValue type, FeedBatch batch)
    {
        if (!type.Is("error"u8)) return QuarantineCause.UnknownChannel;
        batch.AddControl(FeedMessageKind.SubscribeRejected);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeChannel(in JsonPicked fields, FeedBatch batch)
    {
        var channel = fields[Channel];
        var kind = KindOf(channel);
        if (kind == FeedMessageKind.None) return QuarantineCause.UnknownChannel;
        if (!fields[Events].IsArray) return QuarantineCause.Malformed;
        if (kind is FeedMessageKind.Heartbeat or FeedMessageKind.Subscribed or FeedMessageKind.Ignored)
        {
            batch.AddControl(kind);
            return QuarantineCause.None;
        }

        var cause = ReadTime(fields[Timestamp], out var time);
        if (cause != QuarantineCause.None) return cause;
        var unknown = false;
        foreach (var happening in fields[Events].Elements)
        {
            cause = DecodeEvent(kind, happening, time, batch);
            // Products that are not ours are passed over, whatever they share a frame with.
            if (cause == QuarantineCause.UnknownInstrument) unknown = true;
            else if (cause != QuarantineCause.None) return cause;
        }

        if (!batch.Messages.IsEmpty) return QuarantineCause.None;
        if (unknown) return QuarantineCause.UnknownInstrument;
        batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    /// <summary>What a channel tells of; None for one the venue does not document.</summary>
    private static FeedMessageKind KindOf(JsonValue channel) =>
        channel.Is("l2_data"u8) ? FeedMessageKind.BookDelta
        : channel.Is("market_trades"u8) ? FeedMessageKind.Trade
        : channel.Is("ticker"u8) || channel.Is("ticker_batch"u8) ? FeedMessageKind.BestBidAsk
        : channel.Is("status"u8) ? FeedMessageKind.Status
        : channel.Is("heartbeats"u8) ? FeedMessageKind.Heartbeat
        : channel.Is("subscriptions"u8) ? FeedMessageKind.Subscribed
        : channel.Is("candles"u8) || channel.Is("user"u8) || channel.Is("futures_balance_summary"u8) ? FeedMessageKind.Ignored
        : FeedMessageKind.None;

    private QuarantineCause DecodeEvent(FeedMessageKind kind, JsonValue happening, ExchangeTime time, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[EventFields.Count];
        var cause = EventFields.Pick(happening, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var snapshot = fields[EventType].Is("snapshot"u8);
        if (!snapshot && !fields[EventType].Is("update"u8)) return QuarantineCause.Malformed;
        return kind switch
        {
            FeedMessageKind.BookDelta => DecodeBook(fields[EventProduct], fields[EventUpdates], snapshot, time, batch),
            FeedMessageKind.Trade => DecodeTrades(fields[EventTrades], snapshot, batch),
            FeedMessageKind.BestBidAsk => DecodeTickers(fields[EventTickers], time, batch),
            _ => DecodeStatuses(fields[EventProducts], batch),
        };
    }

    private QuarantineCause DecodeBook(JsonValue product, JsonValue updates, bool snapshot, ExchangeTime time, FeedBatch batch)
    {
        if (!product.IsString || !updates.IsArray) return QuarantineCause.Malformed;
        if (!_instruments.TryFind(_venue, product, out var instrument)) return QuarantineCause.UnknownInstrument;
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument).Time = time;
        Span<JsonRange> ranges = stackalloc JsonRange[LevelFields.Count];
        foreach (var level in updates.Elements)
        {
            var cause = LevelFields.Pick(level, ranges, out var fields);
            if (cause != QuarantineCause.None) return cause;
            var side = fields[LevelSide].Is("bid"u8) ? Side.Buy : fields[LevelSide].Is("offer"u8) ? Side.Sell : Side.None;
            if (side == Side.None) return QuarantineCause.NumberOutOfRange;
            cause = FeedLevels.Add(batch, kind, side, fields[LevelPrice], fields[LevelQuantity]);
            if (cause != QuarantineCause.None) return cause;
        }

        batch.EndMessage();
        return QuarantineCause.None;
    }

    /// <summary>
    /// A message per trade, oldest first: the venue sends them newest first. The snapshot is what was traded before the
    /// subscription, and no trade now.
    /// </summary>
    private QuarantineCause DecodeTrades(JsonValue trades, bool snapshot, FeedBatch batch)
    {
        if (!trades.IsArray) return QuarantineCause.Malformed;
        if (snapshot)
        {
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        var first = batch.Messages.Length;
        var unknown = false;
        foreach (var trade in trades.Elements)
        {
            var cause = DecodeTrade(trade, batch);
            if (cause == QuarantineCause.UnknownInstrument) unknown = true;
            else if (cause != QuarantineCause.None) return cause;
        }

        var added = batch.Messages[first..];
        if (!IsAscending(added)) added.Sort(ById);
        return unknown ? QuarantineCause.UnknownInstrument : QuarantineCause.None;
    }

    private static bool IsAscending(ReadOnlySpan<FeedMessage> messages)
    {
        for (var index = 1; index < messages.Length; index++)
        {
            if (messages[index].LastUpdateId < messages[index - 1].LastUpdateId) return false;
        }

        return true;
    }

    private QuarantineCause DecodeTrade(JsonValue trade, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        var cause = TradeFields.Pick(trade, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[TradeProduct].IsString || !fields[TradeId].IsString || fields[TradeId].IsEmpty) return QuarantineCause.Malformed;
        if (!_instruments.TryFind(_venue, fields[TradeProduct], out var instrument)) return QuarantineCause.UnknownInstrument;
        // The side is the maker's: whose order rested. The aggressor is the other one.
        var aggressor = fields[TradeSide].Is("BUY"u8) ? Side.Sell : fields[TradeSide].Is("SELL"u8) ? Side.Buy : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        Span<byte> scratch = stackalloc byte[64];
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        message.LastUpdateId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));
        cause = ReadTime(fields[TradeTime], out message.Time);
        if (cause == QuarantineCause.None)
            cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, fields[TradePrice], fields[TradeSize]);
        batch.EndMessage();
        return message.LastUpdateId == 0 ? QuarantineCause.Malformed : cause;
    }

    private QuarantineCause DecodeTickers(JsonValue tickers, ExchangeTime time, FeedBatch batch)
    {
        if (!tickers.IsArray) return QuarantineCause.Malformed;
        var unknown = false;
        foreach (var ticker in tickers.Elements)
        {
            var cause = DecodeTicker(ticker, time, batch);
            if (cause == QuarantineCause.UnknownInstrument) unknown = true;
            else if (cause != QuarantineCause.None) return cause;
        }

        return unknown ? QuarantineCause.UnknownInstrument : QuarantineCause.None;
    }

    /// <summary>ticker_batch has no best bid and ask, and a book may have only one side: then there is nothing to report.</summary>
    private QuarantineCause DecodeTicker(JsonValue ticker, ExchangeTime time, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TickerFields.Count];
        var cause = TickerFields.Pick(ticker, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[TickerProduct].IsString) return QuarantineCause.Malformed;
        if (!_instruments.TryFind(_venue, fields[TickerProduct], out var instrument)) return QuarantineCause.UnknownInstrument;
        if (fields[TickerBid].IsEmpty || fields[TickerAsk].IsEmpty)
        {
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument).Time = time;
        cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, fields[TickerBid], fields[TickerBidQuantity]);
        if (cause == QuarantineCause.None)
            cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, fields[TickerAsk], fields[TickerAskQuantity]);
        batch.EndMessage();
        return cause;
    }

    /// <summary>RFC 3339; the venue's zero, year 1, is "no time".</summary>
    internal static QuarantineCause ReadTime(JsonValue value, out ExchangeTime time)
    {
        if (IsoTime.TryParse(value.Text, out time) || value.Is("0001-01-01T00:00:00Z"u8)) return QuarantineCause.None;
        return QuarantineCause.Malformed;
    }
}
