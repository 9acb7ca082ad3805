using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Infrastructure.Threads;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>How the shadow follows.</summary>
public sealed record ShadowOptions
{
    /// <summary>The journal's folder.</summary>
    public required string Journal { get; init; }

    public required SnapshotFolder Snapshots { get; init; }

    /// <summary>Records between two snapshots.</summary>
    public long RecordsPerSnapshot { get; init; } = 250_000;

    /// <summary>How many are kept; older ones are removed.</summary>
    public int Kept { get; init; } = 3;

    /// <summary>Which build; in every snapshot.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Told of an anchor that has a new audit link, and of the last: rare enough to be written elsewhere. On the shadow's thread.</summary>
    public Action<AuditAnchor>? Anchored { get; init; }
}

/// <summary>Counters of the shadow. Written by its thread.</summary>
public sealed class ShadowStatistics
{
    /// <summary>Journal records followed.</summary>
    public long Records;
    /// <summary>Snapshots written, each verified before.</summary>
    public long Snapshots;
    /// <summary>Snapshots not written because the state could not be saved, or differed when it was loaded.</summary>
    public long SnapshotsUnverified;
    /// <summary>Snapshots the disk refused.</summary>
    public long SnapshotFailures;
    /// <summary>Snapshots found at the start that were of no use.</summary>
    public long SnapshotsRefused;
    /// <summary>Bytes of the last snapshot's state.</summary>
    public long StateBytes;
    /// <summary>1 once the shadow came to another decision than the journal says: the engine is not deterministic. It stops then.</summary>
    public long Differences;
    /// <summary>Times the anchor of the audit trail could not be written.</summary>
    public long AnchorFailures;
    /// <summary>The last journal record under the anchor: what lies behind it could be cut off unnoticed.</summary>
    public long AnchoredRecords;
}

/// <summary>
/// A second engine that follows the journal of the first, behind its back: it repeats every decision, compares it with the
/// recorded one, and takes the snapshots (R157). The trading thread neither waits nor copies anything for them.
/// <code>
///   trading thread → journal → shadow: replay, compare → state → loaded into a new engine, equal? → file
///                                                                     └► that one follows from here on
/// </code>
/// A snapshot is verified by being used: the engine loaded from it takes over, so every later checkpoint judges it too; when
/// one differs, the last snapshot is removed.
/// </summary>
public sealed class ShadowEngine : IAgent, IDisposable
{
    /// <summary>A busy journal is anchored at least so often: a file of one line is replaced by a thread that nobody waits for.</summary>
    private const int RecordsPerAnchor = 256;

    /// <summary>Steps that found nothing before what is left of a quiet journal is anchored: about a tenth of a second of a parking thread.</summary>
    private const int StepsUntilQuiet = 256;

    private const int RecordsPerStep = 4_096;

    private readonly ShadowOptions _options;
    private readonly Func<SessionInfo, TradingEngine> _create;
    private EngineRecovery? _following;
    private long _nextSnapshot;
    private string? _unconfirmed;
    private long _anchored = -1;
    private long _anchoredAt;
    private (long Number, long Sequence) _told = (-1, -1);
    private int _quietSteps;

    public ShadowEngine(ShadowOptions options, Func<SessionInfo, TradingEngine> create)
    {
        _options = options;
        _create = create;
    }

    public string Role => "shadow";

    public ShadowStatistics Statistics { get; } = new();

    /// <summary>What differed; null while nothing did. Any thread may read it.</summary>
    public string? Difference { get; private set; }

    /// <summary>The last record followed.</summary>
    public long Sequence => _following?.Reader.Sequence ?? 0;

    public int DoWork()
    {
        if (Difference is not null) return 0;
        var following = _following ??= Begin();
        var count = 0;
        while (count < RecordsPerStep && following.TryStep(out var record))
        {
            count++;
            Statistics.Records++;
            if (record.Sequence < _nextSnapshot || !following.Replay.IsBetweenInputs) continue;
            if (following.IsSound) Take(record.Segment);
        }

        _quietSteps = count > 0 ? 0 : Math.Min(_quietSteps + 1, StepsUntilQuiet + 1);
        if (!following.IsSound) Stop(following);
        else if (count > 0 || _quietSteps == StepsUntilQuiet) Anchor(following, isLast: false);
        return count;
    }

