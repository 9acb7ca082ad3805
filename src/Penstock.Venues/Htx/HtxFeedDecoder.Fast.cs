using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Htx;

/// <summary>
/// The documented layouts of mbp, depth, bbo and trade.detail, and the ping. False means "not exactly that", never "wrong": the
/// caller then decodes again with care.
/// </summary>
internal sealed partial class HtxFeedDecoder
{
    private const long TimeMsMax = long.MaxValue / 1_000_000;

    private bool TryDecodeFast(ReadOnlySpan<byte> frame, FeedBatch batch)
    {
        var scanner = new JsonScanner(frame);
        if (!scanner.TryTake("{\"ch\":\""u8)) return TryPing(ref scanner, batch);
        if (!scanner.TryTakeText(out var text)) return false;
        var topic = HtxTopic.Parse(text);
        if (topic.Channel is HtxChannel.Unknown or HtxChannel.Unused || !_instruments.TryFind(_venue, topic.Symbol, out var instrument)) return false;
        if (!scanner.TryTake(",\"ts\":"u8) || !TryTime(ref scanner, out var sent) || !scanner.TryTake(",\"tick\":{"u8)) return false;
        var isRead = topic.Channel switch
        {
            HtxChannel.BookDelta => TryDelta(ref scanner, instrument, sent, batch),
            HtxChannel.FullBook => TryFullBook(ref scanner, instrument, sent, batch),
            HtxChannel.BestBidAsk => TryBest(ref scanner, instrument, batch),
            _ => TryTrades(ref scanner, instrument, batch),
        };
        return isRead && scanner.TryTake("}}"u8) && scanner.AtEnd;
    }

    private bool TryPing(ref JsonScanner scanner, FeedBatch batch)
    {
        if (!scanner.TryTake("{\"ping\":"u8) || !scanner.TryTakeInt64(out var number) || !scanner.TryTake((byte)'}') || !scanner.AtEnd) return false;
        TakePing(number, batch);
        return true;
    }

