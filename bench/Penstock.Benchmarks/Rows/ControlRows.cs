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
    private const double TripGoalNs = 1_000_000;

    public static IEnumerable<Row> All(bool quick) => Kills(quick ? 100 : 1_000).Concat(Breakers(quick ? 200 : 2_000));

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
        rows.AddRange(Kill("command", presses, rig, () => Ask(endpoint.SocketPath), () => { }));
        rows.AddRange(Kill("file", presses, rig, () => File.WriteAllText(watch.KillFile, ""), () => File.Delete(watch.KillFile)));
        rows.AddRange(Kill("signal", presses, rig, () => _ = Raise(Environment.ProcessId, 10), () => { }));
        return rows;
    }

    private static IEnumerable<Row> Kill(string way, int presses, KillRig rig, Action press, Action after)
    {
        var samples = new long[presses];
        for (var i = -5; i < presses; i++)
        {
            var ns = rig.Press(press);
            after();
            if (i >= 0) samples[i] = ns;
        }

        var note = $"press to the last order handed to the socket, {presses} presses under {rig.OrdersSent} orders";
        yield return new Row($"kill by {way}, p50", "ns", Comparison.Percentile(samples, 0.5), null, "", KillGoalNs, Better.Lower, note);
        yield return new Row($"kill by {way}, p99", "ns", Comparison.Percentile(samples, 0.99), null, "", KillGoalNs, Better.Lower, note);
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
