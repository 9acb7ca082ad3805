using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>How much of a journal is kept.</summary>
public sealed record CompactionPolicy
{
    /// <summary>Segments behind this many verified snapshots are never touched.</summary>
    public int SnapshotsKept { get; init; } = 2;

    /// <summary>Only segments last written before; null: any age.</summary>
    public DateTimeOffset? WrittenBefore { get; init; }

    /// <summary>Only as many, oldest first, as it takes to come down to this; null: all that may go.</summary>
    public long? BytesMax { get; init; }

    /// <summary>Where they go; null removes them.</summary>
    public string? Archive { get; init; }
}

/// <param name="Segments">What may go, oldest first.</param>
/// <param name="Why">In words: what keeps the rest.</param>
public sealed record CompactionPlan(IReadOnlyList<JournalSegmentInfo> Segments, string Why);

/// <summary>
/// Takes old segments out of a journal without taking anything a recovery or an audit needs: snapshots that were just verified
/// stand for them, and their audit records are carried over first.
/// </summary>
public sealed class JournalCompaction(string journal, SnapshotFolder snapshots, Func<SessionInfo, TradingEngine> create)
{
    /// <summary>Judges; changes nothing. Loads the snapshots and replays what is behind the newest.</summary>
    public CompactionPlan Plan(CompactionPolicy policy)
    {
        var segments = JournalSegments.List(journal);
        using (var recovery = new EngineRecovery(journal, snapshots, create))
        {
            recovery.ToEnd();
            if (!recovery.IsSound || recovery.Snapshot is null)
                return new CompactionPlan([], string.Join("; ", ["no snapshot leads to the journal's end", .. recovery.Refused]));
        }

        if (FirstNeeded(policy.SnapshotsKept) is not { } needed)
            return new CompactionPlan([], $"there are fewer than {policy.SnapshotsKept} verified snapshots");
        var bytes = segments.Sum(s => s.Bytes);
        var going = new List<JournalSegmentInfo>();
        foreach (var segment in segments)
        {
            var keeper = segment.Number >= needed ? $"segments from {needed:D8} on are needed by the last {policy.SnapshotsKept} snapshots"
                : policy.WrittenBefore is { } before && segment.Written >= before ? $"segment {segment.Number:D8} is not old enough"
                : policy.BytesMax is { } most && bytes <= most ? $"the rest is not more than {most} bytes"
                : null;
            if (keeper is not null) return new CompactionPlan(going, keeper);
            going.Add(segment);
            bytes -= segment.Bytes;
        }

        return new CompactionPlan(going, "");
    }

    /// <summary>Carries the audit records over, then moves or removes, oldest first: a crash between two leaves a whole journal.</summary>
    /// <returns>Null when done; else why nothing was.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public string? Apply(CompactionPlan plan, CompactionPolicy policy)
    {
        if (plan.Segments.Count == 0) return null;
        if (AuditCarry.Carry(journal, plan.Segments[^1].Number + 1) is { } problem) return problem;
        foreach (var segment in plan.Segments) JournalSegments.Remove(journal, segment.Number, policy.Archive);
        // An archive is a journal too, which ends where it was cut.
        if (policy.Archive is { } archive) AuditAnchor.Of(archive).Save(archive);
        return null;
    }

    /// <summary>The oldest segment that a recovery from the last so many good snapshots would read.</summary>
    private long? FirstNeeded(int kept)
    {
        var needed = long.MaxValue;
        var good = 0;
        foreach (var file in snapshots.Files())
        {
            if (SnapshotFolder.Load(file, out var header, out var state) is not null || !IsGood(header!, state)) continue;
            needed = Math.Min(needed, header!.Segment);
            if (++good == kept) return needed;
        }

        return null;
    }

    private bool IsGood(SnapshotHeader header, byte[] state)
    {
        try
        {
            return new EngineReplay(create, StateArchive.ToLoad(state), HungCall.Load(journal)).Engine!.StateHash == header.StateHash;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