    /// <summary>Follows to the journal's end, anchors it and takes a snapshot there: after an orderly stop nothing is left to replay.</summary>
    public void Finish()
    {
        while (DoWork() > 0)
        {
        }

        if (Difference is not null || _following is not { Replay.IsBetweenInputs: true, Reader: { Records: > 0, Segment: var segment } }) return;
        Anchor(_following, isLast: true);
        Take(segment);
    }

    public void Dispose() => _following?.Dispose();

    private EngineRecovery Begin()
    {
        var recovery = new EngineRecovery(_options.Journal, _options.Snapshots, _create);
        Statistics.SnapshotsRefused = recovery.Refused.Count;
        // Between the snapshot and there the anchor of before reaches further than what is followed.
        _anchoredAt = Statistics.AnchoredRecords = AuditAnchor.Load(_options.Journal, out _)?.Sequence ?? 0;
        _nextSnapshot = (recovery.Snapshot is { } file ? SnapshotFolder.SequenceOf(file) : 0) + _options.RecordsPerSnapshot;
        return recovery;
    }

    /// <summary>
    /// How far journal and audit trail are, where a cut end would be missed: at every link, now and then between, and where the journal rests.
    /// </summary>
    private void Anchor(EngineRecovery following, bool isLast)
    {
        if (following.Replay.Engine is not { } engine || !following.Replay.IsBetweenInputs) return;
        var (number, sequence) = (engine.AuditTrail.Number, following.Reader.Sequence);
        var isDue = isLast || number != _anchored || _quietSteps >= StepsUntilQuiet || sequence >= _anchoredAt + RecordsPerAnchor;
        if (!isDue || sequence < _anchoredAt || (sequence == _anchoredAt && !isLast)) return;
        (_anchored, _anchoredAt) = (number, sequence);
        var anchor = new AuditAnchor(number, Convert.ToHexStringLower(engine.AuditTrail.Head), sequence, following.Reader.Chain);
        try
        {
            anchor.Save(_options.Journal);
            Statistics.AnchoredRecords = sequence;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Statistics.AnchorFailures++;
        }

        // The disk may refuse it; whoever keeps it elsewhere has it all the same.
        if (isLast ? sequence == _told.Sequence : number == _told.Number) return;
        _told = (number, sequence);
        _options.Anchored?.Invoke(anchor);
    }

    private void Take(long segment)
    {
        var reader = _following!.Reader;
        _nextSnapshot = reader.Sequence + _options.RecordsPerSnapshot;
        var state = StateArchive.ToSave();
        if (!TrySave(state) || Verified(state) is not { } loaded)
        {
            Statistics.SnapshotsUnverified++;
            return;
        }

        var header = new SnapshotHeader
        {
            Sequence = reader.Sequence, Segment = segment, Chain = reader.Chain, StateHash = loaded.Engine!.StateHash, CreatedBy = _options.CreatedBy,
        };
        try
        {
            _unconfirmed = _options.Snapshots.Save(header, state.Saved, _options.Kept);
            Statistics.Snapshots++;
            Statistics.StateBytes = state.Saved.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Statistics.SnapshotFailures++;
        }

        _following.GoOnWith(loaded);
    }

    /// <summary>What a strategy throws when asked for its state costs this snapshot and nothing else.</summary>
    private bool TrySave(StateArchive state)
    {
        try
        {
            _following!.Replay.Save(state);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>An engine loaded from the state, when it has the same hash and saves the same state again.</summary>
    private EngineReplay? Verified(StateArchive state)
    {
        try
        {
            var loaded = new EngineReplay(_create, StateArchive.ToLoad(state.Saved), _following!.Replay.Hung);
            var again = StateArchive.ToSave();
            loaded.Save(again);
            return loaded.Engine!.StateHash == _following.Replay.Engine!.StateHash && again.Saved.SequenceEqual(state.Saved) ? loaded : null;
        }
        catch (Exception)
        {
            return null; // not whole, or a strategy threw when it was given its state
        }
    }

    private void Stop(EngineRecovery following)
    {
        Difference = following.Replay.FirstDifference is { } difference
            ? $"record {difference.Sequence}: recorded {difference.Recorded}, replayed {difference.Replayed}"
            : $"segment {following.Reader.Segment:D8}, byte {following.Reader.Offset}: {following.Reader.Fault}";
        Statistics.Differences++;
        if (_unconfirmed is not null) File.Delete(_unconfirmed);
    }
}
