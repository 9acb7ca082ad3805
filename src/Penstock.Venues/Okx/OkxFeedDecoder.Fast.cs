using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Okx;

/// <summary>
/// The documented layouts of books, trades and bbo-tbt. False means "not exactly that", never "wrong": the caller then
/// decodes again with care.
/// </summary>
internal sealed partial class OkxFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"arg\":{\"channel\":\""u8)) return TryPong(frame, batch);
        if (scanner.TryTake("books\""u8)) return TryBook(ref scanner, batch);
        if (scanner.TryTake("bbo-tbt\""u8)) return TryBest(ref scanner, batch);
        return scanner.TryTake("trades\""u8) && TryTrades(ref scanner, batch);
    }

    /// <summary>The one frame that is not JSON.</summary>
    private static bool TryPong(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (!frame.SequenceEqual("pong"u8)) return false;
        batch.AddControl(FeedMessageKind.Pong);
        return true;
    }

    private bool TryBook(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        var snapshot = scanner.TryTake(",\"action\":\"snapshot\""u8);
        if (!snapshot && !scanner.TryTake(",\"action\":\"update\""u8)) return false;
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        if (!scanner.TryTake(",\"data\":[{\"asks\":["u8) || !TryLevels(ref scanner, kind, Side.Sell, batch)) return false;
        if (!scanner.TryTake(",\"bids\":["u8) || !TryLevels(ref scanner, kind, Side.Buy, batch)) return false;
        if (!TryTime(ref scanner, ref message)) return false;
        if (scanner.TryTake(",\"checksum\":"u8) && !scanner.TryTakeInt64(out message.Checksum)) return false;
        if (message.Checksum != (int)message.Checksum) return false;
        message.HasChecksum = message.Checksum != 0;
        if (scanner.TryTake(",\"seqId\":"u8) && !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (scanner.TryTake(",\"prevSeqId\":"u8) && !scanner.TryTakeInt64(out message.PreviousUpdateId)) return false;
        if (message.LastUpdateId == FeedMessage.NoId && scanner.TryTake(",\"seqId\":"u8)
            && !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        batch.EndMessage();
        return scanner.TryTake("}]}"u8) && scanner.AtEnd;
    }

    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!TryLevel(ref scanner, out var price, out var priceDecimals, out var size, out var sizeDecimals)) return false;
            if (FeedLevels.Add(batch, kind, side, price, priceDecimals, size, sizeDecimals) != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    /// <summary>["price","size","0","orders"]; the third is a leftover of the venue's, always zero.</summary>
    private static bool TryLevel(ref JsonScanner scanner, out long price, out int priceDecimals, out long size, out int sizeDecimals)
    {
        size = sizeDecimals = 0;
        price = priceDecimals = 0;
        return scanner.TryTake("[\""u8) && scanner.TryTakeDecimal(out price, out priceDecimals)
            && scanner.TryTake("\",\""u8) && scanner.TryTakeDecimal(out size, out sizeDecimals)
            && scanner.TryTake("\",\"0\",\""u8) && scanner.TryTakeText(out _) && scanner.TryTake((byte)']');
    }

    private bool TryBest(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        if (!scanner.TryTake(",\"data\":[{\"asks\":["u8)) return false;
        if (!TryLevel(ref scanner, out var ask, out var askDecimals, out var askSize, out var askSizeDecimals)) return false;
        if (!scanner.TryTake("],\"bids\":["u8)) return false;
        if (!TryLevel(ref scanner, out var bid, out var bidDecimals, out var bidSize, out var bidSizeDecimals)) return false;
        if (!scanner.TryTake((byte)']') || !TryTime(ref scanner, ref message)) return false;
        if (scanner.TryTake(",\"seqId\":"u8) && !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidSize, bidSizeDecimals)
            != QuarantineCause.None) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askSize, askSizeDecimals)
            != QuarantineCause.None) return false;
        batch.EndMessage();
        return scanner.TryTake("}]}"u8) && scanner.AtEnd;
    }

    private bool TryTrades(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!TrySymbol(ref scanner, out var instrument) || !scanner.TryTake(",\"data\":["u8)) return false;
        do
        {
            ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
            if (!scanner.TryTake("{\"instId\":\""u8) || !scanner.TryTakeText(out _)) return false;
            if (!scanner.TryTake(",\"tradeId\":\""u8) || !scanner.TryTakeInt64(out var tradeId)) return false;
            if (!scanner.TryTake("\",\"px\":\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake("\",\"sz\":\""u8) || !scanner.TryTakeDecimal(out var size, out var sizeDecimals)) return false;
            var sells = scanner.TryTake("\",\"side\":\"sell\""u8);
            if (!sells && !scanner.TryTake("\",\"side\":\"buy\""u8)) return false;
            if (!TryTime(ref scanner, ref message)) return false;
            if (scanner.TryTake(",\"count\":\""u8) && !scanner.TryTakeText(out _)) return false;
            if (scanner.TryTake(",\"seqId\":"u8) && !scanner.TryTakeInt64(out _)) return false;
            if (!scanner.TryTake((byte)'}')) return false;
            if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, size, sizeDecimals)
                != QuarantineCause.None) return false;
            batch.Events[^1].UpdateId = tradeId;
            batch.EndMessage();
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake("]}"u8) && scanner.AtEnd;
    }

    /// <summary>,"instId":"BTC-USDT"} ends the argument.</summary>
    private bool TrySymbol(ref JsonScanner scanner, out InstrumentId instrument)
    {
        instrument = default;
        return scanner.TryTake(",\"instId\":\""u8) && scanner.TryTakeText(out var symbol)
            && _instruments.TryFind(_venue, symbol, out instrument) && scanner.TryTake((byte)'}');
    }

    private static bool TryTime(ref JsonScanner scanner, ref FeedMessage message)
    {
        if (!scanner.TryTake(",\"ts\":\""u8) || !scanner.TryTakeInt64(out var unixMs) || !scanner.TryTake((byte)'"')) return false;
        if ((ulong)unixMs > TimeMsMax) return false;
        message.Time = ExchangeTime.FromMs(unixMs);
        return true;
    }
}
