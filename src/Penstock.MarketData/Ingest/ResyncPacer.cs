using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// Asks the connection for what brings a book back, at a bounded rate: per instrument with doubling pauses, over the venue
/// with a smallest distance. An endless resync (P2) becomes one request a minute.
/// </summary>
internal sealed class ResyncPacer(BookSyncRule rule, IngestOptions options, IngestStatistics statistics, IFeedControl control)
{
    private const int PauseDoublingsMax = 16;

    private readonly long _timeoutNs = options.ResyncTimeout.Ticks * 100;
    private readonly long _pauseMinNs = options.ResyncPauseMin.Ticks * 100;
    private readonly long _pauseMaxNs = options.ResyncPauseMax.Ticks * 100;
    private readonly long _forgiveNs = options.ResyncForgiveAfter.Ticks * 100;
    private readonly long _spacingNs = options.ResyncSpacing.Ticks * 100;
    private long _nextNs = long.MinValue;

    /// <summary>The book needs a snapshot: asks now where the pace allows, else from <see cref="Step"/>.</summary>
    public void Want(InstrumentFeed feed, long nowNs)
    {
        feed.WantsResync = true;
        Step(feed, nowNs);
    }

    /// <summary>The venue owes a snapshot without being asked; asks only when it stays away.</summary>
    public void Expect(InstrumentFeed feed, long nowNs) => Expect(feed, nowNs, _timeoutNs);

    /// <summary>As above, with a patience of its own in nanoseconds.</summary>
    public void Expect(InstrumentFeed feed, long nowNs, long patienceNs)
    {
        feed.WantsResync = true;
        feed.NextResyncNs = nowNs + patienceNs;
    }

    /// <summary>The book was right and broke: asks at once if it had been right for long, else after its pause.</summary>
    public void OnBroken(InstrumentFeed feed, long nowNs)
    {
        if (nowNs - feed.SyncedSinceNs >= _forgiveNs) feed.ResyncAttempts = 0;
        feed.SyncedSinceNs = long.MaxValue;
        feed.NextResyncNs = feed.ResyncAttempts == 0 ? nowNs : feed.LastResyncNs + Pause(feed.ResyncAttempts);
        Want(feed, nowNs);
    }

    /// <summary>The answer was of no use: again after the pause.</summary>
    public void OnFailed(InstrumentFeed feed, long nowNs)
    {
        feed.WantsResync = true;
        feed.NextResyncNs = Math.Max(nowNs, feed.LastResyncNs) + Pause(Math.Max(1, feed.ResyncAttempts));
    }

    public void OnSynced(InstrumentFeed feed, long nowNs)
    {
        feed.WantsResync = feed.AsksWhenQuiet = false;
        feed.SyncedSinceNs = nowNs;
    }

    public void Step(InstrumentFeed feed, long nowNs)
    {
        if (!feed.WantsResync || nowNs < feed.NextResyncNs || nowNs < _nextNs) return;
        _nextNs = nowNs + _spacingNs;
        feed.ResyncAttempts++;
        feed.LastResyncNs = nowNs;
        feed.NextResyncNs = nowNs + Math.Max(_timeoutNs, Pause(feed.ResyncAttempts));
        statistics.Resyncs++;
        switch (rule.Resync)
        {
            case ResyncAction.Refetch:
                control.RequestSnapshot(feed.Id);
                break;
            case ResyncAction.Resubscribe:
                control.Resubscribe(feed.Id);
                break;
            default:
                control.Reconnect(DisconnectReason.SequenceGap);
                break;
        }
    }

    /// <summary>Whether an unforced request may leave now; takes its place in the venue's spacing if so.</summary>
    public bool TryTakeTurn(long nowNs)
    {
        if (nowNs < _nextNs) return false;
        _nextNs = nowNs + _spacingNs;
        return true;
    }

    private long Pause(int attempts) =>
        Math.Min(_pauseMaxNs, _pauseMinNs << Math.Clamp(attempts - 1, 0, PauseDoublingsMax));
}
