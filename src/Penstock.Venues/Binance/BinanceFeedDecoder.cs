using System.Text.Unicode;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Binance;

/// <summary>
/// Binance frames to events. Two decoders in one: <c>.Fast.cs</c> reads the three frequent messages in the documented key
/// order; this file reads everything in any order and alone decides what is wrong with a frame.
/// </summary>
internal sealed partial class BinanceFeedDecoder(FeedContext context)
{
    private readonly VenueId _venue = context.Venue;
    private readonly InstrumentTable _instruments = context.Instruments;

    /// <summary>Nothing is remembered between frames: ids continue across connections.</summary>
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

    /// <summary>The body of GET /api/v3/depth: one BookSnapshot, or the venue's error object.</summary>
    public QuarantineCause DecodeSnapshot(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        batch.Reset();
        return batch.Finish(DecodeDepthBody(instrument, body, batch));
    }

    private static QuarantineCause DecodeDepthBody(Instrument instrument, ReadOnlySpan<byte> body, FeedBatch batch)
    {
        if (!Utf8.IsValid(body)) return QuarantineCause.InvalidUtf8;
        JsonValue code = default, last = default, bids = default, asks = default, time = default;
        var scanner = new JsonScanner(body);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("lastUpdateId"u8)) scanner.Take(ref last);
            else if (key.SequenceEqual("bids"u8)) scanner.Take(ref bids);
            else if (key.SequenceEqual("asks"u8)) scanner.Take(ref asks);
            else if (key.SequenceEqual("T"u8)) scanner.Take(ref time);
            else if (key.SequenceEqual("code"u8)) scanner.Take(ref code);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (code.IsPresent) return QuarantineCause.VenueError;

        ref var message = ref batch.BeginMessage(FeedMessageKind.BookSnapshot, instrument.Id);
        var cause = last.GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && time.IsPresent) cause = time.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Buy, bids);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookSnapshot, Side.Sell, asks);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeAny(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (!Utf8.IsValid(frame)) return QuarantineCause.InvalidUtf8;
        JsonValue stream = default, data = default, result = default, error = default, code = default, id = default;
        var scanner = new JsonScanner(frame);
        scanner.BeginObject();
        while (scanner.NextKey(out var key))
        {
            if (key.SequenceEqual("stream"u8)) scanner.Take(ref stream);
            else if (key.SequenceEqual("data"u8)) scanner.Take(ref data);
            else if (key.SequenceEqual("result"u8)) scanner.Take(ref result);
            else if (key.SequenceEqual("error"u8)) scanner.Take(ref error);
            else if (key.SequenceEqual("code"u8)) scanner.Take(ref code);
            else if (key.SequenceEqual("id"u8)) scanner.Take(ref id);
            else scanner.Skip();
        }

        if (scanner.Finish() is var syntax and not QuarantineCause.None) return syntax;
        if (data.IsPresent) return stream.IsString ? DecodeEvent(data, batch) : QuarantineCause.Malformed;
        if (error.IsPresent || code.IsPresent)
        {
            batch.AddControl(FeedMessageKind.SubscribeRejected);
            return QuarantineCause.None;
        }

        if (!result.IsPresent) return DecodeEvent(new JsonValue(frame.Trim(" \t\r\n"u8)), batch); // a raw, unwrapped stream
        if (!id.IsPresent) return QuarantineCause.Malformed;
        batch.AddControl(FeedMessageKind.Subscribed);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeEvent(JsonValue data, FeedBatch batch)
    {
        if (!data.IsObject) return QuarantineCause.UnknownChannel; // the array streams (!ticker@arr) are never subscribed
        var fields = new SpotEventFields();
        var cause = fields.Read(data);
        if (cause != QuarantineCause.None) return cause;

        // Spot's bookTicker is the only message without an event type that is of use; a partial book has no symbol either.
        if (fields.Type.Is("depthUpdate"u8)) return DecodeDepth(in fields, batch);
        if (fields.Type.Is("trade"u8)) return DecodeTrade(in fields, fields.TradeId, batch);
        if (fields.Type.Is("aggTrade"u8)) return DecodeTrade(in fields, fields.Ask, batch);
        if (fields.Type.Is("bookTicker"u8)) return DecodeTicker(in fields, batch);
        if (!fields.Type.IsPresent && fields.LastId.IsPresent && fields.Symbol.IsPresent) return DecodeTicker(in fields, batch);
        if (fields.Type.Is("serverShutdown"u8))
        {
            batch.AddControl(FeedMessageKind.ReconnectRequested);
            return QuarantineCause.None;
        }

        if (!fields.IsKnownButUnused) return QuarantineCause.UnknownChannel;
        batch.AddControl(FeedMessageKind.Ignored);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeDepth(in SpotEventFields fields, FeedBatch batch)
    {
        if (!_instruments.TryFind(_venue, fields.Symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        var cause = (fields.TransactionTime.IsPresent ? fields.TransactionTime : fields.EventTime).GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None) cause = fields.FirstId.GetInt64(out message.FirstUpdateId);
        if (cause == QuarantineCause.None) cause = fields.LastId.GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && fields.PreviousId.IsPresent)
            cause = fields.PreviousId.GetInt64(out message.PreviousUpdateId);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookDelta, Side.Buy, fields.Bid);
        if (cause == QuarantineCause.None) cause = FeedLevels.AddPairs(batch, MarketEventKind.BookDelta, Side.Sell, fields.Ask);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeTicker(in SpotEventFields fields, FeedBatch batch)
    {
        if (!_instruments.TryFind(_venue, fields.Symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        if (IsNothing(fields.Bid, fields.BidQuantity) || IsNothing(fields.Ask, fields.AskQuantity))
        {
            batch.AddControl(FeedMessageKind.Ignored, instrument); // one side of the book is empty: no best bid and ask
            return QuarantineCause.None;
        }

        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        var cause = fields.LastId.GetInt64(out message.LastUpdateId);
        if (cause == QuarantineCause.None && fields.TransactionTime.IsPresent)
            cause = fields.TransactionTime.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None)
            cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, fields.Bid, fields.BidQuantity);
        if (cause == QuarantineCause.None)
            cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, fields.Ask, fields.AskQuantity);
        batch.EndMessage();
        return cause;
    }

    private QuarantineCause DecodeTrade(in SpotEventFields fields, JsonValue tradeId, FeedBatch batch)
    {
        if (!_instruments.TryFind(_venue, fields.Symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        if (fields.Kind.IsPresent && !fields.Kind.Is("MARKET"u8))
        {
            // Insurance fund and auto-deleveraging transfers (futures) are no trades of the market.
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        if (!fields.BuyerIsMaker.IsTrue && !fields.BuyerIsMaker.IsFalse) return QuarantineCause.Malformed;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        var cause = fields.TransactionTime.GetUnixMs(out message.Time);
        if (cause == QuarantineCause.None)
        {
            cause = FeedLevels.Add(batch, MarketEventKind.Trade, fields.BuyerIsMaker.IsTrue ? Side.Sell : Side.Buy,
                fields.Price, fields.Quantity);
        }

        if (cause == QuarantineCause.None) cause = tradeId.GetInt64(out batch.Events[^1].UpdateId);
        batch.EndMessage();
        return cause;
    }

    /// <summary>Zero at zero is how the venue writes a missing side.</summary>
    private static bool IsNothing(JsonValue price, JsonValue quantity) =>
        price.GetDecimal(out var priceRaw, out _) == QuarantineCause.None && priceRaw == 0
        && quantity.GetDecimal(out var quantityRaw, out _) == QuarantineCause.None && quantityRaw == 0;
}
