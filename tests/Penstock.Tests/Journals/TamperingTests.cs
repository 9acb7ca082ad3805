using System.Buffers.Binary;
using Penstock.Infrastructure.Journal;
using Penstock.Tests.Infrastructure.Journal;
using Penstock.Tests.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Journals;

/// <summary>
/// Goal: nobody changes journal or audit trail unnoticed. Method: a recorded session is altered at random, once as bytes of its
/// file and once, harder, as records that are written anew with every checksum right; verify must object to each. 2,000 of both
/// kinds, 10,000 by ./penstock test --long.
/// </summary>
public sealed class TamperingTests
{
    private const int AuditType = (int)EngineRecordType.Audit;

    private static int Rounds => Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 10_000 : 2_000;

    [Fact]
    [Trait("requirement", "R145")]
    public void Every_altered_byte_lost_record_exchange_and_cut_of_the_files_is_found()
    {
        using var bench = new JournalTestBench();
        var records = Write(bench, EngineReplayTests.Recorded(seed: 4, steps: 40, sessions: 2));
        Anchor(bench, records);
        Assert.True(IsGood(bench));
        var path = bench.Path_(1);
        var original = File.ReadAllBytes(path);
        var places = bench.ReadAll().Select(r => (int)r.Offset).ToList();
        var end = places[^1] + RecordBytes(original, places[^1]);
        var random = new Random(17);
        for (var round = 0; round < Rounds; round++)
        {
            var (bytes, what) = Altered(original, places, end, random);
            if (bytes.AsSpan().SequenceEqual(original)) continue;
            File.WriteAllBytes(path, bytes);
            Assert.False(IsGood(bench), $"round {round}: {what} was not found");
        }
    }

    [Fact]
    [Trait("requirement", "R145")]
    [Trait("requirement", "R91")]
    public void A_journal_written_anew_with_right_checksums_is_found_by_its_audit_trail()
    {
        using var bench = new JournalTestBench();
        var recorded = EngineReplayTests.Recorded(seed: 5, steps: 60, sessions: 2);
        var honest = Write(bench, recorded);
        Anchor(bench, honest);
        Assert.True(IsGood(bench));
        var anchor = File.ReadAllText(Path.Combine(bench.Directory, AuditAnchor.FileName));
        var links = Enumerable.Range(0, recorded.Count).Where(i => recorded[i].Type == AuditType).ToList();
        Assert.True(links.Count > 3);
        var random = new Random(18);
        for (var round = 0; round < Rounds; round++)
        {
            var forged = recorded.Select(r => (r.Type, Payload: (byte[])r.Payload.Clone())).ToList();
            var what = Forge(forged, links, random);
            Directory.Delete(bench.Directory, recursive: true);
            Write(bench, forged);
            File.WriteAllText(Path.Combine(bench.Directory, AuditAnchor.FileName), anchor);
            Assert.True(JournalVerifier.Verify(bench.Directory).Ok);
            var verdict = AuditVerifier.Verify(bench.Directory);
            Assert.False(verdict.Ok, $"round {round}: {what} was not found");
            Assert.True(verdict.Segment > 0 && verdict.Sequence > 0, $"{what}: {verdict}");
        }
    }

    [Fact]
    [Trait("requirement", "R145")]
    public void The_trail_says_who_did_what_why_and_what_came_of_it()
    {
        var world = new EngineWorld().Ready();
        world.Command(EngineCommandKind.Kill);
        world.Command(EngineCommandKind.SetLimits, text: "nonsense");
        using var bench = new JournalTestBench();
        Write(bench, world.Journal.Records);
        var entries = new List<AuditEntry>();
        var verdict = AuditVerifier.Verify(bench.Directory, (_, entry) => entries.Add(entry));
        Assert.True(verdict.Ok, verdict.Fault);
        Assert.Equal([EngineCommandKind.None, EngineCommandKind.SetState, EngineCommandKind.Kill, EngineCommandKind.SetLimits], entries.Select(e => e.Kind));
        Assert.Equal([1L, 2, 3, 4], entries.Select(e => e.Number));
        Assert.Equal(("test", "because", true), (entries[2].Who, entries[2].Why, entries[2].Done));
        Assert.Contains("Killed", entries[2].Outcome, StringComparison.Ordinal);
        Assert.Equal(("nonsense", false), (entries[3].Text, entries[3].Done));
        Assert.NotEqual(0, entries[3].Outcome.Length);
    }

