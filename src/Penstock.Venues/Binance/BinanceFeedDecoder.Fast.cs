using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Binance;

/// <summary>
/// The documented layouts of depthUpdate, bookTicker and trade, spot and futures. False means "not exactly that", never
/// "wrong": the caller then decodes again with care.
/// </summary>
internal sealed partial class BinanceFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"stream\":\""u8) || !scanner.TryTakeText(out _) || !scanner.TryTake(",\"data\":{"u8)) return false;
        if (scanner.TryTake("\"e\":\"depthUpdate\",\"E\":"u8)) return TryDepth(ref scanner, batch);
        if (scanner.TryTake("\"e\":\"trade\",\"E\":"u8)) return TryTrade(ref scanner, batch);
        scanner.TryTake("\"e\":\"bookTicker\","u8);
        return scanner.TryTake("\"u\":"u8) && TryTicker(ref scanner, batch);
    }

    private bool TryDepth(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var time)) return false;
        if (scanner.TryTake(",\"T\":"u8) && !scanner.TryTakeInt64(out time)) return false;
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        if (!TrySetTime(ref message, time)) return false;
        if (!scanner.TryTake(",\"U\":"u8) || !scanner.TryTakeInt64(out message.FirstUpdateId)) return false;
        if (!scanner.TryTake(",\"u\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (scanner.TryTake(",\"pu\":"u8) && !scanner.TryTakeInt64(out message.PreviousUpdateId)) return false;
        if (!scanner.TryTake(",\"b\":["u8) || !TryLevels(ref scanner, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"a\":["u8) || !TryLevels(ref scanner, Side.Sell, batch)) return false;
        batch.EndMessage();
        return scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    private static bool TryLevels(ref JsonScanner scanner, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTakePair(out var price, out var priceDecimals, out var quantity, out var quantityDecimals)) return false;
            if (FeedLevels.Add(batch, MarketEventKind.BookDelta, side, price, priceDecimals, quantity, quantityDecimals)
                != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    private bool TryTicker(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var updateId)) return false;
        scanner.TryTake(",\"e\":\"bookTicker\""u8); // COIN-M puts it second
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        message.LastUpdateId = updateId;
        if (!scanner.TryTake(",\"b\":\""u8) || !scanner.TryTakeDecimal(out var bid, out var bidDecimals)) return false;
        if (!scanner.TryTake("\",\"B\":\""u8) || !scanner.TryTakeDecimal(out var bidQuantity, out var bidQuantityDecimals)) return false;
        if (!scanner.TryTake("\",\"a\":\""u8) || !scanner.TryTakeDecimal(out var ask, out var askDecimals)) return false;
        if (!scanner.TryTake("\",\"A\":\""u8) || !scanner.TryTakeDecimal(out var askQuantity, out var askQuantityDecimals)) return false;
        if (!scanner.TryTake((byte)'"')) return false;
        if (scanner.TryTake(",\"T\":"u8))
        {
            if (!scanner.TryTakeInt64(out var time) || !TrySetTime(ref message, time)) return false;
            if (!scanner.TryTake(",\"E\":"u8) || !scanner.TryTakeInt64(out _)) return false;
        }

        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidQuantity, bidQuantityDecimals)
            != QuarantineCause.None) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askQuantity, askQuantityDecimals)
            != QuarantineCause.None) return false;
        batch.EndMessage();
        return scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    private bool TryTrade(ref JsonScanner scanner, FeedBatch batch)
    {
        long time = 0;
        if (!scanner.TryTakeInt64(out _)) return false;
        var timed = scanner.TryTake(",\"T\":"u8); // futures; spot names it after the quantity
        if (timed && !scanner.TryTakeInt64(out time)) return false;
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        if (!scanner.TryTake(",\"t\":"u8) || !scanner.TryTakeInt64(out var tradeId)) return false;
        if (!scanner.TryTake(",\"p\":\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
        if (!scanner.TryTake("\",\"q\":\""u8) || !scanner.TryTakeDecimal(out var quantity, out var quantityDecimals)) return false;
        if (!scanner.TryTake((byte)'"')) return false;
        if (timed)
        {
            if (!scanner.TryTake(",\"X\":\"MARKET\""u8)) return false;
        }
        else if (!scanner.TryTake(",\"T\":"u8) || !scanner.TryTakeInt64(out time))
        {
            return false;
        }

        var sells = scanner.TryTake(",\"m\":true"u8);
        if (!sells && !scanner.TryTake(",\"m\":false"u8)) return false;
        if (!timed && !scanner.TryTake(",\"M\":true"u8) && !scanner.TryTake(",\"M\":false"u8)) return false;
        if (!scanner.TryTake("}}"u8) || !scanner.AtEnd || !TrySetTime(ref message, time)) return false;
        if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, quantity, quantityDecimals)
            != QuarantineCause.None) return false;
        batch.Events[^1].UpdateId = tradeId;
        batch.EndMessage();
        return true;
    }

    /// <summary>,"s":"BTCUSDT" and, for futures, the pair after it and the kind of symbol.</summary>
    private bool TrySymbol(ref JsonScanner scanner, out InstrumentId instrument)
    {
        instrument = default;
        if (!scanner.TryTake(",\"s\":\""u8)) return false;
        if (!scanner.TryTakeText(out var symbol) || !_instruments.TryFind(_venue, symbol, out instrument)) return false;
        if (scanner.TryTake(",\"ps\":\""u8) && !scanner.TryTakeText(out _)) return false;
        return !scanner.TryTake(",\"st\":"u8) || scanner.TryTakeInt64(out _);
    }

    private static bool TrySetTime(ref FeedMessage message, long unixMs)
    {
        if ((ulong)unixMs > TimeMsMax) return false;
        message.Time = ExchangeTime.FromMs(unixMs);
        return true;
    }
}
