using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Strategies;
using Penstock.Tests.Infrastructure.Journal;
using Penstock.Tests.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Journals;

/// <summary>
/// Goal: it is known up to which record a cut end is found, and that it is found up to there. Method: the real shadow anchors a journal
/// that grows; its end is cut at any record, with every checksum right, and with the anchor, without it, and with a copy of an older one.
/// </summary>
[Trait("requirement", "R145")]
public sealed class AnchorTests : IDisposable
{
    private readonly JournalTestBench _bench = new();
    private readonly IReadOnlyList<(ushort Type, byte[] Payload)> _records =
        EngineReplayTests.Recorded(seed: 9, steps: 300, sessions: 2, isAnchored: true);

    public void Dispose() => _bench.Dispose();

    private string File_ => Path.Combine(_bench.Directory, AuditAnchor.FileName);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("requirement", "R156")]
    public void Of_a_killed_node_every_cut_before_the_anchor_is_found_and_of_one_behind_it_is_said_that_it_cannot_be(int seed)
    {
        var random = new Random(seed);
        var killedAt = random.Next(_records.Count / 2, _records.Count);
        var (anchors, last) = Live(killedAt, random);
        Assert.InRange(last.Sequence, killedAt - 1_000, killedAt - 1);
        var older = anchors[anchors.Count / 2];
        for (var round = 0; round < 60; round++)
        {
            // Around the anchor, where the line runs, every other time.
            var kept = round % 2 == 0 ? random.Next(1, killedAt) : Math.Clamp((int)last.Sequence + random.Next(-3, 4), 1, killedAt);
            Write(kept);
            last.Save(_bench.Directory);
            var verdict = AuditVerifier.Verify(_bench.Directory);
            Assert.True(JournalVerifier.Verify(_bench.Directory).Ok);
            Assert.Equal(kept >= last.Sequence, verdict.Ok);
            if (verdict.Ok) Assert.Equal((last, kept - last.Sequence), (verdict.Anchor, verdict.RecordsBeyond));

            File.Delete(File_);
            Assert.Contains(AuditAnchor.FileName, AuditVerifier.Verify(_bench.Directory).Fault, StringComparison.Ordinal);

            // Who cut it made a new anchor, too; the copy elsewhere was not his to change.
            AuditAnchor.Of(_bench.Directory).Save(_bench.Directory);
            Assert.True(AuditVerifier.Verify(_bench.Directory).Ok);
            Assert.Equal(kept >= older.Sequence, AuditVerifier.Verify(_bench.Directory, copy: older).Ok);
        }
    }

    [Fact]
    public void An_orderly_end_and_a_quiet_journal_are_anchored_at_their_last_record()
    {
        var end = _records.Count;
        // Thirty records or so without a link among them.
        var (first, second) = Enumerable.Range(end / 2, end / 3).Select(at => (From: BetweenInputs(at), To: BetweenInputs(at + 30)))
            .First(s => _records.Skip(s.From).Take(s.To - s.From).All(r => r.Type != (ushort)EngineRecordType.Audit));
        using var journal = Journal();
        using var shadow = Shadow();
        Append(journal, 0, first);
        Settle(shadow);
        Assert.Equal(first, Anchor().Sequence);
        Append(journal, first, second);
        while (shadow.DoWork() > 0)
        {
        }

        Assert.Equal(first, Anchor().Sequence); // that is no reason yet
        Settle(shadow);
        Assert.Equal(second, Anchor().Sequence);
        Append(journal, second, end);
        shadow.Finish();
        Assert.Equal((end, shadow.Statistics.AnchoredRecords), (Anchor().Sequence, (long)end));
        Assert.Equal(0L, AuditVerifier.Verify(_bench.Directory).RecordsBeyond);
    }

    [Fact]
    public void A_shadow_that_begins_again_never_takes_the_anchor_back()
    {
        var told = new List<AuditAnchor>();
        using (var journal = Journal()) Append(journal, 0, _records.Count);
        using (var shadow = Shadow()) shadow.Finish();
        var before = Anchor();
        Assert.Equal(_records.Count, before.Sequence);
        foreach (var file in new SnapshotFolder(Path.Combine(_bench.Directory, "snapshots")).Files()) File.Delete(file);
        using var again = Shadow(told.Add);
        before.Save(_bench.Directory);
        using (var journal = Journal()) journal.Append(ushort.MaxValue, [1]); // of a later build, and not known here
        again.Finish();
        Assert.Equal(before with { Sequence = before.Sequence + 1, Chain = Anchor().Chain }, Anchor());
        Assert.Equal([Anchor()], told); // none on the way
    }

    [Fact]
    public void A_new_link_and_the_end_are_told_so_that_they_can_be_kept_elsewhere()
    {
        var told = new List<AuditAnchor>();
        using (var journal = Journal()) Append(journal, 0, _records.Count);
        using (var shadow = Shadow(told.Add)) shadow.Finish();
        Assert.Equal(Anchor(), told[^1]);
        Assert.Equal(Anchor(), AuditAnchor.Parse(told[^1].ToText()));
    }

    [Fact]
    public void A_journal_of_a_build_that_did_not_promise_an_anchor_is_good_without_one_and_says_that_it_has_none()
    {
        using (var journal = Journal())
        {
            foreach (var (type, payload) in EngineReplayTests.Recorded(seed: 9, steps: 20, sessions: 1)) journal.Append(type, payload);
        }

        var verdict = AuditVerifier.Verify(_bench.Directory);
        Assert.Equal((null, null, verdict.Sequence), (verdict.Fault, verdict.Anchor, verdict.RecordsBeyond));
    }

    [Fact]
    [Trait("requirement", "R161")]
    public void The_promise_is_in_the_session_s_record_and_is_read_again()
    {
        var info = new SessionInfo(3, 4, 5, "{}") { IsAnchored = true };
        Assert.Equal(info, EngineRecords.DecodeSession(EngineRecords.Encode(info)));
        Assert.Equal(info with { IsAnchored = false }, EngineRecords.DecodeSession(EngineRecords.Encode(info with { IsAnchored = false })));
        Assert.EndsWith("of format 5", EngineRecords.Describe(EngineRecordType.SessionStart, EngineRecords.Encode(info)), StringComparison.Ordinal);
        using var replay = Replayed();
        Assert.True(replay.IsSound);
    }

    private EngineRecovery Replayed()
    {
        using (var journal = Journal()) Append(journal, 0, _records.Count);
        var recovery = new EngineRecovery(_bench.Directory, null, EngineReplayTests.Create);
        recovery.ToEnd();
        return recovery;
    }

    /// <summary>A node's life up to its kill: the journal grows, the shadow comes to it now and then.</summary>
    private (List<AuditAnchor> Anchors, AuditAnchor Last) Live(int killedAt, Random random)
    {
        var anchors = new List<AuditAnchor>();
        using var journal = Journal();
        using var shadow = Shadow();
        for (var at = 0; at < killedAt; at++)
        {
            Append(journal, at, at + 1);
            if (random.Next(40) > 0 || at > killedAt - 10) continue;
            shadow.DoWork();
            if (AuditAnchor.Load(_bench.Directory, out _) is { } anchor && (anchors.Count == 0 || anchors[^1] != anchor)) anchors.Add(anchor);
        }

        return (anchors, anchors[^1]);
    }

    /// <summary>A place where a whole input ends, as a journal that rests has it.</summary>
    private int BetweenInputs(int at)
    {
        while (!EngineRecords.IsInput((EngineRecordType)_records[at].Type)) at--;
        return at;
    }

    private static void Settle(ShadowEngine shadow)
    {
        for (var step = 0; step < 1_000; step++) shadow.DoWork();
    }

    private AuditAnchor Anchor() => AuditAnchor.Load(_bench.Directory, out _)!;

    private ShadowEngine Shadow(Action<AuditAnchor>? anchored = null) => new(
        new ShadowOptions
        {
            Journal = _bench.Directory, Snapshots = new SnapshotFolder(Path.Combine(_bench.Directory, "snapshots")), Anchored = anchored,
        }, EngineReplayTests.Create);

    private void Write(int count)
    {
        Directory.Delete(_bench.Directory, recursive: true);
        using var journal = Journal();
        Append(journal, 0, count);
    }

    private JournalWriter Journal() => JournalWriter.Open(_bench.Options(segmentBytes: 1 << 20));

    private void Append(JournalWriter journal, int from, int to)
    {
        for (var at = from; at < to; at++) Assert.True(journal.Append(_records[at].Type, _records[at].Payload) > 0);
    }
}
