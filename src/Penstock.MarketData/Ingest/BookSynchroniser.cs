using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// The one book state machine of all venues (P2), driven by <see cref="BookSyncRule"/>:
/// <code>
///   snapshot on the socket   Waiting ──snapshot──▶ Live ──gap, checksum──▶ BookInvalid, resubscribe, Waiting
///   snapshot by REST         Buffering ──snapshot──▶ Unbridged ──first fitting delta──▶ Live ──gap──▶ BookInvalid, refetch, Buffering
/// </code>
/// What reaches the outbox is right by the venue's own rule, or preceded by a BookInvalid. One instrument's trouble touches
/// no other.
/// </summary>
internal sealed class BookSynchroniser(
    BookSyncRule rule, EventOutbox outbox, IngestStatistics statistics, ResyncPacer pacer, IIngestObserver? observer,
    BrokenRule onBroken)
{
    private const long RefreshAgainNs = 2_000_000_000;

    private readonly bool _reportOnly = onBroken == BrokenRule.ReportOnly;
    private readonly long _refreshNs = rule.RefreshEvery is { } every ? (long)every.TotalNanoseconds : long.MaxValue;

    public void OnConnected(InstrumentFeed feed, long nowNs)
    {
        Restart(feed);
        // Family A: the subscription brings the snapshot. Family B: the first delta asks for it.
        if (rule.Source == SnapshotSource.Socket)
        {
            pacer.Expect(feed, nowNs);
            return;
        }

        // A pause left over from the last connection was for its answer; the connection's own back-off paces reconnects.
        feed.WantsResync = false;
        feed.NextResyncNs = nowNs;
    }

    public void OnDisconnected(InstrumentFeed feed, long nowNs)
    {
        if (feed.State is SyncState.Live or SyncState.Unbridged) AppendInvalid(feed, nowNs);
        GiveUpHeld(feed);
        Restart(feed);
        feed.State = SyncState.Idle;
        feed.WantsResync = false;
    }

    public InputOutcome OnDelta(InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        switch (feed.State)
        {
            case SyncState.Live:
            case SyncState.Unbridged:
                return Follow(feed, in delta, events, nowNs, out cause);
            case SyncState.Buffering when delta.LastUpdateId != FeedMessage.NoId:
                return HoldBack(feed, in delta, events, nowNs);
            default:
                statistics.DeltasUnsynchronised++;
                return InputOutcome.Stale;
        }
    }

    /// <summary>A full book on the socket: replaces whatever was known, in any state.</summary>
    public InputOutcome OnSocketSnapshot(InstrumentFeed feed, in FeedMessage snapshot, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        if (feed.State == SyncState.Live && !rule.IdsMayReset && snapshot.LastUpdateId != FeedMessage.NoId && snapshot.LastUpdateId == feed.LastId)
            return InputOutcome.Duplicate;
        return Load(feed, in snapshot, events, nowNs, SyncState.Live, out cause);
    }

    /// <summary>The whole book, as every message of this channel has it (HTX depth, top-100 channels): nothing can be missing before it.</summary>
    public InputOutcome OnFullBook(InstrumentFeed feed, in FeedMessage book, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        if (feed.State is SyncState.Idle) return InputOutcome.Stale;
        if (feed.LastId != FeedMessage.NoId && book.LastUpdateId < feed.LastId && book.LastUpdateId != FeedMessage.NoId)
        {
            statistics.DeltasRepeated++;
            observer?.OnAnomaly(IngestAnomaly.Repeat, in book, feed.LastId);
            if (!_reportOnly) return InputOutcome.Stale;
        }

        var isFirst = feed.State != SyncState.Live;
        var outcome = Load(feed, in book, events, nowNs, SyncState.Live, out cause);
        if (outcome != InputOutcome.Applied) return outcome;
        statistics.Deltas++;
        if (!isFirst) statistics.Snapshots--;
        return outcome;
    }

    /// <summary>The venue's checksum over the book as it should now stand.</summary>
    public InputOutcome OnChecksum(InstrumentFeed feed, in FeedMessage message, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        if (feed.State != SyncState.Live || feed.Levels is not { } levels || rule.Checksum is null) return InputOutcome.Stale;
        cause = Compare(levels, in message);
        if (cause == QuarantineCause.None) return InputOutcome.Applied;
        if (!_reportOnly) Invalidate(feed, nowNs);
        return InputOutcome.Quarantined;
    }

    /// <summary>A book whose losses nobody can see (Bitstamp) is fetched anew from time to time, and goes on meanwhile.</summary>
    public bool WantsRefresh(InstrumentFeed feed, long nowNs)
    {
        if (feed.State is not (SyncState.Live or SyncState.Unbridged) || nowNs - feed.LastRefreshNs < _refreshNs) return false;
        if (!pacer.TryTakeTurn(nowNs)) return false;
        feed.LastRefreshNs = nowNs;
        if (feed.IsRefreshing) return true;
        feed.RefreshSinceId = feed.LastId;
        feed.IsRefreshing = true;
        feed.Held.Clear();
        return true;
    }

    /// <summary>A full book by REST: loaded only when the held-back deltas can connect to it.</summary>
    public InputOutcome OnRestSnapshot(InstrumentFeed feed, in FeedMessage snapshot, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        if (feed.State is SyncState.Idle) return InputOutcome.Stale;
        if (feed.IsRefreshing) return Refresh(feed, in snapshot, events, nowNs, out cause);
        if (feed.State is SyncState.Live or SyncState.Unbridged && snapshot.LastUpdateId <= feed.LastId)
            return snapshot.LastUpdateId == feed.LastId ? InputOutcome.Duplicate : InputOutcome.Stale;
        if (feed.Held.Count > 0 && !_reportOnly && IsTooOld(in snapshot, in feed.Held.First))
        {
            statistics.SnapshotsTooOld++;
            pacer.OnFailed(feed, nowNs);
            return InputOutcome.Stale;
        }

        var outcome = Load(feed, in snapshot, events, nowNs, SyncState.Unbridged, out cause);
        if (outcome == InputOutcome.Applied) ReleaseHeld(feed, nowNs);
        return outcome;
    }

    public void OnSnapshotFailed(InstrumentFeed feed, long nowNs)
    {
        statistics.SnapshotFailures++;
        if (feed.IsRefreshing) EndRefresh(feed);
        if (feed.State == SyncState.Buffering) pacer.OnFailed(feed, nowNs);
    }

    /// <summary>Declares the book unusable and starts over: the operator's command, and the answer to every broken rule.</summary>
    public void Invalidate(InstrumentFeed feed, long nowNs)
    {
        if (feed.State is SyncState.Idle) return;
        AppendInvalid(feed, nowNs);
        if (feed.IsRefreshing) EndRefresh(feed);
        Restart(feed, keepHeld: true);
        pacer.OnBroken(feed, nowNs);
    }

    private InputOutcome Follow(InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        switch (PositionOf(feed, in delta))
        {
            case DeltaPosition.Covered:
                statistics.DeltasCovered++;
                return InputOutcome.Stale;
            case DeltaPosition.Repeat:
                statistics.DeltasRepeated++;
                observer?.OnAnomaly(IngestAnomaly.Repeat, in delta, Sequencing.Expected(rule, feed.LastId));
                // Where nothing counts the messages, an older one is the only trace of a change that was missed (Bitstamp).
                if (rule.Continuity == Continuity.NeverBackwards && delta.LastUpdateId < feed.LastId && !_reportOnly) Invalidate(feed, nowNs);
                return InputOutcome.Duplicate;
            case DeltaPosition.Gap:
                statistics.Gaps++;
                observer?.OnAnomaly(IngestAnomaly.Gap, in delta, Sequencing.Expected(rule, feed.LastId));
                if (_reportOnly) return ApplyDelta(feed, in delta, events, nowNs, isGap: true, out cause);
                Invalidate(feed, nowNs);
                return OnDelta(feed, in delta, events, nowNs, out cause);
            case DeltaPosition.Heartbeat when events.IsEmpty:
                statistics.BookHeartbeats++;
                return InputOutcome.Applied;
            default:
                return ApplyDelta(feed, in delta, events, nowNs, isGap: false, out cause);
        }
    }

    private DeltaPosition PositionOf(InstrumentFeed feed, in FeedMessage delta) => feed.State == SyncState.Unbridged
        ? Sequencing.AfterSnapshot(rule.Bridge, feed.LastId, in delta)
        : Sequencing.AfterDelta(rule, feed.LastId, in delta);

    private InputOutcome HoldBack(InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs)
    {
        if (!feed.Held.TryAdd(in delta, events, nowNs))
        {
            // Too much to wait with: what is held is given up, and the next delta starts the wait again.
            feed.IsRefreshing = false;
            statistics.Shed += feed.Held.Count;
            statistics.Pending -= feed.Held.Count;
            feed.Held.Clear();
            return InputOutcome.Shed;
        }

        statistics.DeltasBuffered++;
        if (feed.WantsResync) pacer.Step(feed, nowNs);
        else pacer.Want(feed, nowNs);
        return InputOutcome.Pending;
    }

    private void ReleaseHeld(InstrumentFeed feed, long nowNs)
    {
        while (feed.Held.Count > 0)
        {
            if (!_reportOnly && PositionOf(feed, in feed.Held.First) == DeltaPosition.Gap)
            {
                statistics.Gaps++;
                observer?.OnAnomaly(IngestAnomaly.Gap, in feed.Held.First, Sequencing.Expected(rule, feed.LastId));
                Invalidate(feed, nowNs);
                return;
            }

            var events = feed.Held.Take(out var delta, out var receivedNs);
            statistics.Pending--;
            var outcome = Follow(feed, in delta, events, receivedNs, out var cause);
            if (outcome == InputOutcome.Quarantined) statistics.QuarantinedByCause[(int)cause]++;
            Count(outcome);
            if (feed.State is SyncState.Buffering) return;
        }

        feed.Held.Clear();
    }

    private void Count(InputOutcome outcome)
    {
        switch (outcome)
        {
            case InputOutcome.Applied: statistics.Applied++; break;
            case InputOutcome.Duplicate: statistics.Duplicate++; break;
            case InputOutcome.Stale: statistics.Stale++; break;
            case InputOutcome.Quarantined: statistics.Quarantined++; break;
            case InputOutcome.Shed: statistics.Shed++; break;
        }
    }

    private InputOutcome Load(InstrumentFeed feed, in FeedMessage snapshot, ReadOnlySpan<MarketEvent> events, long nowNs, SyncState next, out QuarantineCause cause)
    {
        if (!snapshot.HasChecksum && IsCrossed(events))
        {
            observer?.OnAnomaly(IngestAnomaly.Crossed, in snapshot, FeedMessage.NoId);
            if (!_reportOnly)
            {
                statistics.BooksCrossed++;
                cause = QuarantineCause.CrossedBook;
                Invalidate(feed, nowNs);
                return InputOutcome.Quarantined;
            }
        }

        var position = outbox.Position;
        if (events.IsEmpty) AppendEmptySnapshot(feed, in snapshot, nowNs);
        else outbox.AppendMessage(events, nowNs);
        feed.Levels?.Clear();
        cause = Verify(feed, in snapshot, events);
        if (cause != QuarantineCause.None && !_reportOnly) return Refuse(feed, position, nowNs);

        statistics.Snapshots++;
        feed.State = next;
        feed.LastId = snapshot.LastUpdateId;
        feed.LastRefreshNs = nowNs;
        pacer.OnSynced(feed, nowNs);
        observer?.OnApplied(in snapshot);
        return cause == QuarantineCause.None ? InputOutcome.Applied : InputOutcome.Quarantined;
    }

    private InputOutcome ApplyDelta(
        InstrumentFeed feed, in FeedMessage delta, ReadOnlySpan<MarketEvent> events, long nowNs, bool isGap, out QuarantineCause cause)
    {
        var position = outbox.Position;
        if (delta.HasEventIds) outbox.AppendNewer(events, feed.LastId, nowNs);
        else outbox.AppendMessage(events, nowNs);
        cause = Verify(feed, in delta, events);
        if (cause != QuarantineCause.None && !_reportOnly) return Refuse(feed, position, nowNs);
        if (feed.IsRefreshing && !feed.Held.TryAdd(in delta, events, nowNs)) EndRefresh(feed);

        if (feed.State == SyncState.Unbridged)
        {
            // Without a rule for it a snapshot is not bridged, only followed.
            if (rule.Bridge != Bridge.None && !isGap) statistics.Bridged++;
            feed.State = SyncState.Live;
        }

        if (delta.LastUpdateId != FeedMessage.NoId) feed.LastId = delta.LastUpdateId;
        statistics.Deltas++;
        observer?.OnApplied(in delta);
        return cause == QuarantineCause.None ? InputOutcome.Applied : InputOutcome.Quarantined;
    }

    /// <summary>Whether something is missing between the snapshot and the first delta that was kept.</summary>
    private bool IsTooOld(in FeedMessage snapshot, in FeedMessage first) => rule.Bridge == Bridge.None
        ? snapshot.LastUpdateId < first.LastUpdateId
        : Sequencing.AfterSnapshot(rule.Bridge, snapshot.LastUpdateId, in first) == DeltaPosition.Gap;

    /// <summary>The snapshot of a running book, and what was applied since it was asked for, again: readers get both in one batch.</summary>
    private InputOutcome Refresh(InstrumentFeed feed, in FeedMessage snapshot, ReadOnlySpan<MarketEvent> events, long nowNs, out QuarantineCause cause)
    {
        cause = QuarantineCause.None;
        var lastId = feed.LastId;
        if (snapshot.LastUpdateId < feed.RefreshSinceId)
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

    /// <summary>What waits will not be used. What a refresh holds was applied long ago, and is not counted again.</summary>
    private void GiveUpHeld(InstrumentFeed feed)
    {
        if (feed.IsRefreshing)
        {
            EndRefresh(feed);
            return;
        }

        statistics.Stale += feed.Held.Count;
        statistics.Pending -= feed.Held.Count;
        feed.Held.Clear();
    }

    private InputOutcome Refuse(InstrumentFeed feed, int position, long nowNs)
    {
        outbox.TakeBack(position);
        Invalidate(feed, nowNs);
        return InputOutcome.Quarantined;
    }

    /// <summary>Applies the message to the checksum's book, cuts it to its depth and compares.</summary>
    private QuarantineCause Verify(InstrumentFeed feed, in FeedMessage message, ReadOnlySpan<MarketEvent> events)
    {
        if (feed.Levels is not { } levels) return QuarantineCause.None;
        if (!levels.Apply(events)) return QuarantineCause.TooLarge;
        Prune(levels);
        if (!message.HasChecksum || rule.Checksum is null)
        {
            if (!levels.IsCrossed || _reportOnly) return QuarantineCause.None;
            statistics.BooksCrossed++;
            return QuarantineCause.CrossedBook;
        }

        return Compare(levels, in message);
    }

    private QuarantineCause Compare(ChecksumBook levels, in FeedMessage message)
    {
        if (levels.Compute() != message.Checksum)
        {
            statistics.ChecksumsMismatched++;
            observer?.OnAnomaly(IngestAnomaly.ChecksumMismatch, in message, FeedMessage.NoId);
            return QuarantineCause.ChecksumMismatch;
        }

        statistics.ChecksumsMatched++;
        if (message.Kind == FeedMessageKind.BookSnapshot) statistics.SnapshotChecksumsMatched++;
        return QuarantineCause.None;
    }

    /// <summary>Levels pushed out of the depth become explicit deletes, so that no reader has to know the depth.</summary>
    private void Prune(ChecksumBook levels)
    {
        for (var excess = levels.Excess; excess > 0; excess--)
        {
            var pruned = levels.PruneOne(out var side);
            ref var delete = ref outbox.AppendToMessage(in outbox.Last);
            delete.Side = side;
            delete.Price = new Model.Numbers.Price(pruned.PriceRaw);
            delete.PriceDecimals = pruned.PriceDecimals;
            delete.Quantity = Model.Numbers.Quantity.Zero;
            statistics.LevelsPruned++;
        }
    }

    private void AppendInvalid(InstrumentFeed feed, long nowNs)
    {
        outbox.Append(MarketEventKind.BookInvalid, feed.Id, nowNs).Flags |= MarketEventFlags.Gap;
        statistics.BooksInvalidated++;
        observer?.OnInvalidated(feed.Id);
    }

    private void AppendEmptySnapshot(InstrumentFeed feed, in FeedMessage snapshot, long nowNs)
    {
        ref var e = ref outbox.Append(MarketEventKind.BookSnapshot, feed.Id, nowNs);
        e.Flags |= MarketEventFlags.Snapshot;
        e.ExchangeTime = snapshot.Time;
        if (snapshot.LastUpdateId != FeedMessage.NoId) e.UpdateId = snapshot.LastUpdateId;
    }

    private void Restart(InstrumentFeed feed, bool keepHeld = false)
    {
        feed.State = rule.Source == SnapshotSource.Socket ? SyncState.Waiting : SyncState.Buffering;
        feed.LastId = FeedMessage.NoId;
        feed.Levels?.Clear();
        if (!keepHeld) feed.Held.Clear();
    }

    private static bool IsCrossed(ReadOnlySpan<MarketEvent> events)
    {
        long bid = long.MinValue, ask = long.MaxValue;
        foreach (ref readonly var e in events)
        {
            if (e.Quantity.Raw <= 0) continue;
            if (e.Side == Side.Buy) bid = Math.Max(bid, e.Price.Raw);
            else if (e.Side == Side.Sell) ask = Math.Min(ask, e.Price.Raw);
        }

        return bid >= ask;
    }
}
