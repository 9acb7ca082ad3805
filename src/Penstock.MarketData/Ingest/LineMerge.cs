using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// Several connections of one venue as one stream (R9). Every line decodes and follows its own book rule; here it is decided what of it
/// is published. By id: an update is published by the line that brings it first, which is exact because a delta holds absolute quantities
/// and every change since an id that is published already. Lead and shadow: the leader's book messages are published, and when its
/// book breaks, falls behind or loses its connection, a shadow takes over with a snapshot of its own book. Trades go by their id in both.
/// </summary>
internal sealed class LineMerge(BookSyncRule rule, EventOutbox outbox, IngestStatistics statistics)
{
    /// <summary>A line that hears of a book for this long while the leader does not takes over.</summary>
    private const long LeaderBehindNs = 1_000_000_000;

    /// <summary>Updates below the published id, and none at it, for this long: the venue counts anew.</summary>
    private const long FrozenNs = 2_000_000_000;

    private readonly List<FeedLine> _lines = [];
    private MergedInstrument?[] _instruments = new MergedInstrument?[16];
    private bool _venueIsStale;
    private bool _bridges;
    private bool _restarts;

    /// <summary>What happens to a line's book is no news to readers right now.</summary>
    public bool IsQuiet { get; private set; }

    public BookSyncRule Rule { get; } = rule;

    public EventOutbox Outbox { get; } = outbox;

    public IngestStatistics Statistics { get; } = statistics;

    public FeedLine Add(FeedIngest ingest)
    {
        var line = new FeedLine(this, _lines.Count, ingest);
        _lines.Add(line);
        return line;
    }

    public MergedInstrument Of(InstrumentId id)
    {
        if (id.Value >= _instruments.Length) Array.Resize(ref _instruments, Math.Max(_instruments.Length * 2, id.Value + 1));
        return _instruments[id.Value] ??= new MergedInstrument(Rule);
    }

    /// <summary>A line other than that one whose book is right in the numbers that are published, the leader before others; -1 without one.</summary>
    public int RightLineBut(int index, InstrumentId id)
    {
        if (_restarts) return -1;
        var merged = Of(id);
        if (merged.Leader != index && IsRight(merged, merged.Leader, id)) return merged.Leader;
        for (var i = 0; i < _lines.Count; i++)
        {
            if (i != index && IsRight(merged, i, id)) return i;
        }

        return -1;
    }

