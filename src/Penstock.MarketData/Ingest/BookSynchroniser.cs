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
internal sealed partial class BookSynchroniser(
    BookSyncRule rule, EventOutbox outbox, IngestStatistics statistics, ResyncPacer pacer, IIngestObserver? observer,
    BrokenRule onBroken, FeedLine? line)
{
    /// <summary>Long enough for the subscription to be in force, so that no change falls between it and the book.</summary>
    private const long QuietNs = 2_000_000_000;

    private readonly bool _reportOnly = onBroken == BrokenRule.ReportOnly;

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
        // Where no delta has to connect to the snapshot, a market in which nothing happens has its book asked for all the same.
        feed.AsksWhenQuiet = rule.Bridge == Bridge.None;
        if (feed.AsksWhenQuiet) pacer.Expect(feed, nowNs, QuietNs);
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
            case SyncState.Bridging:
                return HoldForOthers(feed, in delta, events, nowNs);
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
        var outcome = line is not null && !line.TryAdvance(feed, in snapshot, nowNs)
            ? PassBySnapshot(feed, in snapshot, SyncState.Live, nowNs)
            : Load(feed, in snapshot, events, nowNs, SyncState.Live, out cause);
        if (feed is { State: SyncState.Live, Held.Count: > 0, IsRefreshing: false }) ReleaseHeld(feed, nowNs);
        return outcome;
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

        if (line is not null && !line.TryAdvance(feed, in book, nowNs)) return PassBySnapshot(feed, in book, SyncState.Live, nowNs);
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

        var outcome = line is not null && !line.TryAdvance(feed, in snapshot, nowNs)
            ? PassBySnapshot(feed, in snapshot, SyncState.Unbridged, nowNs)
            : Load(feed, in snapshot, events, nowNs, SyncState.Unbridged, out cause);
        if (outcome is InputOutcome.Applied or InputOutcome.Duplicate) ReleaseHeld(feed, nowNs);
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
        if (rule.Source == SnapshotSource.Socket) GiveUpHeld(feed);
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
            case DeltaPosition.Gap when TryMend(feed, in delta):
                return ApplyDelta(feed, in delta, events, nowNs, isGap: false, out cause);
            case DeltaPosition.Gap when WaitsForOthers(feed, nowNs):
                return HoldForOthers(feed, in delta, events, nowNs);
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
        if (feed.AsksWhenQuiet) (feed.AsksWhenQuiet, feed.WantsResync, feed.NextResyncNs) = (false, false, nowNs);
        // Where another line has the book it can be joined without asking the venue.
        if (!feed.WantsResync && line is not null && line.MayBeFilled(feed)) pacer.Expect(feed, nowNs, FeedLine.PatienceNs);
        else if (feed.WantsResync) pacer.Step(feed, nowNs);
        else pacer.Want(feed, nowNs);
        return InputOutcome.Pending;
    }

    private void ReleaseHeld(InstrumentFeed feed, long nowNs)
    {
        while (feed.Held.Count > 0)
        {
            if (!_reportOnly && PositionOf(feed, in feed.Held.First) == DeltaPosition.Gap)
            {
                if (TryMend(feed, in feed.Held.First)) continue;
                if (WaitsForOthers(feed, nowNs)) return;
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
            if (feed.State is not (SyncState.Live or SyncState.Unbridged)) return;
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
        cause = QuarantineCause.None;
        if (line is not null && !line.TryAdvance(feed, in delta, nowNs)) return PassBy(feed, in delta, events, nowNs);
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
        line?.OnRefused(feed);
        Invalidate(feed, nowNs);
        return InputOutcome.Quarantined;
    }

    /// <summary>Applies the message to the checksum's book, cuts it to its depth and compares.</summary>
    private QuarantineCause Verify(InstrumentFeed feed, in FeedMessage message, ReadOnlySpan<MarketEvent> events)
    {
        if (feed.Levels is not { } levels) return QuarantineCause.None;
        if (!levels.Apply(events)) return QuarantineCause.TooLarge;
        // Kept to take over with, by a venue whose rule says nothing about it.
        if (rule.Checksum is null && rule.PruneDepth == 0) return QuarantineCause.None;
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
        if (line is not null && !line.TakesBookAlong(feed)) return;
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
        if (line is null || rule.Merge == FeedMerge.LeadAndShadow) feed.Levels?.Clear();
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
