using System.Diagnostics;
using Penstock.Benchmarks.Rig;
using Penstock.Infrastructure.Threads;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// What watching costs: the node's decisions with and without sidecar, gateway, console and clients, turn by turn in one run; the control plane's
/// own time for five consoles; a crowd at the gateway; and the node's rate over the death of all who watch. Everything is a process of its own.
/// </summary>
internal static class ControlPlaneRows
{
    private const int ClientsBeside = 100;
    private const int Crowd = 1_000;
    private const int Frozen = 100;
    private const double UpdatesPerSecond = 20;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The clients are on other machines in earnest: here they give way, as the control plane does. Not so the first thread: it starts the
    /// programs, which inherit its priority, and a node is to have that of a node.
    /// </summary>
    private static readonly GivingWay Clients = GivingWay.ButTheFirst();

    /// <summary>What each screen of the console asks for; every one has the header's topics as well.</summary>
    private static readonly string[][] Screens =
    [
        ["pipeline", "events", "lifecycle"],
        ["bbo", "book:BTC-USDT.BINANCE", "trades:BTC-USDT.BINANCE", "bars:BTC-USDT.BINANCE:1s", "fills", "orders", "pipeline", "events", "lifecycle"],
        ["pnl", "positions", "orders", "fills", "balances", "strategies", "events", "lifecycle"],
        ["limits", "breakers", "approvals", "rejects", "pipeline", "events", "lifecycle"],
        ["pipeline", "audit", "events", "lifecycle"],
    ];

    public static IEnumerable<Row> All(bool quick)
    {
        var span = TimeSpan.FromSeconds(quick ? 5 : 10);
        foreach (var row in LaidOut(quick ? 20 : 60, span)) yield return row;
        using var demo = new WatchedDemo();
        Clients.Begin();
        foreach (var row in FanOut(demo, span)) yield return row;
        yield return Deaths(demo, span);
    }

    /// <summary>
    /// The node as one that trades is laid out: its hot thread has a core, and the venues, which are other machines in earnest, run beside it like
    /// everything else.
    /// </summary>
    private static IEnumerable<Row> LaidOut(int rounds, TimeSpan span)
    {
        var core = Environment.ProcessorCount - 1;
        using var demo = core > 0 ? new WatchedDemo("--pin", $"{core}") : new WatchedDemo();
        Clients.Begin();
        if (core > 0) Clients.KeepBelow(core);
        foreach (var row in Beside(demo, rounds)) yield return row;
        foreach (var row in Viewers(demo, span)) yield return row;
        Clients.KeepOff([]);
    }

    /// <summary>Frozen, a process takes no time of a core: that is the node alone, a moment later it is watched again.</summary>
    private static IEnumerable<Row> Beside(WatchedDemo demo, int rounds)
    {
        // Short turns: what else the machine does meanwhile falls on both sides alike.
        var span = TimeSpan.FromSeconds(2);
        string[] names = ["decision_latency_ns", "tick_to_decision_ns"];
        LatencyWindow?[] with = [null, null], without = [null, null];
        var hot = demo.HotBytes;
        using (var clients = new GatewayClients())
        {
            clients.Add(demo.Gateway, demo.Token, ClientsBeside - Screens.Length, ["bbo", "book:BTC-USDT.BINANCE"], isBinary: true);
            foreach (var screen in Screens) clients.Add(demo.Gateway, demo.Token, 1, screen, isBinary: false);
            for (var round = 0; round < rounds; round++)
            {
                Measure(demo, names, with, span);
                demo.Freeze();
                Measure(demo, names, without, span);
                demo.Thaw();
            }
        }

        var note = $"{ClientsBeside} clients, 5 of them consoles; {rounds} rounds of {span.TotalSeconds:F0} s each way, " +
            $"hot threads allocated {demo.HotBytes - hot} bytes";
        string[] titles = ["decision p99, watched", "tick to decision p99, watched"], unit = ["orders", "reads"];
        for (var i = 0; i < names.Length; i++)
        {
            yield return new Row(
                titles[i], "ns", with[i]!.Quantile(0.99), without[i]!.Quantile(0.99), "the same node, watchers frozen", 1.1, Better.Lower,
                $"p99 of {with[i]!.Count} and {without[i]!.Count} {unit[i]}, all rounds together; {note}");
        }
    }

