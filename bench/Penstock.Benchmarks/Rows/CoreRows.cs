using System.Diagnostics;
using Penstock.Benchmarks.Baselines;
using Penstock.Benchmarks.Rig;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Threads;
using Penstock.Strategies;

namespace Penstock.Benchmarks.Rows;

/// <summary>The trading core alone, on one thread: order commands, and recorded market events in replay. The journal is a real one.</summary>
internal static class CoreRows
{
    private const int Stretch = 500;

    public static IEnumerable<Row> All(bool quick)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
        try
        {
            foreach (var row in Orders(folder, quick ? 100_000 : 300_000).Concat(Replay(folder, quick ? 10_000 : 40_000))) yield return row;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Row> Orders(string folder, int orders)
    {
        var round = 0;
        var allocated = long.MaxValue;
        var stretches = new List<double>();
        var (ours, theirs) = Comparison.Interleaved(3,
            () =>
            {
                var journal = Path.Combine(folder, $"orders-{round++}");
                var (ns, stretch, bytes) = OrdersNs(journal, orders);
                stretches.Add(stretch);
                Directory.Delete(journal, recursive: true);
                allocated = Math.Min(allocated, bytes);
                return ns;
            },
            () => ActorsNs(Path.Combine(folder, "actors"), orders / 4));
        var each = Comparison.Median(stretches);
        yield return new Row("core: order commands", "per second", 1e9 / each, null, "", 1_000_000, Better.Higher,
            $"{each:F0} ns each, the median of stretches of {Stretch}: risk, record, journal, outbox, and the fill that ends it through orders, positions, ledger and journal; {orders:N0} on one thread");
        yield return new Row("core: allocation", "bytes", allocated, null, "", 0, Better.Lower, "in the same run, after the warm-up");
        yield return new Row("core: order against actors", "ns", ours, theirs, "channels, decimals, dictionaries", 20, Better.Faster, "the same order and fill with checks, state, position and event log");
    }

    /// <summary>Over all orders; over the median stretch, which another process on the same core seldom falls into; and what was allocated.</summary>
    private static (double Ns, double StretchNs, long Allocated) OrdersNs(string folder, int orders)
    {
        using var journal = new BenchJournal(folder);
        var rig = new CoreRig(hasStrategy: false);
        rig.Begin(journal.Writer);
        for (var i = 0; i < 20_000; i++) rig.Order(i % 2 == 0);
        var times = new double[orders / Stretch];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        for (var stretch = 0; stretch < times.Length; stretch++)
        {
            var from = Stopwatch.GetTimestamp();
            for (var i = 0; i < Stretch; i++) rig.Order(i % 2 == 0);
            times[stretch] = Stopwatch.GetElapsedTime(from).TotalNanoseconds / Stretch;
        }

        var whole = Stopwatch.GetElapsedTime(start).TotalNanoseconds / orders;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Array.Sort(times);
        return (whole, times[times.Length / 2], allocated);
    }

    private static double ActorsNs(string path, int orders)
    {
        using var actors = new ChannelActors(path);
        return actors.RunAsync(orders).GetAwaiter().GetResult();
    }

    private static IEnumerable<Row> Replay(string folder, int batches)
    {
        var (one, ten) = (Path.Combine(folder, "one"), Path.Combine(folder, "ten"));
        var events = Record(one, batches);
        Record(ten, batches * 10);
        Replay(one);
        Replay(one);
        var best = Enumerable.Range(0, 3).Select(_ => Replay(one).Seconds).Min();
        yield return new Row("core: events in replay", "per second", events / best, null, "", 1_000_000, Better.Higher,
            "a journal file through reader, checks, books, a market maker and its orders, every decision compared");
        var short1 = Replay(one).LiveBytes;
        var long10 = Replay(ten).LiveBytes;
        yield return new Row("core: memory over 10x replay", "bytes", long10, short1, "the same replay, a tenth as long", 1.05, Better.Lower, "managed memory still alive at the end; the journal is mapped one segment at a time");
    }

    private static long Record(string folder, int batches)
    {
        using var journal = new BenchJournal(folder);
        var rig = new CoreRig(hasStrategy: true);
        rig.Begin(journal.Writer);
        for (var i = 0; i < batches; i++) rig.Batch();
        rig.Engine.EndSession();
        return (long)batches * rig.EventsPerBatch;
    }

    private static (double Seconds, long LiveBytes) Replay(string folder)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var replay = new EngineReplay(_ => CoreRig.Create(hasStrategy: true));
        using var reader = JournalReader.Open(folder);
        var watch = Stopwatch.StartNew();
        while (reader.TryRead(out var record)) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        watch.Stop();
        if (replay.FirstDifference is { } difference) throw new InvalidOperationException($"The replay differs: {difference}.");
        var live = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(replay);
        return (watch.Elapsed.TotalSeconds, live);
    }

    /// <summary>A journal with the helpers a node gives it, on a thread of their own.</summary>
    private sealed class BenchJournal : IDisposable
    {
        private readonly AgentRunner _helper;

        public BenchJournal(string folder)
        {
            Writer = JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = "bench" });
            _helper = new AgentRunner("journal", [new JournalPreparer(Writer), new JournalCommitter(Writer)], IdleStrategies.Create(IdleStrategies.BackOff)!);
            _helper.Start();
        }

        public JournalWriter Writer { get; }

        public void Dispose()
        {
            _helper.Stop(TimeSpan.FromSeconds(30));
            if (Writer.Failed) throw new InvalidOperationException(Writer.FailureText);
            Writer.Dispose();
        }
    }
}
