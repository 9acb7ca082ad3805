using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bybit;

/// <summary>
/// The documented layouts of books and trades. False means "not exactly that", never "wrong": the caller then decodes again
/// with care.
/// </summary>
internal sealed partial class BybitFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        // Some frames end with a carriage return.
        if (frame.Length > 0 && frame[^1] == (byte)'\r') frame = frame[..^1];
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"topic\":\""u8)) return false;
        if (scanner.TryTake("orderbook."u8)) return TryBook(ref scanner, batch);
        return scanner.TryTake("publicTrade."u8) && TryTrades(ref scanner, batch);
    }

    private bool TryBook(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTakeInt64(out var depth) || depth is < 1 or > 9_999 || !scanner.TryTake((byte)'.')) return false;
        if (!TrySymbol(ref scanner, out var symbol, out var instrument)) return false;
        if (!TryTypeAndTime(ref scanner, out var snapshot, out var sent)) return false;
        if (!scanner.TryTake(",\"data\":{\"s\":\""u8) || !scanner.TryTake(symbol) || !scanner.TryTake("\",\"b\":["u8)) return false;
        if (depth == 1) return snapshot && TryBest(ref scanner, instrument, sent, batch);
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        if (!TryLevels(ref scanner, kind, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"a\":["u8) || !TryLevels(ref scanner, kind, Side.Sell, batch)) return false;
        return TryEnd(ref scanner, ref message, sent, batch);
    }

    /// <summary>Spot and level 1 write the time first, the other books the type.</summary>
    private static bool TryTypeAndTime(ref JsonScanner scanner, out bool snapshot, out long unixMs)
    {
        unixMs = 0;
        var timeFirst = scanner.TryTake(",\"ts\":"u8);
        if (timeFirst && !scanner.TryTakeInt64(out unixMs)) return Fail(out snapshot);
        snapshot = scanner.TryTake(",\"type\":\"snapshot\""u8);
        if (!snapshot && !scanner.TryTake(",\"type\":\"delta\""u8)) return false;
        return timeFirst || (scanner.TryTake(",\"ts\":"u8) && scanner.TryTakeInt64(out unixMs));
    }

    private static bool Fail(out bool value) => value = false;

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

    /// <summary>From the id to the end of the frame. The id of a restarted service is left to the careful path.</summary>
    private static bool TryEnd(ref JsonScanner scanner, ref FeedMessage message, long sent, FeedBatch batch)
    {
        if (!scanner.TryTake(",\"u\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (message.LastUpdateId <= RestartId) return false;
        if (scanner.TryTake(",\"seq\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake((byte)'}')) return false;
        if (scanner.TryTake(",\"cts\":"u8) && !scanner.TryTakeInt64(out sent)) return false;
        if (!scanner.TryTake((byte)'}') || !scanner.AtEnd || (ulong)sent > TimeMsMax) return false;
        message.Time = ExchangeTime.FromMs(sent);
        batch.EndMessage();
        return true;
    }

    private static bool TryBest(ref JsonScanner scanner, InstrumentId instrument, long sent, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        if (!scanner.TryTakePair(out var bid, out var bidDecimals, out var bidSize, out var bidSizeDecimals)) return false;
        if (!scanner.TryTake("],\"a\":["u8)) return false;
        if (!scanner.TryTakePair(out var ask, out var askDecimals, out var askSize, out var askSizeDecimals)) return false;
        if (!scanner.TryTake((byte)']')) return false;
        return FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidSize, bidSizeDecimals) == QuarantineCause.None
            && FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askSize, askSizeDecimals) == QuarantineCause.None
            && TryEnd(ref scanner, ref message, sent, batch);
    }

    private bool TryTrades(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!TrySymbol(ref scanner, out var symbol, out var instrument)) return false;
        if (!TryTypeAndTime(ref scanner, out _, out _) || !scanner.TryTake(",\"data\":["u8)) return false;
        do
        {
            if (!TryTrade(ref scanner, symbol, instrument, batch)) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake("]}"u8) && scanner.AtEnd;
    }

    private static bool TryTrade(ref JsonScanner scanner, ReadOnlySpan<byte> symbol, InstrumentId instrument, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
        if (!scanner.TryTake("{\"T\":"u8) || !scanner.TryTakeInt64(out var unixMs) || (ulong)unixMs > TimeMsMax) return false;
        if (!scanner.TryTake(",\"s\":\""u8) || !scanner.TryTake(symbol)) return false;
        var sells = scanner.TryTake("\",\"S\":\"Sell\",\"v\":\""u8);
        if (!sells && !scanner.TryTake("\",\"S\":\"Buy\",\"v\":\""u8)) return false;
        if (!scanner.TryTakeDecimal(out var size, out var sizeDecimals) || !scanner.TryTake("\",\"p\":\""u8)) return false;
        if (!scanner.TryTakeDecimal(out var price, out var priceDecimals) || !scanner.TryTake((byte)'"')) return false;
        if (scanner.TryTake(",\"L\":\""u8) && !scanner.TryTakeText(out _)) return false;
        if (!scanner.TryTake(",\"i\":\""u8) || !scanner.TryTakeText(out var id) || id.IsEmpty) return false;
        if (!scanner.TryTake(",\"BT\":false"u8) && !scanner.TryTake(",\"BT\":true"u8)) return false;
        if (scanner.TryTake(",\"RPI\":"u8) && !scanner.TryTake("false"u8) && !scanner.TryTake("true"u8)) return false;
        if (scanner.TryTake(",\"seq\":"u8) && !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake((byte)'}')) return false;
        message.Time = ExchangeTime.FromMs(unixMs);
        if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, size, sizeDecimals)
            != QuarantineCause.None) return false;
        batch.Events[^1].UpdateId = TradeIdNumber.Of(id);
        batch.EndMessage();
        return true;
    }

    /// <summary>The rest of the topic, up to its closing quote.</summary>
    private bool TrySymbol(scoped ref JsonScanner scanner, out ReadOnlySpan<byte> symbol, out InstrumentId instrument)
    {
        instrument = default;
        return scanner.TryTakeText(out symbol) && _instruments.TryFind(_venue, symbol, out instrument);
    }
}