    private static bool TryDelta(ref JsonScanner scanner, InstrumentId instrument, ExchangeTime sent, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.BookDelta, instrument);
        message.Time = sent;
        if (!scanner.TryTake("\"seqNum\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (!scanner.TryTake(",\"prevSeqNum\":"u8) || !scanner.TryTakeInt64(out message.PreviousUpdateId)) return false;
        if (scanner.TryTake(",\"bids\":["u8) && !TryLevels(ref scanner, MarketEventKind.BookDelta, Side.Buy, batch)) return false;
        if (scanner.TryTake(",\"asks\":["u8) && !TryLevels(ref scanner, MarketEventKind.BookDelta, Side.Sell, batch)) return false;
        batch.EndMessage();
        return true;
    }

    private static bool TryFullBook(ref JsonScanner scanner, InstrumentId instrument, ExchangeTime sent, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.FullBook, instrument);
        message.Time = sent;
        var isRefresh = scanner.TryTake("\"seqNum\":"u8);
        if (isRefresh && !(scanner.TryTakeInt64(out message.LastUpdateId) && scanner.TryTake((byte)','))) return false;
        if (!scanner.TryTake("\"bids\":["u8) || !TryLevels(ref scanner, MarketEventKind.BookSnapshot, Side.Buy, batch)) return false;
        if (!scanner.TryTake(",\"asks\":["u8) || !TryLevels(ref scanner, MarketEventKind.BookSnapshot, Side.Sell, batch)) return false;
        if (!isRefresh)
        {
            if (!scanner.TryTake(",\"version\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
            if (scanner.TryTake(",\"ts\":"u8) && !TryTime(ref scanner, out message.Time)) return false;
        }

        batch.EndMessage();
        return true;
    }

    private static bool TryLevels(ref JsonScanner scanner, MarketEventKind kind, Side side, FeedBatch batch)
    {
        if (scanner.TryTake((byte)']')) return true;
        do
        {
            if (!scanner.TryTake((byte)'[') || !scanner.TryTakeDouble(batch.PriceScale, out var price, out var priceDecimals)) return false;
            if (!scanner.TryTake((byte)',') || !TryQuantity(ref scanner, batch, out var quantity, out var quantityDecimals)) return false;
            if (!scanner.TryTake((byte)']')) return false;
            if (FeedLevels.Add(batch, kind, side, price, priceDecimals, quantity, quantityDecimals) != QuarantineCause.None) return false;
        }
        while (scanner.TryTake((byte)','));
        return scanner.TryTake((byte)']');
    }

    /// <summary>
    /// Most books have a level or two with the digits of a double: they are cut here as <see cref="FeedLevels"/> does it, unless somebody
    /// wants to hear of it.
    /// </summary>
    private static bool TryQuantity(ref JsonScanner scanner, FeedBatch batch, out long quantity, out int decimals)
    {
        if (scanner.TryTakeDouble(batch.QuantityScale, out quantity, out decimals)) return true;
        if (!batch.CutsQuantities || batch.ScaleObserver is not null || !scanner.TryTakeNumberText(out var text)) return false;
        if (FixedPoint.TryParse(text, batch.QuantityScale, out quantity, out decimals) != DecimalStatus.Unrepresentable) return false;
        batch.QuantitiesCut++;
        return FixedPoint.TryParseCut(text, batch.QuantityScale, out quantity) == DecimalStatus.Ok;
    }

    private static bool TryBest(ref JsonScanner scanner, InstrumentId instrument, FeedBatch batch)
    {
        ref var message = ref batch.BeginMessage(FeedMessageKind.BestBidAsk, instrument);
        if (!scanner.TryTake("\"seqId\":"u8) || !scanner.TryTakeInt64(out message.LastUpdateId)) return false;
        if (!scanner.TryTake(",\"ask\":"u8) || !scanner.TryTakeDouble(batch.PriceScale, out var ask, out var askDecimals)) return false;
        if (!scanner.TryTake(",\"askSize\":"u8) || !TryQuantity(ref scanner, batch, out var askSize, out var askSizeDecimals)) return false;
        if (!scanner.TryTake(",\"bid\":"u8) || !scanner.TryTakeDouble(batch.PriceScale, out var bid, out var bidDecimals)) return false;
        if (!scanner.TryTake(",\"bidSize\":"u8) || !TryQuantity(ref scanner, batch, out var bidSize, out var bidSizeDecimals)) return false;
        if (!scanner.TryTake(",\"quoteTime\":"u8) || !TryTime(ref scanner, out message.Time)) return false;
        // The documentation's own example names another symbol here than in the channel: the channel counts.
        if (!scanner.TryTake(",\"symbol\":\""u8) || !scanner.TryTakeText(out _)) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Buy, bid, bidDecimals, bidSize, bidSizeDecimals)
            != QuarantineCause.None) return false;
        if (FeedLevels.Add(batch, MarketEventKind.BestBidAsk, Side.Sell, ask, askDecimals, askSize, askSizeDecimals)
            != QuarantineCause.None) return false;
        batch.EndMessage();
        return true;
    }

    private static bool TryTrades(ref JsonScanner scanner, InstrumentId instrument, FeedBatch batch)
    {
        if (!scanner.TryTake("\"id\":"u8) || !scanner.TryTakeInt64(out _)) return false;
        if (!scanner.TryTake(",\"ts\":"u8) || !scanner.TryTakeInt64(out _) || !scanner.TryTake(",\"data\":["u8)) return false;
        do
        {
            ref var message = ref batch.BeginMessage(FeedMessageKind.Trade, instrument);
            if (!scanner.TryTake("{\"id\":"u8) || !scanner.TryTakeDigits(out _)) return false;
            if (!scanner.TryTake(",\"ts\":"u8) || !TryTime(ref scanner, out message.Time)) return false;
            if (!scanner.TryTake(",\"tradeId\":"u8) || !scanner.TryTakeInt64(out var tradeId)) return false;
            if (!scanner.TryTake(",\"amount\":"u8) || !TryQuantity(ref scanner, batch, out var amount, out var amountDecimals)) return false;
            if (!scanner.TryTake(",\"price\":"u8) || !scanner.TryTakeDouble(batch.PriceScale, out var price, out var priceDecimals)) return false;
            var sells = scanner.TryTake(",\"direction\":\"sell\"}"u8);
            if (!sells && !scanner.TryTake(",\"direction\":\"buy\"}"u8)) return false;
            if (FeedLevels.Add(batch, MarketEventKind.Trade, sells ? Side.Sell : Side.Buy, price, priceDecimals, amount, amountDecimals)
                != QuarantineCause.None) return false;
            batch.Events[^1].UpdateId = tradeId;
            batch.EndMessage();
        }
        while (scanner.TryTake((byte)','));
        PutOldestFirst(batch);
        return scanner.TryTake((byte)']');
    }

    private static bool TryTime(ref JsonScanner scanner, out ExchangeTime time)
    {
        time = default;
        if (!scanner.TryTakeInt64(out var unixMs) || (ulong)unixMs > TimeMsMax) return false;
        time = ExchangeTime.FromMs(unixMs);
        return true;
    }
}
