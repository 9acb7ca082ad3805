using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Ingest;

/// <summary>What a book does where its venue has several connections (R9): leave a hole to the others, and what they brought first to them.</summary>
internal sealed partial class BookSynchroniser
{
    /// <summary>Goes on behind a hole when what was missing is published: another line brought it.</summary>
    /// <returns>True when held deltas were released.</returns>
    public bool TryBridge(InstrumentFeed feed, long nowNs)
    {
        if (feed.Held.Count == 0 || feed.State is not (SyncState.Bridging or SyncState.Buffering) || !TryMend(feed, in feed.Held.First)) return false;
        pacer.OnSynced(feed, nowNs);
        ReleaseHeld(feed, nowNs);
        return true;
    }

    /// <summary>Nobody filled the hole in time: the line asks the venue for a book of its own.</summary>
    public void GiveUpBridging(InstrumentFeed feed, long nowNs)
    {
        if (feed.State == SyncState.Bridging && nowNs >= feed.BridgeUntilNs) Invalidate(feed, nowNs);
    }

    /// <summary>The book as it stands, as a snapshot for readers that had another line's.</summary>
    public void Publish(InstrumentFeed feed, long nowNs)
    {
        var levels = feed.Levels!;
        var isFirst = true;
        for (var side = Side.Buy; side <= Side.Sell; side++)
        {
            for (var rank = 0; rank < levels.CountOf(side); rank++)
            {
                ref readonly var level = ref levels.At(side, rank);
                var template = new MarketEvent
                {
                    Side = side, Price = new Price(level.PriceRaw), Quantity = new Quantity(level.QuantityRaw),
                    PriceDecimals = level.PriceDecimals, QuantityDecimals = level.QuantityDecimals,
                };
                outbox.AppendSnapshotLevel(feed.Id, in template, feed.LastId, feed.LastExchangeTimeNs, isFirst, nowNs);
                isFirst = false;
            }
        }

        if (!isFirst) return;
        var empty = new FeedMessage { LastUpdateId = feed.LastId, Time = new ExchangeTime(feed.LastExchangeTimeNs) };
        AppendEmptySnapshot(feed, in empty, nowNs);
    }

    /// <summary>What is missing before the delta was brought by another line already: nothing is missing here.</summary>
    private bool TryMend(InstrumentFeed feed, in FeedMessage delta)
    {
        var start = Sequencing.Base(rule, in delta);
        if (line is null || !line.HasReached(feed, start)) return false;
        feed.State = SyncState.Live;
        feed.LastId = start;
        line.OnBridged(feed);
        return true;
    }

    /// <summary>What is missing may still come from another line, which has the book and has not lost anything: this one waits for it.</summary>
    private bool WaitsForOthers(InstrumentFeed feed, long nowNs)
    {
        if (line is null || !line.MayBeFilled(feed)) return false;
        if (feed.IsRefreshing) EndRefresh(feed);
        feed.BridgeUntilNs = nowNs + FeedLine.PatienceNs;
        feed.State = SyncState.Bridging;
        return true;
    }

    private InputOutcome HoldForOthers(InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs)
    {
        if (!feed.Held.TryAdd(in delta, events, nowNs))
        {
            Invalidate(feed, nowNs);
            GiveUpHeld(feed);
            return InputOutcome.Shed;
        }

        statistics.DeltasBuffered++;
        return InputOutcome.Pending;
    }

    /// <summary>An update that another line brought before: this line's place moves on, and nothing is published.</summary>
    private static InputOutcome PassBy(InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs)
    {
        if (feed.IsRefreshing && !feed.Held.TryAdd(in delta, events, nowNs)) EndRefresh(feed);
        feed.State = SyncState.Live;
        if (delta.LastUpdateId != FeedMessage.NoId) feed.LastId = delta.LastUpdateId;
        return InputOutcome.Duplicate;
    }

    /// <summary>A full book that is not newer than what is published: this line is synchronised by it, and nothing is published.</summary>
    private InputOutcome PassBySnapshot(InstrumentFeed feed, in FeedMessage snapshot, SyncState next, long nowNs)
    {
        feed.State = next;
        feed.LastId = snapshot.LastUpdateId;
        feed.LastRefreshNs = nowNs;
        pacer.OnSynced(feed, nowNs);
        return InputOutcome.Duplicate;
    }
}