    [Fact]
    [Trait("requirement", "R145")]
    public void Carried_records_keep_the_trail_whole_when_their_segments_are_gone()
    {
        using var bench = new JournalTestBench();
        var records = EngineReplayTests.Recorded(seed: 6, steps: 120, sessions: 2);
        using (var journal = JournalWriter.Open(bench.Options(segmentBytes: 16 << 10)))
        {
            foreach (var (type, payload) in records) Assert.True(journal.Append(type, payload) > 0);
        }

        var whole = AuditVerifier.Verify(bench.Directory);
        Assert.True(whole.Ok, whole.Fault);
        Assert.Null(AuditCarry.Carry(bench.Directory, 3));
        Assert.Null(AuditCarry.Carry(bench.Directory, 4)); // a second time adds, and repeats nothing
        for (var segment = 1; segment < 4; segment++) File.Delete(bench.Path_(segment));
        Assert.Equal((whole.Records, whole.Head, (string?)null), (AuditVerifier.Verify(bench.Directory) is var left ? left.Records : 0, left.Head, left.Fault));

        var carried = Path.Combine(bench.Directory, AuditCarry.FileName);
        var bytes = File.ReadAllBytes(carried);
        bytes[^40] ^= 1;
        File.WriteAllBytes(carried, bytes);
        Assert.Contains(AuditCarry.FileName, AuditVerifier.Verify(bench.Directory).Fault, StringComparison.Ordinal);
    }

    private static bool IsGood(JournalTestBench bench) => JournalVerifier.Verify(bench.Directory).Ok && AuditVerifier.Verify(bench.Directory).Ok;

    private static long Write(JournalTestBench bench, IReadOnlyList<(ushort Type, byte[] Payload)> records)
    {
        using var journal = JournalWriter.Open(bench.Options(segmentBytes: 256 << 10));
        foreach (var (type, payload) in records) Assert.True(journal.Append(type, payload) > 0);
        return journal.Sequence;
    }

    /// <summary>As the shadow leaves it.</summary>
    private static void Anchor(JournalTestBench bench, long records)
    {
        var verdict = AuditVerifier.Verify(bench.Directory);
        using var reader = JournalReader.Open(bench.Directory);
        while (reader.TryRead(out _))
        {
        }

        new AuditAnchor(verdict.Records, verdict.Head, records, reader.Chain).Save(bench.Directory);
    }

    private static (byte[] Bytes, string What) Altered(byte[] original, List<int> places, int end, Random random)
    {
        var bytes = (byte[])original.Clone();
        var at = random.Next(places.Count - 1);
        switch (random.Next(4))
        {
            case 0:
                var place = random.Next(JournalTestBench.HeaderBytes, end);
                bytes[place] ^= (byte)(1 << random.Next(8));
                return (bytes, $"a flipped bit at {place}");
            case 1:
                var length = RecordBytes(bytes, places[at]);
                bytes.AsSpan(places[at] + length).CopyTo(bytes.AsSpan(places[at]));
                return (bytes, $"record {at + 1} taken out");
            case 2:
                var (first, second) = (places[at], places[at + 1]);
                var (a, b) = (bytes[first..second], bytes[second..(second + RecordBytes(bytes, second))]);
                b.CopyTo(bytes, first);
                a.CopyTo(bytes, first + b.Length);
                return (bytes, $"records {at + 1} and {at + 2} exchanged");
            default:
                var cut = places[1 + random.Next(places.Count - 1)];
                return (bytes[..cut], $"cut at {cut}");
        }
    }

    /// <summary>What somebody does who can write journals: checksums will be right, the audit hashes are not his to give.</summary>
    private static string Forge(List<(ushort Type, byte[] Payload)> records, List<int> links, Random random)
    {
        var link = random.Next(links.Count);
        var at = links[link];
        switch (random.Next(4))
        {
            case 0:
                records[at].Payload[random.Next(records[at].Payload.Length)] ^= (byte)(1 << random.Next(8));
                return $"link {link + 1} edited";
            case 1:
                records.RemoveAt(at);
                return $"link {link + 1} removed";
            case 2:
                var other = links[(link + 1) % links.Count];
                (records[at], records[other]) = (records[other], records[at]);
                return $"link {link + 1} exchanged";
            default:
                var cut = random.Next(records.Count);
                records.RemoveRange(cut, records.Count - cut);
                if (records.Count == 0) records.Add(((ushort)EngineRecordType.Timer, new byte[8]));
                return $"cut behind record {cut}";
        }
    }

    private static int RecordBytes(byte[] journal, int at) => 32 + ((BinaryPrimitives.ReadInt32LittleEndian(journal.AsSpan(at)) + 7) & ~7);
}
