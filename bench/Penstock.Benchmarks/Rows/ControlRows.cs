using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Penstock.Benchmarks.Rig;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Node.Control;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// How fast the controls act: from a press of the kill switch to the last order byte, by each way there is, and from the input that passes a
/// limit to the breaker that has tripped with its cancels handed over.
/// </summary>
internal static partial class ControlRows
{
    private const double KillGoalNs = 10_000_000;
    private const double CancelGoalNs = 50_000_000;
    private const double TripGoalNs = 1_000_000;

    public static IEnumerable<Row> All(bool quick) =>
        Kills(quick ? 100 : 1_000).Concat(RestKills(quick ? 50 : 500)).Concat(Cancels(quick ? 100 : 1_000)).Concat(Breakers(quick ? 200 : 2_000));

    private static List<Row> Kills(int presses)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-bench-kill").FullName;
        var rows = Kills(presses, folder);
        Directory.Delete(folder, recursive: true);
        return rows;
    }

    private static List<Row> Kills(int presses, string folder)
    {
        var rows = new List<Row>();
        using var rig = new KillRig();
        var log = new LogRing(MonotonicClock.Instance);
        var taken = Task.FromResult(new CommandResult(true, ""));
        var kill = new KillPress(rig.Word, ["binance"], 1, [], _ => taken, log);
        using var watch = new ControlWatch(folder, kill, SystemWallClock.Instance, _ => taken, log);
        watch.Start();
        using var endpoint = new ControlEndpoint(ControlEndpoint.PathFor(folder), command =>
        {
            kill.Press(LimitScope.Node, (string?)command["who"] ?? "", (string?)command["why"] ?? "");
            return new JsonObject { ["result"] = "Killed." };
        });
        const string Reach = "press to the last order handed to the socket";
        rows.AddRange(Kill("by command", Reach, presses, () => rig.Press(() => Ask(endpoint.SocketPath)), () => rig.OrdersSent));
        // Times of files are coarse: one that comes again at once is told by what it says.
        var content = "";
        rows.AddRange(Kill("by file", Reach, presses, () =>
        {
            content = content.Length == 0 ? "all" : "";
            var ns = rig.Press(() => File.WriteAllText(watch.KillFile, content));
            File.Delete(watch.KillFile);
            return ns;
        }, () => rig.OrdersSent));
        rows.AddRange(Kill("by signal", Reach, presses, () => rig.Press(() => _ = Raise(Environment.ProcessId, 10)), () => rig.OrdersSent));
        return rows;
    }

    /// <summary>What an order by REST still has before it when it was handed over: a thread, a connection, its forming.</summary>
    private static List<Row> RestKills(int presses)
    {
        using var rig = new RestKillRig();
        return [.. Kill("at a venue by REST", "press to the last byte of the last order read by the venue, eight calls in flight", presses,
            () => rig.Press(() => rig.Word.Set(true)), () => rig.OrdersSent)];
    }

    private static List<Row> Cancels(int presses)
    {
        using var rig = new CancelRig();
        var samples = Samples(presses, rig.Press);
        var note = $"press to the last of {CancelRig.Venues * CancelRig.OrdersPerVenue} cancels handed to {CancelRig.Venues} sockets by the engine, "
            + $"which reads prices meanwhile; {presses} presses";
        return
        [
            new Row("cancels out after a kill, p50", "ns", Comparison.Percentile(samples, 0.5), null, "", CancelGoalNs, Better.Lower, note),
            new Row("cancels out after a kill, p99", "ns", Comparison.Percentile(samples, 0.99), null, "", CancelGoalNs, Better.Lower, note),
        ];
    }

    private static IEnumerable<Row> Kill(string way, string reach, int presses, Func<long> measure, Func<long> orders)
    {
        var samples = Samples(presses, measure);
        var note = $"{reach}, {presses} presses under {orders()} orders";
        yield return new Row($"kill {way}, p50", "ns", Comparison.Percentile(samples, 0.5), null, "", KillGoalNs, Better.Lower, note);
        yield return new Row($"kill {way}, p99", "ns", Comparison.Percentile(samples, 0.99), null, "", KillGoalNs, Better.Lower, note);
    }

    /// <summary>Five before count for nothing.</summary>
    private static long[] Samples(int count, Func<long> measure)
    {
        var samples = new long[count];
        for (var i = -5; i < count; i++)
        {
            var ns = measure();
            if (i >= 0) samples[i] = ns;
        }

        return samples;
    }

    private static IEnumerable<Row> Breakers(int rounds)
    {
        var rig = new BreakerRig();
        (string Name, Func<(int, long)> Measure)[] measures =
        [
            ("volatility breaker trips", rig.Volatility), ("error-rate breaker trips", rig.ErrorRate), ("daily-loss breaker trips", rig.DailyLoss),
            ("repeated-fills breaker trips", rig.RepeatedFills), ("venue breaker opens", rig.VenueFailures), ("limit change applied", rig.LimitChange),
        ];
        foreach (var (name, measure) in measures)
        {
            var samples = new long[name.StartsWith("volatility", StringComparison.Ordinal) ? 40 : name.StartsWith("daily", StringComparison.Ordinal) ? 100 : rounds];
            var inputs = 0;
            for (var i = -20; i < samples.Length; i++)
            {
                (inputs, var ns) = measure();
                if (i >= 0) samples[i] = ns;
            }

            var p50 = Comparison.Percentile(samples, 0.5);
            yield return new Row($"{name}, p99", "ns", Comparison.Percentile(samples, 0.99), null, "", TripGoalNs, Better.Lower, $"p50 {p50:N0} ns; after {inputs} input{(inputs == 1 ? "" : "s")}, of which the last is timed");
        }
    }

    private static void Ask(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(Encoding.UTF8.GetBytes("{\"command\":\"kill\",\"who\":\"bench\",\"why\":\"measure\"}\n"));
        socket.Receive(new byte[256]);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Raise(int process, int signal);
}
