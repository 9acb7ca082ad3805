using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Level-2 increments in the documented layout and in the recorded one, and level 1 in the documented. False means "not exactly
/// that", never "wrong": the caller then decodes again with care.
/// </summary>
internal sealed partial class KucoinFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (scanner.TryTake("{\"data\":{\"sequenceStart\":"u8)) return TryRecordedIncrement(ref scanner, batch);
        var isTypeFirst = scanner.TryTake("{\"type\":\"message\",\"topic\":\""u8);
        if (!isTypeFirst && !scanner.TryTake("{\"topic\":\""u8)) return false;
        if (scanner.TryTake("/market/level2:"u8)) return TryIncrement(ref scanner, isTypeFirst, batch);
        return scanner.TryTake("/spotMarket/level1:"u8) && TryBest(ref scanner, isTypeFirst, batch);
    }

    /// <summary>
    /// …BTC-USDT","subject":"trade.l2update","data":{"changes":{…},"sequenceEnd":2,"sequenceStart":1,"symbol":"BTC-USDT","time":3}}
    /// </summary>
    private bool TryIncrement(ref JsonScanner scanner, bool isTypeFirst, FeedBatch batch)
    {
        if (!scanner.TryTakeText(out var symbol) || !_instruments.TryFind(_venue, symbol, out var instrument)) return false;
        if (!isTypeFirst && !scanner.TryTake(",\"type\":\"message\""u8)) return false;
        if (!scanner.TryTake(",\"subject\":\"trade.l2update\",\"data\":{"u8)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        if (!batch.HasUsualScales || !TryChanges(ref scanner, batch)) return false;
        message.HasEventIds = true;
        if (!scanner.TryTake(",\"sequenceEnd\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (!scanner.TryTake(",\"sequenceStart\":"u8) || !scanner.TryTakeInt64(out message.FirstUpdateId)) return false;
        if (message.FirstUpdateId > message.LastUpdateId) return false;
        if (!scanner.TryTake(",\"symbol\":\""u8) || !scanner.TryTakeText(out var again) || !again.SequenceEqual(symbol)) return false;
        if (!scanner.TryTake(",\"time\":"u8) || !TryTimeMs(ref scanner, ref message)) return false;
        batch.EndMessage();
        return scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    /// <summary>
    /// …1,"symbol":"BTC-USDT","changes":{…},"sequenceEnd":2},"subject":"trade.l2update","topic":"/market/level2:BTC-USDT","type":"message"}
    /// </summary>
    private bool TryRecordedIncrement(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var first) || !scanner.TryTake(",\"symbol\":\""u8)) return false;
        if (!scanner.TryTakeText(out var symbol) || !_instruments.TryFind(_venue, symbol, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        if (!batch.HasUsualScales || !scanner.TryTake((byte)',') || !TryChanges(ref scanner, batch)) return false;
        message.HasEventIds = true;
        message.FirstUpdateId = first;
        if (!scanner.TryTake(",\"sequenceEnd\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (message.FirstUpdateId > message.LastUpdateId) return false;
        if (!scanner.TryTake("},\"subject\":\"trade.l2update\",\"topic\":\"/market/level2:"u8) || !scanner.TryTakeText(out _)) return false;
        batch.EndMessage();
        return scanner.TryTake(",\"type\":\"message\"}"u8) && scanner.AtEnd;
    }

    /// <summary>"changes":{"asks":[…],"bids":[…]}</summary>
    private static bool TryChanges(ref JsonScanner scanner, FeedBatch batch) =>
        scanner.TryTake("\"changes\":{\"asks\":["u8) && TrySide(ref scanner, Side.Sell, batch)
        && scanner.TryTake(",\"bids\":["u8) && TrySide(ref scanner, Side.Buy, batch) && scanner.TryTake((byte)'}');

    /// <summary>["price","size","sequence"],…]</summary>
    private static bool TrySide(ref JsonScanner scanner, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTake("[\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake("\",\""u8) || !scanner.TryTakeDecimal(out var size, out var sizeDecimals)) return false;
            if (!scanner.TryTake("\",\""u8) || !scanner.TryTakeInt64(out var sequence) || !scanner.TryTake("\"]"u8)) return false;
            if (price == 0) continue;
            if (FeedLevels.Add(batch, MarketEventKind.BookDelta, side, price, priceDecimals, size, sizeDecimals) != QuarantineCause.None)
                return false;
            batch.Events[^1].UpdateId = sequence;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    /// <summary>
    /// …BTC-USDT","type":"message","subject":"level1","data":{"asks":["9989","8"],"bids":["9984","10"],"timestamp":1586948108193}}
    /// </summary>
    private bool TryBest(ref JsonScanner scanner, bool isTypeFirst, FeedBatch batch)
    {
        if (!scanner.TryTakeText(out var symbol) || !_instruments.TryFind(_venue, symbol, out var instrument)) return false;
        if (!isTypeFirst && !scanner.TryTake(",\"type\":\"message\""u8)) return false;
        if (!scanner.TryTake(",\"subject\":\"level1\",\"data\":{\"asks\":"u8)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        if (!batch.HasUsualScales) return false;
        if (!scanner.TryTakePair(out var ask, out var askDecimals, out var askSize, out var askSizeDecimals)) return false;
        if (!scanner.TryTake(",\"bids\":"u8)) return false;
        if (!scanner.TryTakePair(out var bid, out var bidDecimals, out var bidSize, out var bidSizeDecimals)) return false;
        if (!scanner.TryTake(",\"timestamp\":"u8) || !TryTimeMs(ref scanner, ref message)) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidSize, bidSizeDecimals)
            != QuarantineCause.None) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askSize, askSizeDecimals)
            != QuarantineCause.None) return false;
        batch.EndMessage();
        return scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    private static bool TryTimeMs(ref JsonScanner scanner, ref FeedMessage message)
    {
        if (!scanner.TryTakeInt64(out var unixMs) || (ulong)unixMs > TimeMsMax) return false;
        message.Time = ExchangeTime.FromMs(unixMs);
        return true;
    }
}
