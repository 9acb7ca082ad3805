using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Gateio;

/// <summary>
/// The documented layouts of obu, order_book_update, book_ticker and trades. False means "not exactly that", never "wrong":
/// the caller then decodes again with care.
/// </summary>
internal sealed partial class GateioFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (scanner.TryTake("{\"channel\":\"spot.obu\",\"result\":{\"t\":"u8)) return TryStreamed(ref scanner, batch);
        if (!scanner.TryTake("{\"time\":"u8) || !scanner.TryTakeInt64(out var seconds)) return false;
        if (scanner.TryTake(",\"time_ms\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"channel\":\"spot."u8)) return false;
        var understood =
            scanner.TryTake("order_book_update\",\"event\":\"update\",\"result\":{\"t\":"u8) ? TryClassic(ref scanner, batch)
            : scanner.TryTake("book_ticker\",\"event\":\"update\",\"result\":{\"t\":"u8) ? TryBest(ref scanner, batch)
            : scanner.TryTake("trades\",\"event\":\"update\",\"result\":{\"id\":"u8) && TryTrade(ref scanner, batch);
        return understood && (ulong)seconds < TimeMsMax / 1000 && NoteServerMs(seconds * 1000);
    }

    /// <summary>t, full or not, s, U, u, b, a, and the time the message was sent at the end.</summary>
    private bool TryStreamed(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var time)) return false;
        var full = scanner.TryTake(",\"full\":true"u8);
        if (!scanner.TryTake(",\"s\":\"ob."u8) || !scanner.TryTakeText(out var stream)) return false;
        var point = stream.LastIndexOf((byte)'.');
        if (point < 0 || !_instruments.TryFind(_venue, stream[..point], out var instrument)) return false;
        return TryBook(ref scanner, full, instrument, time, batch)
            && scanner.TryTake("},\"time_ms\":"u8) && scanner.TryTakeInt64(out var sentMs)
            && scanner.TryTake((byte)'}') && scanner.AtEnd && NoteServerMs(sentMs);
    }

    /// <summary>t, the levels and the old fields where they are sent, s, U, u, b, a.</summary>
    private bool TryClassic(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var time)) return false;
        var full = scanner.TryTake(",\"full\":true"u8);
        if (scanner.TryTake(",\"l\":\""u8) && !scanner.TryTakeText(out _)) return false;
        if (scanner.TryTake(",\"e\":\"depthUpdate\""u8) && scanner.TryTake(",\"E\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"s\":\""u8) || !scanner.TryTakeText(out var pair) || !_instruments.TryFind(_venue, pair, out var instrument)) return false;
        return TryBook(ref scanner, full, instrument, time, batch) && scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    private static bool TryBook(ref JsonScanner scanner, bool full, InstrumentId instrument, long time, FeedBatch batch)
    {
        var kind = full ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(full ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        if (!batch.HasUsualScales || !TrySetTime(ref message, time)) return false;
        if (!full && (!scanner.TryTake(",\"U\":"u8) || !scanner.TryTakeInt64(out message.FirstUpdateId))) return false;
        if (!scanner.TryTake(",\"u\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (!scanner.TryTake(",\"b\":["u8) || !TryLevels(ref scanner, kind, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"a\":["u8) || !TryLevels(ref scanner, kind, Side.Sell, batch)) return false;
        batch.EndMessage();
        return true;
    }

    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTakePair(out var price, out var priceDecimals, out var quantity, out var quantityDecimals)) return false;
            if (FeedLevels.Add(batch, kind, side, price, priceDecimals, quantity, quantityDecimals) != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    private bool TryBest(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var time) || !scanner.TryTake(",\"u\":"u8) || !scanner.TryTakeInt64(out var updateId)) return false;
        if (!scanner.TryTake(",\"s\":\""u8) || !scanner.TryTakeText(out var pair) || !_instruments.TryFind(_venue, pair, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        if (!batch.HasUsualScales || !TrySetTime(ref message, time)) return false;
        message.LastUpdateId = updateId;
        if (!scanner.TryTake(",\"b\":\""u8) || !scanner.TryTakeDecimal(out var bid, out var bidDecimals)) return false;
        if (!scanner.TryTake("\",\"B\":\""u8) || !scanner.TryTakeDecimal(out var bidSize, out var bidSizeDecimals)) return false;
        if (!scanner.TryTake("\",\"a\":\""u8) || !scanner.TryTakeDecimal(out var ask, out var askDecimals)) return false;
        if (!scanner.TryTake("\",\"A\":\""u8) || !scanner.TryTakeDecimal(out var askSize, out var askSizeDecimals)) return false;
        if (!scanner.TryTake("\"}}"u8) || !scanner.AtEnd) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidSize, bidSizeDecimals)
            != QuarantineCause.None) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askSize, askSizeDecimals)
            != QuarantineCause.None) return false;
        batch.EndMessage();
        return true;
    }

    private bool TryTrade(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var tradeId)) return false;
        if (scanner.TryTake(",\"id_market\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"create_time\":"u8) || !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"create_time_ms\":\""u8) || !scanner.TryTakeText(out var text)) return false;
        if (!GateioTime.TryParseMs(text, out var time)) return false;
        var sells = scanner.TryTake(",\"side\":\"sell\""u8);
        if (!sells && !scanner.TryTake(",\"side\":\"buy\""u8)) return false;
        if (!scanner.TryTake(",\"currency_pair\":\""u8) || !scanner.TryTakeText(out var pair) || !_instruments.TryFind(_venue, pair, out var instrument)) return false;
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        if (!batch.HasUsualScales) return false;
        message.Time = time;
        if (!scanner.TryTake(",\"amount\":\""u8) || !scanner.TryTakeDecimal(out var size, out var sizeDecimals)) return false;
        if (!scanner.TryTake("\",\"price\":\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
        if (!scanner.TryTake((byte)'"')) return false;
        if (scanner.TryTake(",\"range\":\""u8) && !scanner.TryTakeText(out _)) return false;
        if (scanner.TryTake(",\"id_market\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake("}}"u8) || !scanner.AtEnd) return false;
        if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, size, sizeDecimals)
            != QuarantineCause.None) return false;
        batch.Events[^1].UpdateId = tradeId;
        batch.EndMessage();
        return true;
    }

    private static bool TrySetTime(ref FeedMessage message, long unixMs)
    {
        if ((ulong)unixMs > TimeMsMax) return false;
        message.Time = ExchangeTime.FromMs(unixMs);
        return true;
    }
}
