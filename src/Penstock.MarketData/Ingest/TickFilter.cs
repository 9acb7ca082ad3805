using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>Trades and best bid/ask: plausible, new, in order (R5, R8). What a book's rule does for books.</summary>
internal sealed class TickFilter(EventOutbox outbox, IngestStatistics statistics, BookSyncRule rule, FeedLine? line)
{
    /// <summary>Publishes the trades not seen before.</summary>
    public InputOutcome OnTrades(InstrumentFeed feed, Span<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        foreach (ref readonly var e in events)
        {
            if (!feed.Sanity.Accept(e.Price.Raw))
            {
                cause = QuarantineCause.PriceOutOfBand;
                return InputOutcome.Quarantined;
            }
        }

        var kept = 0;
        foreach (ref readonly var e in events)
        {
            if (line is null ? IsRepeated(feed, in e) : line.IsRepeated(feed, in e, nowNs)) statistics.TradesRepeated++;
            else events[kept++] = e;
        }

        if (kept == 0) return events.IsEmpty ? InputOutcome.Applied : InputOutcome.Duplicate;
        var fresh = events[..kept];
        fresh[0].Flags |= MarketEventFlags.FirstOfMessage;
        fresh[^1].Flags |= MarketEventFlags.LastOfMessage;
        // A venue repeats its latest trades after a subscription: history, not a trade now.
        if ((fresh[0].Flags & MarketEventFlags.Snapshot) != 0) return InputOutcome.Stale;
        statistics.Trades += kept;
        outbox.AppendMessage(fresh, nowNs);
        return InputOutcome.Applied;
    }

    /// <summary>Publishes a best bid and ask that is not older than the last one.</summary>
    public InputOutcome OnBestBidAsk(InstrumentFeed feed, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        if (events.IsEmpty) return InputOutcome.Applied;
        var id = events[0].UpdateId;
        if (line is not null && !line.TryBestBidAsk(feed, id, nowNs)) return InputOutcome.Duplicate;
        if (id != 0 && id < feed.LastBestBidAskId && !rule.IdsMayReset) return InputOutcome.Stale;
        if (TryMid(events, out var mid) && !feed.Sanity.Accept(mid))
        {
            cause = QuarantineCause.PriceOutOfBand;
            return InputOutcome.Quarantined;
        }

        feed.LastBestBidAskId = id;
        statistics.BestBidAsks++;
        outbox.AppendMessage(events, nowNs);
        return InputOutcome.Applied;
    }

    /// <summary>
    /// An id not above the last one, and not later in the exchange's time: a venue that restarted its ids goes on in time, a
    /// repetition after a reconnect does not.
    /// </summary>
    private bool IsRepeated(InstrumentFeed feed, in MarketEvent trade)
    {
        if (trade.UpdateId == 0) return false;
        if (rule.TradeIds == TradeIdOrder.Unordered) return !feed.RecentTrades.TryAdd(trade.UpdateId);
        var time = trade.ExchangeTime.UnixNs;
        if (feed.LastTradeId != 0)
        {
            if (trade.UpdateId <= feed.LastTradeId && time <= feed.LastTradeTimeNs) return true;
            if (rule.TradeIds == TradeIdOrder.Consecutive && trade.UpdateId != feed.LastTradeId + 1) statistics.TradeIdGaps++;
        }

        feed.LastTradeId = trade.UpdateId;
        feed.LastTradeTimeNs = Math.Max(time, feed.LastTradeTimeNs);
        return false;
    }

    private static bool TryMid(ReadOnlySpan<MarketEvent> events, out long mid)
    {
        long bid = 0, ask = 0;
        foreach (ref readonly var e in events)
        {
            if (e.Side == Side.Buy) bid = e.Price.Raw;
            else if (e.Side == Side.Sell) ask = e.Price.Raw;
        }

        // An empty side has no price: nothing to compare.
        mid = bid / 2 + ask / 2;
        return bid > 0 && ask > 0;
    }
}
