using System.Text.Unicode;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Okx;

/// <summary>
/// OKX frames to events. Two decoders in one: <c>.Fast.cs</c> reads the three frequent messages in the documented key
/// order; this file reads everything in any order and alone decides what is wrong with a frame.
/// </summary>
internal sealed partial class OkxFeedDecoder(FeedContext context)
{
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

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (!Utf8.IsValid(frame)) return QuarantineCause.InvalidUtf8;
        JsonValue argument = default, action = default, data = default, happening = default, code = default;
        var scanner = new JsonScanner(frame);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("arg"u8)) scanner.Take(ref argument);
            else if (key.SequenceEqual("action"u8)) scanner.Take(ref action);
            else if (key.SequenceEqual("data"u8)) scanner.Take(ref data);
            else if (key.SequenceEqual("event"u8)) scanner.Take(ref happening);
            else if (key.SequenceEqual("code"u8)) scanner.Take(ref code);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        JsonValue channel = default, symbol = default;
        if (argument.IsPresent)
        {
            var fields = new JsonScanner(argument);
            fields.BeginObject();
            while (fields.NextKey(out var key))
            {
                if (key.SequenceEqual("channel"u8)) fields.Take(ref channel);
                else if (key.SequenceEqual("instId"u8)) fields.Take(ref symbol);
                else fields.Skip();
            }

            if (fields.Finish() is var cause and not QuarantineCause.None) return cause;
        }

        if (happening.IsPresent) return DecodeHappening(happening, code, symbol, batch);
        return channel.IsPresent && data.IsPresent
            ? DecodeChannel(channel, symbol, action, data, batch)
            : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodeHappening(JsonValue happening, JsonValue code, JsonValue symbol, FeedBatch batch)
    {
        _instruments.TryFind(_venue, symbol, out var instrument);
        var kind =
            happening.Is("subscribe"u8) || happening.Is("unsubscribe"u8) ? FeedMessageKind.Subscribed
            : happening.Is("error"u8) || happening.Is("channel-conn-count-error"u8) ? FeedMessageKind.SubscribeRejected
            : happening.Is("notice"u8) && code.Is("64008"u8) ? FeedMessageKind.ReconnectRequested
            : happening.Is("notice"u8) || happening.Is("channel-conn-count"u8) || happening.Is("login"u8) ? FeedMessageKind.Ignored
            : FeedMessageKind.None;
        if (kind == FeedMessageKind.None) return QuarantineCause.UnknownChannel;
        batch.AddControl(kind, instrument);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeChannel(JsonValue channel, JsonValue symbol, JsonValue action, JsonValue data, FeedBatch batch)
    {
        if (channel.Is("instruments"u8)) return DecodeStatuses(data, batch);
        var isBook = channel.Is("books"u8) || channel.Is("books-l2-tbt"u8) || channel.Is("books50-l2-tbt"u8);
        var isTrade = channel.Is("trades"u8) || channel.Is("trades-all"u8);
        var isBest = channel.Is("bbo-tbt"u8);
        var isTicker = channel.Is("tickers"u8);
        if (!isBook && !isTrade && !isBest && !isTicker)
        {
            if (!IsKnownButUnused(channel)) return QuarantineCause.UnknownChannel;
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        var snapshot = action.Is("snapshot"u8);
        if (isBook && !snapshot && !action.Is("update"u8)) return QuarantineCause.Malformed;

        var entries = new JsonScanner(data);
        entries.BeginArray();
        while (entries.NextElement(out var entry))
        {
            var cause = isBook ? DecodeBook(instrument, entry, snapshot, batch)
                : isTrade ? DecodeTrade(instrument, entry, batch)
                : isBest ? DecodeBest(instrument, entry, batch)
                : DecodeTicker(instrument, entry, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        return entries.Finish();
    }

    /// <summary>Documented public channels this platform does not subscribe to.</summary>
    private static bool IsKnownButUnused(JsonValue channel) =>
        channel.Is("books5"u8) || channel.Is("mark-price"u8) || channel.Is("index-tickers"u8) || channel.Is("funding-rate"u8)
        || channel.Is("open-interest"u8) || channel.Is("price-limit"u8) || channel.Is("estimated-price"u8)
        || channel.Is("status"u8) || channel.Is("liquidation-orders"u8) || channel.Is("opt-summary"u8)
        || channel.Text.StartsWith("candle"u8) || channel.Text.StartsWith("mark-price-candle"u8);

    private static QuarantineCause DecodeBook(InstrumentId instrument, JsonValue entry, bool snapshot, FeedBatch batch)
    {
        JsonValue asks = default, bids = default, time = default, checksum = default, id = default, previousId = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("asks"u8)) scanner.Take(ref asks);
            else if (key.SequenceEqual("bids"u8)) scanner.Take(ref bids);
            else if (key.SequenceEqual("ts"u8)) scanner.Take(ref time);
            else if (key.SequenceEqual("checksum"u8)) scanner.Take(ref checksum);
            else if (key.SequenceEqual("seqId"u8)) scanner.Take(ref id);
            else if (key.SequenceEqual("prevSeqId"u8)) scanner.Take(ref previousId);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        var cause = time.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None && id.IsPresent) cause = id.GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && previousId.IsPresent) cause = previousId.GetInt64(out message.PreviousUpdateId);
        if (cause == QuarantineCause.None && checksum.IsPresent) cause = checksum.GetInt64(out message.Checksum);
        if (cause == QuarantineCause.None && message.Checksum != (int)message.Checksum) cause = QuarantineCause.NumberOutOfRange;
        message.HasChecksum = message.Checksum != 0;
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Sell, asks);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, kind, Side.Buy, bids);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeTrade(InstrumentId instrument, JsonValue entry, FeedBatch batch)
    {
        JsonValue id = default, price = default, size = default, side = default, time = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("tradeId"u8)) scanner.Take(ref id);
            else if (key.SequenceEqual("px"u8)) scanner.Take(ref price);
            else if (key.SequenceEqual("sz"u8)) scanner.Take(ref size);
            else if (key.SequenceEqual("side"u8)) scanner.Take(ref side);
            else if (key.SequenceEqual("ts"u8)) scanner.Take(ref time);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        var aggressor = side.Is("buy"u8) ? Side.Buy : side.Is("sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = time.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, price, size);
        if (cause == QuarantineCause.None) cause = id.GetInt64(out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeBest(InstrumentId instrument, JsonValue entry, FeedBatch batch)
    {
        JsonValue asks = default, bids = default, time = default, id = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("asks"u8)) scanner.Take(ref asks);
            else if (key.SequenceEqual("bids"u8)) scanner.Take(ref bids);
            else if (key.SequenceEqual("ts"u8)) scanner.Take(ref time);
            else if (key.SequenceEqual("seqId"u8)) scanner.Take(ref id);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        var cause = FirstLevel(asks, out var ask, out var askSize);
        if (cause != QuarantineCause.None) return cause;
        cause = FirstLevel(bids, out var bid, out var bidSize);
        return cause == QuarantineCause.None ? AddBest(instrument, bid, bidSize, ask, askSize, time, id, batch) : cause;
    }

    private static QuarantineCause DecodeTicker(InstrumentId instrument, JsonValue entry, FeedBatch batch)
    {
        JsonValue ask = default, askSize = default, bid = default, bidSize = default, time = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("askPx"u8)) scanner.Take(ref ask);
            else if (key.SequenceEqual("askSz"u8)) scanner.Take(ref askSize);
            else if (key.SequenceEqual("bidPx"u8)) scanner.Take(ref bid);
            else if (key.SequenceEqual("bidSz"u8)) scanner.Take(ref bidSize);
            else if (key.SequenceEqual("ts"u8)) scanner.Take(ref time);
            else scanner.Skip();
        }

        return scanner.Finish() is var syntax and not QuarantineCause.None
            ? syntax
            : AddBest(instrument, bid, bidSize, ask, askSize, time, default, batch);
    }

    private static QuarantineCause AddBest(
        InstrumentId instrument, JsonValue bid, JsonValue bidSize, JsonValue ask, JsonValue askSize,
        JsonValue time, JsonValue id, FeedBatch batch)
    {
        if (bid.Is(""u8) || ask.Is(""u8))
        {
            // Empty text is the venue's null: one side of the book is empty, and there is no best bid and ask to report.
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        var cause = time.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None && id.IsPresent) cause = id.GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidSize);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askSize);
        batch.EndMessage();
        return cause;
    }

    /// <summary>The first level of a side, or empty texts where the side has none.</summary>
    private static QuarantineCause FirstLevel(JsonValue levels, out JsonValue price, out JsonValue size)
    {
        price = size = new JsonValue("\"\""u8);
        var scanner = new JsonScanner(levels);
        scanner.BeginArray();
        if (!scanner.NextElement(out var level)) return scanner.Finish();
        return FeedLevels.SplitPair(level, out price, out size);
    }
}