    /// <summary>The line whose messages count where only one line's may.</summary>
    public int LeaderOf(InstrumentId id)
    {
        var merged = Of(id);
        if (_lines[merged.Leader].Ingest.IsConnected) return merged.Leader;
        for (var i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].Ingest.IsConnected) return merged.Leader = i;
        }

        return merged.Leader;
    }

    public InputOutcome Settle(FeedLine line, InstrumentFeed feed, bool wasRight, int position, InputOutcome outcome, long nowNs)
    {
        var merged = Of(feed.Id);
        if (feed.IsRight && !IsRight(merged, merged.Leader, feed.Id)) Lead(merged, line, isTakeOver: false);
        if (Rule.Merge == FeedMerge.ById)
        {
            if (wasRight && !feed.IsRight && merged.Leader == line.Index) PassOn(merged, line, feed.Id);
            if (!merged.IsRight) AbandonAll(line, feed.Id, nowNs);
            else Bridge(feed.Id, nowNs);
            return outcome;
        }

        if (merged.Leader == line.Index)
        {
            if (!feed.IsRight && wasRight && PassOn(merged, line, feed.Id))
            {
                Outbox.TakeBack(position);
                _lines[merged.Leader].Ingest.PublishBook(feed.Id, nowNs);
            }
            else if (feed.IsRight && outcome == InputOutcome.Applied)
            {
                line.Statistics.Won++;
            }

            return outcome;
        }

        // A shadow's messages are its own affair, unless there is no leader's book they could disturb.
        if (!IsRight(merged, merged.Leader, feed.Id)) return outcome;
        Outbox.TakeBack(position);
        return outcome == InputOutcome.Applied ? InputOutcome.Duplicate : outcome;
    }

    /// <summary>Books whose leader fell behind, and ids that went back without anybody saying so.</summary>
    public void Step(long nowNs)
    {
        for (var i = 0; i < _instruments.Length; i++)
        {
            if (_instruments[i] is not { } merged) continue;
            var id = new InstrumentId(i);
            if (Rule.Merge == FeedMerge.LeadAndShadow) ReplaceSlowLeader(merged, id, nowNs);
            else if (IsFrozen(merged, id, nowNs)) Restart(id, nowNs);
            else AbandonOutdated(merged, id, nowNs);
        }
    }

    /// <summary>Every line's book of the instrument starts over: the operator's command, or a reader that lost events.</summary>
    public void Restart(InstrumentId id, long nowNs)
    {
        Of(id).IsRight = false;
        _restarts = true;
        foreach (var line in _lines) IsQuiet |= line.Ingest.Abandon(id, nowNs);
        IsQuiet = _restarts = false;
    }

    public void OnConnected()
    {
        var connected = 0;
        foreach (var line in _lines) connected += line.Ingest.IsConnected ? 1 : 0;
        // Readers do not mix data of two epochs: one lasts for as long as any line does.
        if (connected == 1) Outbox.ConnectionEpoch++;
    }

    public void OnDisconnected(int index)
    {
        foreach (var merged in _instruments)
        {
            if (merged is not null && merged.BestBidAskLine == index) merged.LastBestBidAskId = 0;
        }
    }

    /// <summary>A line became silent or spoke again. The stream is silent where all lines are.</summary>
    public void OnHealth(int index, InstrumentId instrument, bool stale, long nowNs)
    {
        if (instrument != InstrumentId.None)
        {
            TellHealth(instrument, nowNs);
            return;
        }

        var isStale = _lines.TrueForAll(l => l.Ingest.IsStale || !l.Ingest.IsConnected);
        if (isStale != _venueIsStale)
        {
            _venueIsStale = isStale;
            AppendHealth(InstrumentId.None, isStale, nowNs);
            // Readers give every book of the venue the venue's flag.
            foreach (var merged in _instruments)
            {
                if (merged is not null) merged.IsStale = isStale;
            }
        }

        for (var i = 0; i < _instruments.Length; i++)
        {
            if (_instruments[i] is not null) TellHealth(new InstrumentId(i), nowNs);
        }
    }

    private bool IsRight(MergedInstrument merged, int index, InstrumentId id) =>
        _lines[index].Ingest.Find(id) is { IsRight: true } feed && (Rule.Merge == FeedMerge.LeadAndShadow || (merged.IsRight && feed.Generation == merged.Generation));

    private static void Lead(MergedInstrument merged, FeedLine line, bool isTakeOver)
    {
        if (merged.Leader != line.Index && isTakeOver) line.Statistics.TakeOvers++;
        merged.Leader = line.Index;
    }

    private bool PassOn(MergedInstrument merged, FeedLine from, InstrumentId id)
    {
        var next = RightLineBut(from.Index, id);
        if (next < 0) return false;
        Lead(merged, _lines[next], isTakeOver: true);
        return true;
    }

    /// <summary>The published book is lost, so nobody brings what a line waited for, and no line's ids lead on from what readers have.</summary>
    private void AbandonAll(FeedLine but, InstrumentId id, long nowNs)
    {
        IsQuiet = true;
        foreach (var line in _lines)
        {
            if (line != but && line.Ingest.Find(id) is { State: SyncState.Live or SyncState.Unbridged or SyncState.Bridging }) line.Ingest.Abandon(id, nowNs);
        }

        IsQuiet = false;
    }

    /// <summary>What was published may be what other lines wait for, and what they then bring may be what this one waits for.</summary>
    private void Bridge(InstrumentId id, long nowNs)
    {
        if (_bridges) return;
        _bridges = true;
        var goesOn = true;
        while (goesOn)
        {
            goesOn = false;
            foreach (var line in _lines) goesOn |= line.Ingest.TryBridge(id, nowNs);
        }

        _bridges = false;
    }

    private void ReplaceSlowLeader(MergedInstrument merged, InstrumentId id, long nowNs)
    {
        var leader = _lines[merged.Leader];
        if (leader.Ingest.Find(id) is not { IsRight: true } led) return;
        foreach (var line in _lines)
        {
            if (line == leader || line.Ingest.Find(id) is not { IsRight: true } feed || feed.LastBookNs - led.LastBookNs < LeaderBehindNs) continue;
            Lead(merged, line, isTakeOver: true);
            line.Ingest.PublishBook(id, nowNs);
            return;
        }
    }

    private bool IsFrozen(MergedInstrument merged, InstrumentId id, long nowNs)
    {
        if (!merged.IsRight || merged.LateSinceAdvance == 0 || nowNs - merged.LastAdvanceNs < FrozenNs) return false;
        foreach (var line in _lines)
        {
            if (line.Ingest.Find(id) is { IsRight: true } feed && feed.Generation == merged.Generation && feed.LastId >= merged.LastId) return false;
        }

        return true;
    }

    /// <summary>A line that goes on in numbers the venue has given up long ago needs a book in the new ones.</summary>
    private void AbandonOutdated(MergedInstrument merged, InstrumentId id, long nowNs)
    {
        if (!merged.IsRight || nowNs - merged.GenerationSinceNs < FrozenNs) return;
        foreach (var line in _lines)
        {
            if (line.Ingest.Find(id) is { IsRight: true } feed && feed.Generation < merged.Generation) line.Ingest.Abandon(id, nowNs);
        }
    }

    private void TellHealth(InstrumentId id, long nowNs)
    {
        var merged = Of(id);
        var isStale = true;
        foreach (var line in _lines) isStale &= line.Ingest.IsStale || !line.Ingest.IsConnected || line.Ingest.Find(id) is { IsSilent: true };
        if (isStale == merged.IsStale) return;
        merged.IsStale = isStale;
        AppendHealth(id, isStale, nowNs);
    }

    private void AppendHealth(InstrumentId instrument, bool stale, long nowNs)
    {
        ref var e = ref Outbox.Append(MarketEventKind.FeedHealth, instrument, nowNs);
        if (stale) e.Flags |= MarketEventFlags.Stale;
    }
}
