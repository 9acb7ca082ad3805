using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Kucoin;

/// <summary>Trades, best bid and ask, tickers.</summary>
internal sealed partial class KucoinFeedDecoder
{
    private static readonly JsonFields TradeFields = new("symbol", "side", "price", "size", "tradeId", "time");
    private static readonly JsonFields BestFields = new("bids", "asks", "timestamp");
    private static readonly JsonFields TickerFields = new("bestBid", "bestBidSize", "bestAsk", "bestAskSize", "time");

    private QuarantineCause DecodeTrade(JsonValue data, ReadOnlySpan<byte> symbol, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFields.Count];
        var cause = TradeFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!TryFind(fields[0], symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        var aggressor = fields[1].Is("buy"u8) ? Side.Buy : fields[1].Is("sell"u8) ? Side.Sell : Side.None;
        if (aggressor == Side.None) return QuarantineCause.NumberOutOfRange;
        Span<byte> scratch = stackalloc byte[64];
        var id = TradeIdNumber.Of(fields[4].GetText(scratch));
        if (id == 0) return QuarantineCause.Malformed;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        cause = KucoinTime.Read(fields[5], out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.Trade, aggressor, fields[2], fields[3]);
        if (cause == QuarantineCause.None) batch.Events[^1].UpdateId = id;
        batch.EndMessage();
        return cause;
    }

    /// <summary>One flat pair a side: <c>"asks":["9989","8"]</c>.</summary>
    private QuarantineCause DecodeBest(JsonValue data, ReadOnlySpan<byte> symbol, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BestFields.Count];
        var cause = BestFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!_instruments.TryFind(_venue, symbol, out var instrument)) return QuarantineCause.UnknownInstrument;
        cause = SplitBest(fields[0], out var bid, out var bidSize);
        if (cause != QuarantineCause.None) return cause;
        cause = SplitBest(fields[1], out var ask, out var askSize);
        return cause == QuarantineCause.None ? AddBest(instrument, bid, bidSize, ask, askSize, fields[2], batch) : cause;
    }

    /// <summary>`/market/ticker:all` names the symbol in the subject.</summary>
    private QuarantineCause DecodeTicker(JsonValue data, JsonValue subject, ReadOnlySpan<byte> symbol, FeedBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TickerFields.Count];
        var cause = TickerFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var found = symbol.SequenceEqual("all"u8)
            ? _instruments.TryFind(_venue, subject, out var instrument)
            : _instruments.TryFind(_venue, symbol, out instrument);
        // Its sequence is not the book's: one number stands for several states of the best bid and ask.
        return found ? AddBest(instrument, fields[0], fields[1], fields[2], fields[3], fields[4], batch) : QuarantineCause.UnknownInstrument;
    }

    private static QuarantineCause AddBest(
        InstrumentId instrument, JsonValue bid, JsonValue bidSize, JsonValue ask, JsonValue askSize, JsonValue time, FeedBatch batch)
    {
        if (!bid.IsPresent || !ask.IsPresent) return QuarantineCause.Malformed;
        if (bid.IsEmpty || ask.IsEmpty)
        {
            // One side of the book is empty: there is no best bid and ask to report.
            batch.AddControl(FeedMessageKind.Ignored, instrument);
            return QuarantineCause.None;
        }

        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        var cause = KucoinTime.Read(time, out message.Time);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidSize);
        if (cause == QuarantineCause.None) cause = FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askSize);
        batch.EndMessage();
        return cause;
    }

    /// <summary>Price and size, or empty texts where the side has none.</summary>
    private static QuarantineCause SplitBest(JsonValue side, out JsonValue price, out JsonValue size)
    {
        price = size = new JsonValue("\"\""u8);
        var scanner = new JsonScanner(side);
        scanner.BeginArray();
        return scanner.NextElement(out _) ? FeedLevels.SplitPair(side, out price, out size) : scanner.Finish();
    }
}
