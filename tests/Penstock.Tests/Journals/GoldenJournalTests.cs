using System.IO.Compression;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
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
        var replay = new EngineReplay(CreatorOf(name));
        var told = new Told();
        using var reader = JournalReader.Open(folder);
        while (reader.TryRead(out var record))
        {
            told.Add(record.Type, record.Payload);
            replay.OnRecord(record.Sequence, record.Type, record.Payload);
        }

        Assert.Null(replay.FirstDifference);
        Assert.Equal((0L, 2, true), (replay.UnknownRecords, replay.LastSession?.Session ?? 0, replay.EndedOrderly));
        Assert.True(replay.Hashes > 3 && replay.Intents > 20, $"{replay.Hashes} {replay.Intents}");

        // The figures were written down with the journal; what fills say is added up here without the engine.
        var engine = replay.Engine!;
        Assert.Equal(File.ReadAllLines(Path.Combine(Folder, "figures.txt")).Single(line => line.StartsWith(name, StringComparison.Ordinal)), $"{name}: {Figures(engine)}");
        Assert.Equal((told.Orders, told.Fills), (engine.Orders.Statistics.Placed, engine.Orders.Statistics.Fills + engine.Orders.Statistics.OrphanFills));
        foreach (var instrument in engine.Instruments.All) Assert.Equal(told.PositionOf(instrument), engine.Positions.Total(instrument.Id));
        Assert.True(engine.Positions.IsBalanced);
    }

    /// <summary>Segments of an earlier build stay as they are; what this build appends lies in segments of its own, summed in its own way.</summary>
    [Fact]
    public void A_journal_of_an_earlier_build_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-golden-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "format-1"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var before = JournalVerifier.Verify(folder).Records;
            using (var writer = JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = "test", SegmentBytes = 1 << 20 }))
            {
                for (var i = 0; i < 10; i++) Assert.Equal(before + i + 1, writer.Append(200, BitConverter.GetBytes(i)));
            }

            var verdict = JournalVerifier.Verify(folder);
            Assert.Equal((true, before + 10), (verdict.Ok, verdict.Records));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// A state the build of format 4 saved in the middle of its journal, with parents at work and orders with a date: this build goes on from it.
    /// </summary>
    [Fact]
    [Trait("requirement", "R157")]
    public void A_state_of_an_earlier_build_is_loaded_and_goes_on_to_the_same_end()
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(Folder, "format-4.state-2723.gz")), CompressionMode.Decompress);
        using var state = new MemoryStream();
        file.CopyTo(state);
        var replay = new EngineReplay(RestlessWorld.Create, StateArchive.ToLoad(state.ToArray()));
        Assert.Contains(replay.Engine!.Orders.Parents.Records.ToArray(), parent => parent.IsWorking && parent.ChildrenLive > 0);
        using var reader = JournalReader.Open(Path.Combine(Folder, "format-4"));
        while (reader.TryRead(out var record))
        {
            if (record.Sequence > 2723) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        }

        Assert.Null(replay.FirstDifference);
        var figures = File.ReadAllLines(Path.Combine(Folder, "figures.txt"));
        Assert.Equal(figures.Single(line => line.StartsWith("format-4", StringComparison.Ordinal)), $"format-4: {Figures(replay.Engine)}");
    }

    /// <summary>Format 3 is about amends, stops, parents, limits, breakers and kills: its journal has them.</summary>
    [Fact]
    public void The_journal_of_format_3_has_what_is_new_in_it()
    {
        var types = new HashSet<EngineRecordType>();
        using var reader = JournalReader.Open(Path.Combine(Folder, "format-3"));
        while (reader.TryRead(out var record)) types.Add((EngineRecordType)record.Type);
        Assert.Superset(
            new HashSet<EngineRecordType>
            {
                EngineRecordType.AmendIntent, EngineRecordType.OrderHeld, EngineRecordType.HeldEnded, EngineRecordType.ParentOrder, EngineRecordType.OrderRefused,
                EngineRecordType.BreakerTripped, EngineRecordType.Funding, EngineRecordType.Audit,
            }, types);
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
        Assert.Contains("commands up to version 2; a newer Penstock wrote it", difference.Replayed, StringComparison.Ordinal);

        records[0].Payload[0] = 9;
        var session = Replayed(records)!;
        Assert.Equal("SessionStart of format 9", session.Recorded);
        Assert.Contains("sessions up to format 5", session.Replayed, StringComparison.Ordinal);
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
        var (records, engine) = RestlessWorld.Recorded(seed: 5, steps: 250, sessions: 2);
        foreach (var (type, payload) in records) Assert.True(journal.Append(type, payload) > 0);
        File.AppendAllText(Path.Combine(Folder, "figures.txt"), $"{name}: {Figures(engine)}\n");
    }

    /// <summary>The setup is not in the records of these tests: it is known by name.</summary>
    private static Func<SessionInfo, TradingEngine> CreatorOf(string name) => name is "format-1" or "format-2" ? EngineReplayTests.Create : RestlessWorld.Create;

    private static string Figures(TradingEngine engine)
    {
        var (orders, positions) = (engine.Orders.Statistics, engine.Positions);
        var held = engine.Instruments.All.Select(i => $"{positions.Total(i.Id)}");
        return FormattableString.Invariant($"{orders.Placed} orders, {orders.Fills} fills, {orders.Filled} filled, {orders.Cancelled} cancelled, {orders.Rejected} rejected, ")
            + FormattableString.Invariant($"{engine.Orders.Live.Count} live; positions {string.Join(" ", held)}; cash {positions.QuoteAccount(new InstrumentId(1)).Cash}");
    }

    /// <summary>What the records themselves say, added up as simply as possible.</summary>
    private sealed class Told
    {
        private readonly HashSet<(long, int, Side)> _fills = [];
        private readonly Dictionary<int, long> _raw = [];

        public long Orders { get; private set; }

        public long Fills => _fills.Count;

        public void Add(ushort type, ReadOnlySpan<byte> payload)
        {
            if (type == (ushort)EngineRecordType.OrderIntent) Orders++;
            if (type != (ushort)EngineRecordType.Report || !EngineRecords.TryRead<ExecutionReport>(payload, out var report)) return;
            if (report.Kind != ExecutionKind.Fill || !_fills.Add((report.TradeId, report.Instrument.Value, report.Side))) return;
            var fee = report.Instrument.Value == 1 && report.FeeAsset.Equals(Text16.From("BTC")) ? report.FeeRaw : 0; // taken out of what was bought
            _raw[report.Instrument.Value] = _raw.GetValueOrDefault(report.Instrument.Value) + (report.Side == Side.Buy ? report.LastQuantity.Raw : -report.LastQuantity.Raw) - fee;
        }

        public Quantity PositionOf(Instrument instrument) => new(_raw.GetValueOrDefault(instrument.Id.Value));
    }
}
