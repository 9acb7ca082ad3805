using System.Text.Unicode;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Kraken;

/// <summary>
/// Kraken frames to events. Two decoders in one: <c>.Fast.cs</c> reads the three frequent messages in the documented key
/// order; this file reads everything in any order and alone decides what is wrong with a frame.
/// </summary>
internal sealed partial class KrakenFeedDecoder(FeedContext context)
{
    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;
    private InstrumentStatus _systemStatus = InstrumentStatus.Trading;

    /// <summary>The system's status outlives a connection: a maintenance is often what ended the last one.</summary>
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
        JsonValue channel = default, type = default, data = default;
        JsonValue method = default, success = default, result = default, symbol = default;
        var scanner = new JsonScanner(frame);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("channel"u8)) scanner.Take(ref channel);
            else if (key.SequenceEqual("type"u8)) scanner.Take(ref type);
            else if (key.SequenceEqual("data"u8)) scanner.Take(ref data);
            else if (key.SequenceEqual("method"u8)) scanner.Take(ref method);
            else if (key.SequenceEqual("success"u8)) scanner.Take(ref success);
            else if (key.SequenceEqual("result"u8)) scanner.Take(ref result);
            else if (key.SequenceEqual("symbol"u8)) scanner.Take(ref symbol);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (method.IsPresent || success.IsPresent) return DecodeAnswer(method, success, result, symbol, batch);
        return channel.IsString ? DecodeChannel(channel, type, data, batch) : QuarantineCause.UnknownChannel;
    }

    /// <summary>Answers to our requests: one per symbol. A refusal names the symbol beside the error, not in the result.</summary>
    private QuarantineCause DecodeAnswer(JsonValue method, JsonValue success, JsonValue result, JsonValue symbol, FeedBatch batch)
    {
        if (method.Is("pong"u8))
        {
            batch.AddControl(FeedMessageKind.Pong);
            return QuarantineCause.None;
        }

        if (method.IsPresent && !method.Is("subscribe"u8) && !method.Is("unsubscribe"u8)) return QuarantineCause.UnknownChannel;
        if (!success.IsTrue && !success.IsFalse) return QuarantineCause.Malformed;
        if (result.IsObject)
        {
            var scanner = new JsonScanner(result);
            scanner.BeginObject();
            while (scanner.NextKey(out var key))
            {
                if (key.SequenceEqual("symbol"u8) && !symbol.IsPresent) scanner.Take(ref symbol);
                else scanner.Skip();
            }
        }

        _instruments.TryFind(_venue, symbol, out var instrument);
        batch.AddControl(success.IsTrue ? FeedMessageKind.Subscribed : FeedMessageKind.SubscribeRejected, instrument);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeChannel(JsonValue channel, JsonValue type, JsonValue data, FeedBatch batch)
    {
        if (channel.Is("heartbeat"u8))
        {
            batch.AddControl(FeedMessageKind.Heartbeat);
            return QuarantineCause.None;
        }

        var snapshot = type.Is("snapshot"u8);
        if (!snapshot && !type.Is("update"u8)) return type.IsPresent ? QuarantineCause.UnknownChannel : QuarantineCause.Malformed;
        if (channel.Is("instrument"u8)) return DecodeInstruments(data, batch);
        var isBook = channel.Is("book"u8);
        var isTrade = channel.Is("trade"u8);
        var isTicker = channel.Is("ticker"u8);
        var isStatus = channel.Is("status"u8);
        if (!isBook && !isTrade && !isTicker && !isStatus)
        {
            if (!channel.Is("ohlc"u8) && !channel.Is("level3"u8)) return QuarantineCause.UnknownChannel;
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        if (isTrade && snapshot)
        {
            // The last fifty trades: already seen, or older than the connection.
            batch.AddControl(FeedMessageKind.Ignored);
            return QuarantineCause.None;
        }

        var entries = new JsonScanner(data);
        entries.BeginArray();
        while (entries.NextElement(out var entry))
        {
            var cause = isBook ? DecodeBook(entry, snapshot, batch)
                : isTrade ? DecodeTrade(entry, batch)
                : isTicker ? DecodeTicker(entry, batch)
                : DecodeStatus(entry, batch);
            if (cause != QuarantineCause.None) return cause;
        }

        return entries.Finish();
    }

    private QuarantineCause DecodeBook(JsonValue entry, bool snapshot, FeedBatch batch)
    {
        JsonValue symbol = default, bids = default, asks = default, checksum = default, timestamp = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("symbol"u8)) scanner.Take(ref symbol);
            else if (key.SequenceEqual("bids"u8)) scanner.Take(ref bids);
            else if (key.SequenceEqual("asks"u8)) scanner.Take(ref asks);
            else if (key.SequenceEqual("checksum"u8)) scanner.Take(ref checksum);
            else if (key.SequenceEqual("timestamp"u8)) scanner.Take(ref timestamp);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        message.HasChecksum = true;
        var cause = checksum.GetInt64(out message.Checksum);
        if (cause == QuarantineCause.None && (ulong)message.Checksum > uint.MaxValue) cause = QuarantineCause.NumberOutOfRange;
        if (cause == QuarantineCause.None && timestamp.IsPresent) cause = SetTime(ref message, timestamp);
        if (cause == QuarantineCause.None) cause = DecodeLevels(bids, kind, Side.Buy, batch);
        if (cause == QuarantineCause.None) cause = DecodeLevels(asks, kind, Side.Sell, batch);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause DecodeLevels(JsonValue levels, MarketEventKind kind, Side side, FeedBatch batch)
    {
        var scanner = new JsonScanner(levels);
        scanner.BeginArray();
        while (scanner.NextElement(out var level))
        {
            JsonValue price = default, quantity = default;
            var fields = new JsonScanner(level);
            fields.BeginObject();
            while (fields.NextKey(out var key))
            {
                if (key.SequenceEqual("price"u8)) fields.Take(ref price);
                else if (key.SequenceEqual("qty"u8)) fields.Take(ref quantity);
                else fields.Skip();
            }

            var cause = fields.Finish();
            if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, kind, side, price, quantity);
            if (cause != QuarantineCause.None) return cause;
        }

        return scanner.Finish();
    }

    private QuarantineCause DecodeTrade(JsonValue entry, FeedBatch batch)
    {
        JsonValue symbol = default, side = default, price = default, quantity = default, id = default, timestamp = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("symbol"u8)) scanner.Take(ref symbol);
            else if (key.SequenceEqual("side"u8)) scanner.Take(ref side);
            else if (key.SequenceEqual("price"u8)) scanner.Take(ref price);
            else if (key.SequenceEqual("qty"u8)) scanner.Take(ref quantity);
            else if (key.SequenceEqual("trade_id"u8)) scanner.Take(ref id);
            else if (key.SequenceEqual("timestamp"u8)) scanner.Take(ref timestamp);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        var aggressor = side.Is("buy"u8) ? Side.Buy : side.Is("sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = SetTime(ref message, timestamp);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, price, quantity);
        if (cause == QuarantineCause.None) cause = id.GetInt64(out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeTicker(JsonValue entry, FeedBatch batch)
    {
        JsonValue symbol = default, bid = default, bidQuantity = default, ask = default, askQuantity = default, timestamp = default;
        var scanner = new JsonScanner(entry);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("symbol"u8)) scanner.Take(ref symbol);
            else if (key.SequenceEqual("bid"u8)) scanner.Take(ref bid);
            else if (key.SequenceEqual("bid_qty"u8)) scanner.Take(ref bidQuantity);
            else if (key.SequenceEqual("ask"u8)) scanner.Take(ref ask);
            else if (key.SequenceEqual("ask_qty"u8)) scanner.Take(ref askQuantity);
            else if (key.SequenceEqual("timestamp"u8)) scanner.Take(ref timestamp);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        var cause = timestamp.IsPresent ? SetTime(ref message, timestamp) : QuarantineCause.None;
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidQuantity);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askQuantity);
        batch.EndMessage();
        return cause;
    }

    private static QuarantineCause SetTime(ref FeedMessage message, JsonValue timestamp) =>
        IsoTime.TryParse(timestamp.Text, out message.Time) ? QuarantineCause.None : QuarantineCause.Malformed;
}
