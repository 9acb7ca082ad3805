using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock doctor: is this machine, and the network around it, fit for a node? Every finding says what follows from it.</summary>
internal static class DoctorVerb
{
    private enum Fitness
    {
        Ok,
        Note,
        Bad,
    }

    private sealed record Finding(string Check, Fitness Fitness, string Text);

    public static Command Create()
    {
        var json = VerbOptions.Json();
        var net = new Option<bool>("--net") { Description = "Measures the way to venues instead: connect, TLS, pings, clock offset, hops." };
        var venues = new Option<string[]>("--venue") { Description = "With --net: which venues; all of --config without it." };
        var config = new Option<string?>("--config") { Description = "With --net: a node's configuration file, for its venues and addresses." };
        var duration = new Option<string>("--duration") { Description = "With --net: at most this long.", DefaultValueFactory = _ => "8s" };
        var noHops = new Option<bool>("--no-hops") { Description = "With --net: without listing the hops." };
        var command = new Command("doctor", "Checks clock, disk, memory, cores, ports and permissions; with --net the network paths to venues.")
        {
            net, venues, config, duration, noHops, json,
        };
        command.SetAction((parsed, cancel) => parsed.GetValue(net)
            ? ProbeAsync(Arguments(parsed.GetValue(venues) ?? [], parsed.GetValue(config), parsed.GetValue(duration)!, parsed.GetValue(noHops)),
                parsed.GetValue(json), cancel)
            : RunAsync(parsed.GetValue(json), cancel));
        return command;
    }

    private static List<string> Arguments(string[] venues, string? config, string duration, bool noHops)
    {
        if (!VerbOptions.TryParseDuration(duration, out var time))
            throw new Problem(ExitCode.Usage, $"'{duration}' is not a duration", "penstock doctor --net --duration",
                "expected a number with ms, s, m or h", "penstock doctor --net --venue binance --duration 8s");
        List<string> arguments = ["net", "--duration-ms", ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)];
        foreach (var venue in venues) arguments.AddRange(["--venue", venue]);
        if (config is not null) arguments.AddRange(["--config", config]);
        if (noHops) arguments.Add("--no-hops");
        return arguments;
    }

    private static async Task<int> ProbeAsync(List<string> arguments, bool json, CancellationToken cancel)
    {
        var (code, report) = await NodeProgram.ReadAsync(Programs.Node, arguments, cancel);
        if (report is null) return code;
        if (json) Console.WriteLine(report.ToJsonString());
        else DoctorNetwork.PrintProbed(report["venues"]!.AsObject());
        return code;
    }

    private static async Task<int> RunAsync(bool json, CancellationToken cancel)
    {
        var network = await DoctorNetwork.OfRunningAsync(cancel);
        Finding[] findings = [Runtime(), Cores(), Clock(), Disk(), SharedMemory(), Memory(), Port(), RealTime(), Running(), .. Watchers()];
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["ok"] = findings.All(f => f.Fitness != Fitness.Bad),
                ["checks"] = new JsonArray([.. findings.Select(f => new JsonObject { ["check"] = f.Check, ["verdict"] = f.Fitness.ToString().ToLowerInvariant(), ["text"] = f.Text })]),
                ["network"] = network,
            }.ToJsonString());
        }
        else
        {
            foreach (var finding in findings) Console.WriteLine($"{finding.Fitness,-5} {finding.Check,-12} {finding.Text}");
            DoctorNetwork.Print(network);
        }

        return findings.Any(f => f.Fitness == Fitness.Bad) ? (int)ExitCode.Error : (int)ExitCode.Ok;
    }

    private static Finding Runtime() => new("runtime", Fitness.Ok, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");

    private static Finding Cores() => Environment.ProcessorCount switch
    {
        < 2 => new("cores", Fitness.Note, "1 core: the node and its control plane share it; expect latency in milliseconds"),
        < 4 => new("cores", Fitness.Ok, $"{Environment.ProcessorCount} cores: thread plan 'inline', idle strategy 'backOff'"),
        _ => new("cores", Fitness.Ok, $"{Environment.ProcessorCount} cores: thread plan 'staged' with pinned cores is possible"),
    };

    private static Finding Clock()
    {
        const string file = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        var source = File.Exists(file) ? File.ReadAllText(file).Trim() : "unknown";
        return source is "tsc" or "arch_sys_counter" or "kvm-clock"
            ? new("clock", Fitness.Ok, $"clock source {source}: a reading needs no system call")
            : new("clock", Fitness.Note, $"clock source {source}: a reading may cost a system call");
    }

    private static Finding Disk()
    {
        try
        {
            Folders.Create(PenstockHome.Folder);
            var free = new DriveInfo(PenstockHome.Folder).AvailableFreeSpace;
            var text = $"{free / (1L << 30):N0} GiB free for {PenstockHome.Folder}";
            return free < 1L << 30 ? new("disk", Fitness.Bad, text + ": a node wants at least 1 GiB for its journal") : new("disk", Fitness.Ok, text);
        }
        catch (Problem problem)
        {
            return new("disk", Fitness.Bad, $"{PenstockHome.Folder}: {problem.Message}; set PENSTOCK_HOME");
        }
    }

    private static Finding SharedMemory() => Directory.Exists("/dev/shm")
        ? new("rings", Fitness.Ok, "memory-mapped files are available")
        : new("rings", Fitness.Note, "no /dev/shm: rings lie on the disk of the data folder");

    private static Finding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var text = string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB visible to this process");
        return bytes < 2L << 30 ? new("memory", Fitness.Note, text + ": use fewer venues") : new("memory", Fitness.Ok, text);
    }

    private static Finding Port()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 7070);
            listener.Start();
            return new("port", Fitness.Ok, "127.0.0.1:7070 is free for the status page");
        }
        catch (SocketException)
        {
            return new("port", Fitness.Note, "127.0.0.1:7070 is taken: the demo picks another, or pass --port");
        }
    }

    private static Finding RealTime() => Environment.UserName == "root"
        ? new("real time", Fitness.Ok, "pinning and SCHED_FIFO are permitted")
        : new("real time", Fitness.Note, "not root: SCHED_FIFO needs CAP_SYS_NICE; the node says so and runs without");

    private static Finding Running()
    {
        var nodes = NodeRegistry.Running();
        return new("nodes", Fitness.Ok, nodes.Count == 0 ? "none is running" : string.Join(", ", nodes.Select(n => $"{n.Name} (pid {n.Pid})")));
    }

    /// <summary>Sidecars and consoles of the nodes that run here, and how each runs beside its node.</summary>
    private static IEnumerable<Finding> Watchers() =>
        from node in NodeRegistry.Running()
        from role in (string[])[ObserverFile.Console, ObserverFile.Sidecar]
        let pid = ObserverFile.PidOf(node.Data, role)
        let way = pid is null ? null : ProcessWay.Of(pid.Value)
        where way is not null
        select new Finding(role, way.GivesWay ? Fitness.Ok : Fitness.Note, $"{role} of {node.Name} (pid {pid}) {way}");
}
