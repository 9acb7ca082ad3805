using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Venues.Kraken;

/// <summary>
/// The documented layouts of book and trade, and the heartbeat. False means "not exactly that", never "wrong": the caller
/// then decodes again with care.
/// </summary>
internal sealed partial class KrakenFeedDecoder
{
    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"channel\":\""u8)) return false;
        if (scanner.TryTake("book\",\"type\":\"update\",\"data\":["u8)) return TryBook(ref scanner, false, batch);
        if (scanner.TryTake("trade\",\"type\":\"update\",\"data\":["u8)) return TryTrades(ref scanner, batch);
        if (scanner.TryTake("book\",\"type\":\"snapshot\",\"data\":["u8)) return TryBook(ref scanner, true, batch);
        if (!scanner.TryTake("heartbeat\"}"u8) || !scanner.AtEnd) return false;
        batch.AddControl(FeedMessageKind.Heartbeat);
        return true;
    }

    private bool TryBook(ref JsonScanner scanner, bool snapshot, FeedBatch batch)
    {
        if (!TrySymbol(ref scanner, out var instrument)) return false;
        var kind = snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta;
        ref var message = ref batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument);
        if (!scanner.TryTake(",\"bids\":["u8) || !TryLevels(ref scanner, kind, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"asks\":["u8) || !TryLevels(ref scanner, kind, Side.Sell, batch)) return false;
        if (!scanner.TryTake(",\"checksum\":"u8) || !scanner.TryTakeInt64(out message.Checksum)) return false;
        if ((ulong)message.Checksum > uint.MaxValue) return false;
        message.HasChecksum = true;
        if (!TryTime(ref scanner, ref message)) return false;
        batch.EndMessage();
        return scanner.TryTake("]}"u8) && scanner.AtEnd;
    }

    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTake("{\"price\":"u8) || !scanner.TryTakeNumber(out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake(",\"qty\":"u8) || !scanner.TryTakeNumber(out var quantity, out var quantityDecimals)) return false;
            if (!scanner.TryTake((byte)'}')) return false;
            if (FeedLevels.Add(batch, kind, side, price, priceDecimals, quantity, quantityDecimals) != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    private bool TryTrades(ref JsonScanner scanner, FeedBatch batch)
    {
        do
        {
            if (!TrySymbol(ref scanner, out var instrument)) return false;
            ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
            var sells = scanner.TryTake(",\"side\":\"sell\""u8);
            if (!sells && !scanner.TryTake(",\"side\":\"buy\""u8)) return false;
            if (!scanner.TryTake(",\"price\":"u8) || !scanner.TryTakeNumber(out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake(",\"qty\":"u8) || !scanner.TryTakeNumber(out var quantity, out var quantityDecimals)) return false;
            if (!scanner.TryTake(",\"ord_type\":\""u8) || !scanner.TryTakeText(out _)) return false;
            if (!scanner.TryTake(",\"trade_id\":"u8) || !scanner.TryTakeInt64(out var tradeId)) return false;
            if (!TryTime(ref scanner, ref message)) return false;
            if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, quantity, quantityDecimals)
                != QuarantineCause.None) return false;
            batch.Events[^1].UpdateId = tradeId;
            batch.EndMessage();
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake("]}"u8) && scanner.AtEnd;
    }

    private bool TrySymbol(ref JsonScanner scanner, out InstrumentId instrument)
    {
        instrument = default;
        return scanner.TryTake("{\"symbol\":\""u8) && scanner.TryTakeText(out var symbol)
            && _instruments.TryFind(_venue, symbol, out instrument);
    }

    /// <summary>The last key of an entry, and the entry's end.</summary>
    private static bool TryTime(ref JsonScanner scanner, ref FeedMessage message) =>
        scanner.TryTake(",\"timestamp\":\""u8) && scanner.TryTakeText(out var text)
        && IsoTime.TryParse(text, out message.Time) && scanner.TryTake((byte)'}');
}
