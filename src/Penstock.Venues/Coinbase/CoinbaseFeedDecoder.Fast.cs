using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// The documented layout of l2_data, nineteen frames in twenty. False means "not exactly that", never "wrong": the caller then
/// decodes again with care.
/// </summary>
internal sealed partial class CoinbaseFeedDecoder
{
    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"channel\":\"l2_data\","u8)) return false;
        scanner.TryTake("\"client_id\":\"\","u8);
        if (!scanner.TryTake("\"timestamp\":\""u8) || !scanner.TryTakeText(out var timestamp)) return false;
        if (!scanner.TryTake(",\"sequence_num\":"u8) || !scanner.TryTakeInt64(out var sequence) || sequence < 0) return false;
        if (!IsoTime.TryParse(timestamp, out var time) || !scanner.TryTake(",\"events\":["u8)) return false;
        do
        {
            if (!TryBook(ref scanner, time, batch)) return false;
        }
        while (scanner.TryTake((byte)','));
        batch.ConnectionSequence = sequence;
        return scanner.TryTake("]}"u8) && scanner.AtEnd;
    }

    private bool TryBook(ref JsonScanner scanner, Model.Numbers.ExchangeTime time, FeedBatch batch)
    {
        var snapshot = !scanner.TryTake("{\"type\":\"update\",\"product_id\":\""u8);
        if (snapshot && !scanner.TryTake("{\"type\":\"snapshot\",\"product_id\":\""u8)) return false;
        if (!scanner.TryTakeText(out var symbol) || !_instruments.TryFind(_venue, symbol, out var instrument)) return false;
        batch.BeginMessage(snapshot ? FeedMessageKind.BookSnapshot : FeedMessageKind.BookDelta, instrument).Time = time;
        if (!scanner.TryTake(",\"updates\":["u8)) return false;
        if (!TryLevels(ref scanner, snapshot ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta, batch)) return false;
        batch.EndMessage();
        return scanner.TryTake("]}"u8);
    }

    /// <summary>The levels of one event mostly carry one time: it is read once and then only compared.</summary>
    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, FeedBatch batch)
    {
        ReadOnlySpan<byte> time = default;
        if (!scanner.TryTake("{\"side\":\""u8)) return true; // none: what follows has to be the end of the list
        while (true)
        {
            var sells = scanner.TryTake("offer\",\"event_time\":\""u8);
            if (!sells && !scanner.TryTake("bid\",\"event_time\":\""u8)) return false;
            var same = !time.IsEmpty && scanner.TryTake(time);
            if (same ? !scanner.TryTake((byte)'"') : !scanner.TryTakeText(out time)) return false;
            if (!scanner.TryTake(",\"price_level\":\""u8) || !scanner.TryTakeDecimal(out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake("\",\"new_quantity\":\""u8) || !scanner.TryTakeDecimal(out var size, out var sizeDecimals)) return false;
            if (FeedLevels.Add(batch, kind, sells ? Side.Sell : Side.Buy, price, priceDecimals, size, sizeDecimals) != QuarantineCause.None)
                return false;
            if (scanner.TryTake("\"},{\"side\":\""u8)) continue;
            return scanner.TryTake("\"}"u8);
        }
    }
}