    /// <summary>A window has few orders, and its p99 would be one of the last two: the windows of all rounds are one.</summary>
    private static void Measure(WatchedDemo demo, string[] names, LatencyWindow?[] taken, TimeSpan span)
    {
        Thread.Sleep(Turn);
        var before = names.Select(n => LatencyWindow.Read(demo.Counters, n)).ToArray();
        Thread.Sleep(span);
        for (var i = 0; i < names.Length; i++)
        {
            var window = new LatencyWindow(before[i], LatencyWindow.Read(demo.Counters, names[i]));
            taken[i] = taken[i]?.With(window) ?? window;
        }
    }

    private static IEnumerable<Row> Viewers(WatchedDemo demo, TimeSpan span)
    {
        Thread.Sleep(Settle);
        var idle = Percent(() => demo.ControlCpu, span);
        using var clients = new GatewayClients();
        foreach (var screen in Screens) clients.Add(demo.Gateway, demo.Token, 1, screen, isBinary: false);
        Thread.Sleep(Settle);
        var (hot, messages) = (demo.HotBytes, clients.Messages);
        var percent = Percent(() => demo.ControlCpu, span);
        yield return new Row("five consoles, control plane", "% of core", percent, null, "", 3, Better.Lower,
            $"gateway and sidecar at ten venues, one console on each screen, " +
            $"{(clients.Messages - messages) / span.TotalSeconds:N0} messages/s; without a viewer {idle:F1} %");
        yield return new Row("five consoles, hot bytes of the node", "bytes", demo.HotBytes - hot, null, "", 0, Better.Lower);
    }

    private static IEnumerable<Row> FanOut(WatchedDemo demo, TimeSpan span)
    {
        using var clients = new GatewayClients();
        clients.Add(demo.Gateway, demo.Token, Crowd - Frozen, ["bbo"], isBinary: true);
        Thread.Sleep(Settle);
        var resident = demo.GatewayResidentBytes;
        clients.Add(demo.Gateway, demo.Token, Frozen, ["bbo"], isBinary: true, isFrozen: true);
        Thread.Sleep(Settle);
        var (messages, bytes, dropped, start) = (clients.Messages, clients.Bytes, clients.Dropped, Stopwatch.GetTimestamp());
        var cores = Percent(() => demo.GatewayCpu, span) / 100;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var each = (clients.Messages - messages) / seconds / (Crowd - Frozen);
        var note = $"{Crowd - Frozen} clients read {each:F1} updates/s of bbo each, " +
            $"{(clients.Bytes - bytes) / seconds / (1 << 20):F1} MiB/s; {Frozen} more are frozen";
        yield return new Row("gateway fan-out, 1,000 clients", "cores", cores, null, "", 1, Better.Lower, note);
        yield return new Row("updates of those who read", "/s", each, null, "", 0.95 * UpdatesPerSecond, Better.Higher,
            "20 wanted; a shared machine gives fewer");
        yield return new Row("dropped for those who read", "messages", clients.Dropped - dropped + clients.Ended, null, "", 0, Better.Lower,
            "connections that ended count as well");
        yield return new Row(
            "memory of 100 frozen clients", "MiB", (demo.GatewayResidentBytes - resident) / (1024.0 * 1024), null, "", Frozen * 1.5, Better.Lower,
            "growth of the gateway's resident memory; its queues hold 64 messages or 1 MiB each at most");
    }

    private static Row Deaths(WatchedDemo demo, TimeSpan span)
    {
        Thread.Sleep(Settle);
        var (before, lost, pid) = (demo.FramesPerSecond(span), demo.Lost, demo.Counters.ProducerPid);
        demo.Kill();
        var after = demo.FramesPerSecond(span);
        demo.Attach();
        var isSame = !demo.Counters.ProducerGone && demo.Counters.ProducerPid == pid;
        return new Row("frames after kill -9 of all watchers", "/s", after, before, "before", 0.9, Better.Higher,
            $"gateway with console, and sidecar; lost {demo.Lost - lost} events, node {(isSame ? "the same" : "ANOTHER")} process");
    }

    private static double Percent(Func<TimeSpan> cpu, TimeSpan span)
    {
        var (before, start) = (cpu(), Stopwatch.GetTimestamp());
        Thread.Sleep(span);
        return (cpu() - before).TotalSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds * 100;
    }
}
