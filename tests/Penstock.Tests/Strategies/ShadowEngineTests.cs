using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Strategies;
using Penstock.Tests.Infrastructure.Journal;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Goal: snapshot and replay give what the journal alone gives, whatever is wrong with the snapshots. Method: a recorded session is
/// followed by a shadow that takes many snapshots; each of them, damaged or not, must lead to the same final hash.
/// </summary>
[Trait("requirement", "R157")]
[Trait("requirement", "R161")]
public sealed class ShadowEngineTests : IDisposable
{
    private readonly JournalTestBench _bench = new();
    private readonly SnapshotFolder _snapshots;
    private readonly ulong _hash;
    private readonly long _records;

    public ShadowEngineTests()
    {
        _snapshots = new SnapshotFolder(Path.Combine(_bench.Directory, "snapshots"));
        var recorded = EngineReplayTests.Recorded(seed: 8, steps: 300, sessions: 2);
        using (var journal = JournalWriter.Open(_bench.Options(segmentBytes: 64 << 10)))
        {
            foreach (var (type, payload) in recorded) Assert.True(journal.Append(type, payload) > 0);
        }

        using var whole = new EngineRecovery(_bench.Directory, null, EngineReplayTests.Create);
        whole.ToEnd();
        (_hash, _records) = (whole.Replay.Engine!.StateHash, whole.Reader.Sequence);
        Assert.True(whole.IsSound);
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Every_snapshot_leads_to_the_same_end()
    {
        var shadow = Follow(recordsPerSnapshot: 100, kept: 100);
        Assert.Equal((0L, 0L, 0L), (shadow.SnapshotsUnverified, shadow.SnapshotFailures, shadow.Differences));
        Assert.Equal(_records, shadow.Records);
        var files = _snapshots.Files();
        Assert.True(files.Count > 8 && files.Count == shadow.Snapshots, $"{files.Count}");
        foreach (var file in files)
        {
            using var recovery = Recovered();
            Assert.Equal((_hash, file, _records), (recovery.Replay.Engine!.StateHash, recovery.Snapshot, recovery.Reader.Sequence));
            Assert.Empty(recovery.Refused);
            Assert.True(recovery.Replay.Records <= _records - SnapshotFolder.SequenceOf(file));
            File.Delete(file);
        }
    }

    [Fact]
    public void Only_the_last_ones_are_kept()
    {
        Follow(recordsPerSnapshot: 150, kept: 3);
        Assert.Equal(3, _snapshots.Files().Count);
        Assert.Equal(_records, SnapshotFolder.SequenceOf(_snapshots.Files()[0])); // the one at the orderly end
    }

    [Fact]
    public void A_damaged_snapshot_is_refused_by_name_and_the_one_before_it_taken()
    {
        Follow(recordsPerSnapshot: 500, kept: 3);
        var files = _snapshots.Files();
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            var bytes = File.ReadAllBytes(files[0]);
            var at = random.Next(bytes.Length);
            var changed = (byte[])bytes.Clone();
            changed[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(files[0], round % 4 == 0 ? bytes[..at] : changed);
            using var recovery = Recovered();
            Assert.Equal((_hash, files[1]), (recovery.Replay.Engine!.StateHash, recovery.Snapshot));
            Assert.Contains(Path.GetFileName(files[0]), Assert.Single(recovery.Refused), StringComparison.Ordinal);
            File.WriteAllBytes(files[0], bytes);
        }
    }

    [Fact]
    public void A_snapshot_of_a_newer_format_is_refused_with_both_versions()
    {
        Follow(recordsPerSnapshot: 500, kept: 1);
        var file = _snapshots.Files()[0];
        var bytes = File.ReadAllBytes(file);
        bytes[8] = 9;
        System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        File.WriteAllBytes(file, bytes);
        using var recovery = Recovered();
        Assert.Equal((_hash, (string?)null), (recovery.Replay.Engine!.StateHash, recovery.Snapshot));
        Assert.Contains("format version 9, this build reads 1", Assert.Single(recovery.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_with_a_right_hash_over_a_wrong_state_leads_nowhere_and_costs_only_time()
    {
        Follow(recordsPerSnapshot: 500, kept: 2);
        var files = _snapshots.Files();
        SnapshotFolder.Load(files[1], out _, out var older);
        SnapshotFolder.Load(files[0], out var newest, out _);
        _snapshots.Save(newest! with { StateHash = 1 }, older, 2);
        using var recovery = Recovered();
        Assert.Equal((_hash, files[1]), (recovery.Replay.Engine!.StateHash, recovery.Snapshot));
        Assert.Contains("state hash", Assert.Single(recovery.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_another_journal_is_refused()
    {
        Follow(recordsPerSnapshot: 500, kept: 2);
        var files = _snapshots.Files();
        SnapshotFolder.Load(files[1], out var header, out var state);
        _snapshots.Save(header! with { Chain = header.Chain + 1 }, state, 2);
        File.Delete(files[0]);
        using var recovery = Recovered();
        Assert.Equal((_hash, (string?)null), (recovery.Replay.Engine!.StateHash, recovery.Snapshot));
        Assert.Contains("another journal", Assert.Single(recovery.Refused), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R92")]
    public void An_engine_that_decides_differently_is_found_by_its_shadow_and_takes_no_snapshot()
    {
        using var shadow = new ShadowEngine(
            new ShadowOptions { Journal = _bench.Directory, Snapshots = _snapshots, RecordsPerSnapshot = 100_000 },
            _ => EngineWorld.Create([EngineWorld.Maker("""{"spreadBps":21,"size":0.1,"inventoryMax":0.3,"requoteTicks":2}""")]));
        shadow.Finish();
        Assert.Equal(1L, shadow.Statistics.Differences);
        Assert.Contains("OrderIntent", shadow.Difference, StringComparison.Ordinal);
        Assert.Empty(_snapshots.Files());
    }

    [Fact]
    [Trait("requirement", "R145")]
    public void The_shadow_anchors_the_audit_trail()
    {
        Follow(recordsPerSnapshot: 500, kept: 2);
        var anchor = AuditAnchor.Load(_bench.Directory, out var problem);
        Assert.Null(problem);
        Assert.Equal(_records, anchor!.Sequence);
        var verdict = AuditVerifier.Verify(_bench.Directory);
        Assert.Equal((anchor.Number, anchor.Head, (string?)null), (verdict.Records, verdict.Head, verdict.Fault));
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void Compaction_takes_only_what_verified_snapshots_stand_for_and_recovery_and_audit_stay_whole()
    {
        var audit = AuditVerifier.Verify(_bench.Directory);
        var compaction = new JournalCompaction(_bench.Directory, _snapshots, EngineReplayTests.Create);
        Assert.Empty(compaction.Plan(new CompactionPolicy()).Segments); // no snapshot, nothing may go
        Follow(recordsPerSnapshot: 500, kept: 3);
        var segments = JournalSegments.List(_bench.Directory);
        var policy = new CompactionPolicy { SnapshotsKept = 2, Archive = Path.Combine(_bench.Directory, "archive") };
        Assert.Empty(compaction.Plan(policy with { WrittenBefore = DateTimeOffset.UnixEpoch }).Segments);
        Assert.Empty(compaction.Plan(policy with { BytesMax = long.MaxValue }).Segments);
        Assert.Empty(compaction.Plan(policy with { SnapshotsKept = 4 }).Segments);
        var plan = compaction.Plan(policy);
        Assert.True(plan.Segments.Count > 0 && plan.Segments.Count < segments.Count, $"{plan.Segments.Count} of {segments.Count}: {plan.Why}");
        Assert.Null(compaction.Apply(plan, policy));

        Assert.Equal(plan.Segments.Count, Directory.GetFiles(policy.Archive!, "*.pjl").Length);
        // What was taken out is a journal with its own end.
        var archived = AuditVerifier.Verify(policy.Archive!);
        Assert.Equal((true, true, 0L), (archived.Anchor is not null, archived.Ok, archived.RecordsBeyond));
        Assert.Equal((audit.Records, audit.Head, (string?)null), (AuditVerifier.Verify(_bench.Directory) is var left ? left.Records : 0, left.Head, left.Fault));
        Assert.True(JournalVerifier.Verify(_bench.Directory).Ok);
        using (var recovery = Recovered()) Assert.Equal((_hash, _records), (recovery.Replay.Engine!.StateHash, recovery.Reader.Sequence));
        File.Delete(_snapshots.Files()[0]);
        using (var recovery = Recovered()) Assert.Equal(_hash, recovery.Replay.Engine!.StateHash);
        foreach (var file in _snapshots.Files()) File.Delete(file);
        using (var recovery = Recovered()) Assert.True(recovery.IsBeheaded);
    }

    private EngineRecovery Recovered()
    {
        var recovery = new EngineRecovery(_bench.Directory, _snapshots, EngineReplayTests.Create);
        recovery.ToEnd();
        return recovery;
    }

    private ShadowStatistics Follow(long recordsPerSnapshot, int kept)
    {
        using var shadow = new ShadowEngine(
            new ShadowOptions { Journal = _bench.Directory, Snapshots = _snapshots, RecordsPerSnapshot = recordsPerSnapshot, Kept = kept }, EngineReplayTests.Create);
        shadow.Finish();
        Assert.Null(shadow.Difference);
        return shadow.Statistics;
    }
}
