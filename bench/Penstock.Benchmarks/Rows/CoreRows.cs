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
    private const int Rounds = 3;
    private const int WarmUp = 20_000;
    private const int PeerGoal = 20;

    /// <summary>Room in the journal for an order and its fill, and for a depth message with its share of orders.</summary>
    private const long OrderBytes = 320;
    private const long MessageBytes = 1_536;

    private const string PeerName = "channels, decimals, dictionaries";

    public static IEnumerable<Row> All(bool quick)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
        try
        {
            var rows = Orders(folder, quick ? 100_000 : 300_000)
                .Concat(Markets(folder, quick ? 80_000 : 400_000))
                .Concat(Replay(folder, quick ? 10_000 : 40_000));
            foreach (var row in rows) yield return row;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Row> Orders(string folder, int orders)
    {
        var runs = new List<(double Ns, double StretchNs, long Allocated)>();
        var medians = Comparison.Medians(Rounds,
            () =>
            {
                runs.Add(InFolder(Path.Combine(folder, "orders"), (orders + WarmUp) * OrderBytes, journal => OrdersNs(journal, orders)));
                return runs[^1].Ns;
            },
            () => Peer(folder, actors => actors.OrdersAsync(orders / 8)),
            () => Peer(folder, actors => actors.OneByOneAsync(orders / 8)));
        runs.RemoveRange(0, runs.Count - Rounds); // the rounds before were the compiler's
        var each = Comparison.Median([.. runs.Select(run => run.StretchNs)]);
        yield return new Row("core: order commands", "per second", 1e9 / each, null, "", 1_000_000, Better.Higher,
            $"{each:F0} ns each, the median of stretches of {Stretch}: risk, record, journal, outbox, and the fill that ends it through orders, positions, ledger and journal; {orders:N0} on one thread");
        yield return new Row("core: allocation", "bytes", runs.Min(run => run.Allocated), null, "", 0, Better.Lower, "in the same run, after the warm-up");
        yield return new Row("core: order against actors", "ns", medians[0], medians[2], PeerName, PeerGoal, Better.Faster,
            "an order and its fill with checks, state, position and event log, each asked for when the last one is through");
        yield return new Row("core: orders without a pause", "ns", medians[0], medians[1], PeerName, PeerGoal, Better.Faster,
            "the same, all asked for at once: the actors work side by side on every core, ours on one");
    }

    /// <summary>The whole way on both sides: depth messages into books, a market maker on each, its orders checked, recorded, accepted and cancelled.</summary>
    private static IEnumerable<Row> Markets(string folder, int messages)
    {
        var walk = Array.ConvertAll(CoreRig.Walk().Messages, PeerMessages.Levels.From);
        var (requests, peerRequests) = (0L, 0L);
        var (ours, theirs) = Comparison.Interleaved(Rounds,
            () => InFolder(Path.Combine(folder, "markets"), messages * MessageBytes, journal =>
            {
                var (ns, sent) = MarketsNs(journal, messages);
                requests = sent;
                return ns;
            }),
            () => Peer(folder, async actors =>
            {
                var ns = await actors.MarketsAsync(walk, messages / 8);
                peerRequests = actors.Requests * 8;
                return ns;
            }));
        yield return new Row("core: markets against actors", "ns", ours, theirs, PeerName, PeerGoal, Better.Faster,
            $"per depth message of {MarketWalk.LevelsPerMessage} levels: book, market maker, risk, orders, log; {1000.0 * requests / messages:F0} requests in a thousand messages, the peer {1000.0 * peerRequests / messages:F0}");
    }

    private static (double Ns, long Requests) MarketsNs(JournalWriter journal, int messages)
    {
        var rig = new CoreRig(hasStrategy: true);
        rig.Begin(journal);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages; i++) rig.Batch();
        return (Stopwatch.GetElapsedTime(start).TotalNanoseconds / messages, rig.Requests);
    }

    private static double Peer(string folder, Func<ChannelActors, Task<double>> run)
    {
        using var actors = new ChannelActors(Path.Combine(folder, "actors"));
        return run(actors).GetAwaiter().GetResult();
    }

    private static T InFolder<T>(string folder, long bytes, Func<JournalWriter, T> measure)
    {
        T result;
        using (var journal = Journal(folder, bytes)) result = measure(journal);
        Directory.Delete(folder, recursive: true);
        return result;
    }

    /// <summary>Over all orders; over the median stretch, which another process on the same core seldom falls into; and what was allocated.</summary>
    private static (double Ns, double StretchNs, long Allocated) OrdersNs(JournalWriter journal, int orders)
    {
        var rig = new CoreRig(hasStrategy: false);
        rig.Begin(journal);
        for (var i = 0; i < WarmUp; i++) rig.Order(i % 2 == 0);
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
        using var journal = Journal(folder, batches * MessageBytes);
        var rig = new CoreRig(hasStrategy: true);
        rig.Begin(journal);
        for (var i = 0; i < batches; i++) rig.Batch();
        rig.Engine.EndSession();
        return (long)batches * MarketWalk.LevelsPerMessage;
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

    /// <summary>
    /// A real journal whose one segment holds the whole round, made and touched before the clock starts, as the preparer does in a node: what is measured is the
    /// core, not how fast this machine's disk takes what a core at full speed writes.
    /// </summary>
    private static JournalWriter Journal(string folder, long bytes) =>
        JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = "bench", SegmentBytes = (bytes + (1 << 20)) & ~4095L });
}
