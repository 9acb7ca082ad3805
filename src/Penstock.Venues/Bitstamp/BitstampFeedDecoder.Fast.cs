using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// The documented layouts of diffs, full books and trades. False means "not exactly that", never "wrong": the caller then
/// decodes again with care. A frame names its channel at the very end, so its market is read from there first.
/// </summary>
internal sealed partial class BitstampFeedDecoder
{
    private const long StampMax = long.MaxValue / 1_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (frame.EndsWith("\",\"event\":\"data\"}"u8)) return TryBook(frame, batch);
        return frame.EndsWith("\",\"event\":\"trade\"}"u8) && TryTrade(frame, batch);
    }

    private bool TryBook(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (!TrySymbol(frame, "\",\"event\":\"data\"}"u8.Length, "\"channel\":\"diff_order_book_"u8, out var instrument))
            return TryFullBook(frame, batch);
        return TryBook(frame, FeedMessageKind.BookDelta, MarketEventKind.BookDelta, "},\"channel\":\"diff_order_book_"u8, instrument, batch);
    }

    private bool TryFullBook(ReadOnlySpan<byte> frame, FeedBatch batch) =>
        TrySymbol(frame, "\",\"event\":\"data\"}"u8.Length, "\"channel\":\"order_book_"u8, out var instrument)
        && TryBook(frame, FeedMessageKind.FullBook, MarketEventKind.BookSnapshot, "},\"channel\":\"order_book_"u8, instrument, batch);

    private static bool TryBook(
        ReadOnlySpan<byte> frame, FeedMessageKind kind, MarketEventKind level, ReadOnlySpan<byte> tail, InstrumentId instrument, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"data\":{\"timestamp\":\""u8) || !scanner.TryTakeText(out _)) return false;
        if (!scanner.TryTake(",\"microtimestamp\":\""u8) || !scanner.TryTakeInt64(out var stamp) || (ulong)stamp > StampMax) return false;
        ref var message = ref batch.BeginMessage(kind, instrument);
        message.Time = new ExchangeTime(stamp * 1_000);
        message.LastUpdateId = stamp;
        if (!scanner.TryTake("\",\"bids\":["u8) || !TryLevels(ref scanner, level, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"asks\":["u8) || !TryLevels(ref scanner, level, Side.Sell, batch)) return false;
        batch.EndMessage();
        return scanner.TryTake(tail) && scanner.TryTakeText(out _) && scanner.TryTake(",\"event\":\"data\"}"u8) && scanner.AtEnd;
    }

    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTakePair(out var price, out var priceDecimals, out var size, out var sizeDecimals)) return false;
            if (FeedLevels.Add(batch, kind, side, price, priceDecimals, size, sizeDecimals) != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    private bool TryTrade(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        if (!TrySymbol(frame, "\",\"event\":\"trade\"}"u8.Length, "\"channel\":\"live_trades_"u8, out var instrument)) return false;
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"data\":{\"id\":"u8) || !scanner.TryTakeInt64(out var id)) return false;
        if (!scanner.TryTake(",\"timestamp\":\""u8) || !scanner.TryTakeText(out _)) return false;
        if (!scanner.TryTake(",\"amount\":"u8) || !scanner.TryTakeNumber(out _, out _)) return false;
        if (!scanner.TryTake(",\"amount_str\":\""u8) || !scanner.TryTakeDecimal(out var size, out var sizeDecimals)) return false;
        if (!scanner.TryTake("\",\"price\":"u8) || !scanner.TryTakeNumber(out _, out _)) return false;
        if (!scanner.TryTake(",\"price_str\":\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
        var sells = scanner.TryTake("\",\"type\":1"u8);
        if (!sells && !scanner.TryTake("\",\"type\":0"u8)) return false;
        if (!scanner.TryTake(",\"microtimestamp\":\""u8) || !scanner.TryTakeInt64(out var stamp) || (ulong)stamp > StampMax) return false;
        if (!scanner.TryTake("\",\"buy_order_id\":"u8) || !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"sell_order_id\":"u8) || !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake("},\"channel\":\"live_trades_"u8) || !scanner.TryTakeText(out _)) return false;
        if (!scanner.TryTake(",\"event\":\"trade\"}"u8) || !scanner.AtEnd) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        message.Time = new ExchangeTime(stamp * 1_000);
        var cause = FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, size, sizeDecimals);
        if (cause != QuarantineCause.None) return false;
        batch.Events[^1].UpdateId = id;
        batch.EndMessage();
        return true;
    }

    /// <summary>The market's name between the channel's prefix and the end. Markets have no underscore.</summary>
    private bool TrySymbol(ReadOnlySpan<byte> frame, int endBytes, ReadOnlySpan<byte> prefix, out InstrumentId instrument)
    {
        var text = frame[..^endBytes];
        var start = text.LastIndexOf((byte)'_') + 1;
        instrument = default;
        return text[..start].EndsWith(prefix) && _instruments.TryFind(_venue, text[start..], out instrument);
    }
}
