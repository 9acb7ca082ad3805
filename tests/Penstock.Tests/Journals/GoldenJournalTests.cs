using Penstock.Infrastructure.Journal;
using Penstock.Strategies;
using Penstock.Tests.Architecture;
using Penstock.Tests.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Journals;

/// <summary>
/// Goal: what earlier builds wrote stays readable. Method: a small journal of each format, written by the build that introduced
/// it and kept as a file, is verified, read and replayed. To add one: PENSTOCK_WRITE_GOLDEN=name and run this class.
/// </summary>
[Trait("requirement", "R91")]
public sealed class GoldenJournalTests
{
    private static string Folder => Path.Combine(SourceTree.Root, "tests/Penstock.Tests/Journals/Golden");

    public static TheoryData<string> Journals => [.. Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)!)];

    [Theory]
    [MemberData(nameof(Journals))]
    public void A_journal_of_an_earlier_build_is_whole_and_replays_to_itself(string name)
    {
        var folder = Path.Combine(Folder, name);
        Assert.True(JournalVerifier.Verify(folder).Ok);
        var replay = new EngineReplay(EngineReplayTests.Create);
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record)) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal((0L, 2, true), (replay.UnknownRecords, replay.LastSession?.Session ?? 0, replay.EndedOrderly));
        Assert.True(replay.Hashes > 3 && replay.Intents > 20, $"{replay.Hashes} {replay.Intents}");
    }

    /// <summary>Skipping what a newer build thought important would be a silent wrong state.</summary>
    [Fact]
    public void What_a_newer_build_wrote_is_one_clear_error_with_both_versions()
    {
        var records = EngineReplayTests.Recorded(seed: 2, steps: 20, sessions: 1).Select(r => (r.Type, Payload: (byte[])r.Payload.Clone())).ToList();
        Assert.Null(Replayed(records));

        var input = records.ToList();
        input.Insert(5, (31, []));
        Assert.Equal((6L, "input of type 31"), (Replayed(input)!.Sequence, Replayed(input)!.Recorded));

        var command = records.FindIndex(r => r.Type == (ushort)EngineRecordType.StateChange);
        var newer = records.ToList();
        newer[command] = (newer[command].Type, [.. newer[command].Payload]);
        newer[command].Payload[14] = 7;
        var difference = Replayed(newer)!;
        Assert.Equal((command + 1L, "StateChange of version 7"), (difference.Sequence, difference.Recorded));
        Assert.Contains("commands of version 1; a newer Penstock wrote it", difference.Replayed, StringComparison.Ordinal);

        records[0].Payload[0] = 9;
        var session = Replayed(records)!;
        Assert.Equal("SessionStart of format 9", session.Recorded);
        Assert.Contains("sessions up to format 2", session.Replayed, StringComparison.Ordinal);
    }

    private static ReplayDifference? Replayed(List<(ushort Type, byte[] Payload)> records)
    {
        var replay = new EngineReplay(EngineReplayTests.Create);
        for (var i = 0; i < records.Count; i++) replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
        return replay.FirstDifference;
    }

    [Fact]
    public void A_new_golden_journal_is_written_on_request_only()
    {
        var name = Environment.GetEnvironmentVariable("PENSTOCK_WRITE_GOLDEN") ?? "";
        if (name.Length == 0) Assert.Skip("PENSTOCK_WRITE_GOLDEN names no journal");
        using var journal = JournalWriter.Open(new JournalOptions { Directory = Path.Combine(Folder, name), SegmentBytes = 64 << 10, CreatedBy = $"golden {name}" });
        foreach (var (type, payload) in EngineReplayTests.Recorded(seed: 1, steps: 60, sessions: 2)) Assert.True(journal.Append(type, payload) > 0);
    }
}
