using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>A running book that is fetched anew, because what it lacks shows nowhere.</summary>
internal sealed partial class BookSynchroniser
{
    private const long RefreshAgainNs = 2_000_000_000;

    private readonly long _refreshNs = rule.RefreshEvery is { } every ? (long)every.TotalNanoseconds : long.MaxValue;

    /// <summary>A book whose losses nobody can see (Bitstamp) is fetched anew from time to time, and goes on meanwhile.</summary>
    public bool WantsRefresh(InstrumentFeed feed, long nowNs)
    {
        if (!feed.IsRight || nowNs - feed.LastRefreshNs < _refreshNs) return false;
        if (line is not null && rule.Merge == FeedMerge.ById && !line.Leads(feed)) return false;
        if (!pacer.TryTakeTurn(nowNs)) return false;
        feed.LastRefreshNs = nowNs;
        if (feed.IsRefreshing) return true;
        feed.RefreshSinceId = feed.LastId;
        feed.IsRefreshing = true;
        feed.Held.Clear();
        return true;
    }

    /// <summary>The snapshot of a running book, and what was applied since it was asked for, again: readers get both in one batch.</summary>
    private InputOutcome Refresh(InstrumentFeed feed, in FeedMessage snapshot, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        var lastId = feed.LastId;
        if (snapshot.LastUpdateId < feed.RefreshSinceId || (line is not null && !line.MayRefresh(feed)))
        {
            // Venues cache these bodies: an older one would take back what was applied before it was first asked for. Asked for again
            // soon; what is held goes on from the first time, so that a later body only has to reach that.
            statistics.SnapshotsTooOld++;
            feed.LastRefreshNs = nowNs - _refreshNs + RefreshAgainNs;
            return InputOutcome.Stale;
        }

        feed.IsRefreshing = false;
        var outcome = Load(feed, in snapshot, events, nowNs, SyncState.Live, out cause);
        while (outcome == InputOutcome.Applied && feed.Held.Count > 0)
        {
            var held = feed.Held.Take(out var delta, out var receivedNs);
            if (delta.LastUpdateId <= snapshot.LastUpdateId) continue;
            if (delta.HasEventIds) outbox.AppendNewer(held, snapshot.LastUpdateId, receivedNs);
            else outbox.AppendMessage(held, receivedNs);
            feed.Levels?.Apply(held);
        }

        if (outcome == InputOutcome.Applied) feed.LastId = Math.Max(lastId, snapshot.LastUpdateId);
        feed.Held.Clear();
        return outcome;
    }

    private static void EndRefresh(InstrumentFeed feed)
    {
        feed.IsRefreshing = false;
        feed.Held.Clear();
    }
}
