using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Control.Family;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;
using Penstock.Testing.Hosting;

namespace Penstock.Control.Verbs;

/// <summary>penstock demo: simulated venues, node and control plane, trading on paper; no key, no network.</summary>
internal static class DemoVerb
{
    /// <summary>One market of each exchange unless others are named.</summary>
    private static readonly IReadOnlyList<string> UsualVenues = SimulatedVenueCatalog.SpotNames;

    private static readonly IReadOnlyList<string> AllVenues = SimulatedVenueCatalog.TradedNames;

    public static Command Create()
    {
        var duration = new Option<string?>("--duration") { Description = "Stop after this long (20s, 5m); until Ctrl-C without it." };
        var venues = new Option<string>("--venues")
        {
            Description = "Simulated venues, by name.", DefaultValueFactory = _ => string.Join(',', UsualVenues),
        };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the simulated markets.", DefaultValueFactory = _ => 1 };
        var port = VerbOptions.Port("Status page on 127.0.0.1; 0 picks a free port.", 7070);
        var data = new Option<string?>("--data") { Description = "Folder of this run; a new one under PENSTOCK_HOME without it." };
        var faults = new Option<string?>("--faults")
        {
            Description = "storm: every fault at every venue at once for the first part of the run; none without it.",
        };
        var strategy = new Option<string>("--strategy")
        {
            Description = "What trades: a strategy's name, or a .cs file with one.",
            DefaultValueFactory = _ => DemoStrategy.Default,
        };
        var set = new Option<string[]>("--set") { Description = "Setting of the strategy, key=value; may be repeated." };
        var load = new Option<int?>("--load")
        {
            Description = "From READY on about so many frames a second from all venues together; the result says what came of it.",
        };
        var sidecar = new Option<int?>("--sidecar") { Description = "Also a sidecar for Prometheus, at this port of 127.0.0.1; 0 picks a free one." };
        var ring = new Option<int?>("--ring")
        {
            Description = "Events each venue's ring holds, a power of two: a small one shows sooner what a slow reader loses.",
        };
        var pin = new Option<int?>("--pin")
        {
            Description = "Core the node's hot threads are pinned to, from here up; the simulated venues stay below it, as on machines of their own.",
        };
        var noUi = new Option<bool>("--no-ui") { Description = "Without the control plane process." };
        var json = VerbOptions.Json();
        var command = new Command("demo", "Simulated venues, node and control plane: markets move, a strategy quotes, orders fill.")
        {
            duration, venues, strategy, set, seed, port, data, faults, load, sidecar, ring, pin, noUi, json,
        };
        command.SetAction(async (parsed, cancel) => await RunAsync(
            new DemoOptions(
                Names(parsed.GetValue(venues)!), parsed.GetValue(seed), parsed.GetValue(port), Path.GetFullPath(parsed.GetValue(data) ?? NewFolder()),
                !parsed.GetValue(noUi))
            {
                Strategy = await DemoStrategy.FindAsync(parsed.GetValue(strategy)!, parsed.GetValue(set) ?? [], cancel),
                SidecarPort = parsed.GetValue(sidecar), RingCapacity = parsed.GetValue(ring), PinCore = Core(parsed.GetValue(pin)),
            },
            Duration(parsed.GetValue(duration)), FaultStorm.IsWanted(parsed.GetValue(faults)), parsed.GetValue(load), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, TimeSpan? duration, bool stormy, int? framesPerSecond, bool json,
        CancellationToken cancel)
    {
        var output = new DemoOutput(json);
        DemoRuns.RemoveOld();
        var watch = Stopwatch.StartNew();
        var interrupted = false;
        JsonObject summary;
        int nodeRestarts, controlRestarts;
        await using (var family = await DemoFamily.StartAsync(options, output.Restarted, output.Say, cancel))
        {
            output.Started(family, options, watch.Elapsed);
            TimeSpan? readyAt = null;
            var isReady = false;
            using var storm = stormy ? new FaultStorm(Path.Combine(options.Data, "node.json")) : null;
            using var load = framesPerSecond is { } wanted ? new DemoLoad(wanted, Path.Combine(options.Data, "node.json")) : null;
            try
            {
                while (!Finished(watch.Elapsed, duration, readyAt, (isReady || !stormy) && load is not { HasMeasured: false }))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(250), cancel);
                    family.Tend();
                    var status = await family.StatusAsync(cancel);
                    if (status is null) continue;
                    isReady = (string?)status["state"] == "READY";
                    if (isReady) readyAt ??= watch.Elapsed;
                    if (load is not null && readyAt is not null) await load.StepAsync(family, status, cancel);
                    if (storm is not null) await BlowAsync(storm, watch.Elapsed, readyAt, duration, cancel);
                    output.Progress(watch.Elapsed, status);
                }
            }
            catch (OperationCanceledException)
            {
                interrupted = true;
            }

            if (storm is not null) await storm.EndAsync(CancellationToken.None);
            if (load is not null) await load.EndAsync(CancellationToken.None);

            (nodeRestarts, controlRestarts) = (family.NodeRestarts, family.ControlRestarts);
            summary = await family.StopAsync();
            if (load?.Report(summary) is { } report) summary["load"] = report;
        }

        summary["nodeRestarts"] = nodeRestarts;
        summary["controlRestarts"] = controlRestarts;
        output.Finished(summary, options);
        if (interrupted && duration is not null) return (int)ExitCode.Interrupted;
        return (string?)summary["state"] == "READY" ? (int)ExitCode.Ok : (int)ExitCode.NotReady;
    }

    /// <summary>
    /// The duration counts from the start, but a machine so slow that trading had less than a quarter of it is given that
    /// quarter, up to twice the duration.
    /// </summary>
    private static bool Finished(TimeSpan elapsed, TimeSpan? duration, TimeSpan? readyAt, bool mayEnd)
    {
        if (duration is not { } wanted || elapsed < wanted) return false;
        if (elapsed >= wanted * 2) return true;
        return mayEnd && readyAt is { } ready && elapsed - ready >= wanted / 4;
    }

    /// <summary>From READY until 60 % of the run: the rest is for coming back.</summary>
    private static async Task BlowAsync(FaultStorm storm, TimeSpan elapsed, TimeSpan? readyAt, TimeSpan? duration, CancellationToken cancel)
    {
        if (readyAt is null || storm.IsOver) return;
        if (!storm.IsOn) await storm.BeginAsync(elapsed, cancel);
        else if (duration is { } wanted && elapsed > wanted * 0.6 && elapsed - readyAt > wanted * 0.2) await storm.EndAsync(cancel);
        else await storm.StepAsync(elapsed, cancel);
    }

    private static int? Core(int? core) => core is null || (core > 0 && core < Environment.ProcessorCount) ? core
        : throw new Problem(ExitCode.Usage, $"core {core} cannot be had", "penstock demo --pin",
            $"this machine has {Environment.ProcessorCount} cores, and the simulated venues need one below it", "penstock demo without --pin");

    private static TimeSpan? Duration(string? text)
    {
        if (text is null) return null;
        return VerbOptions.TryParseDuration(text, out var duration)
            ? duration
            : throw new Problem(ExitCode.Usage, $"'{text}' is not a duration", "penstock demo --duration", "expected a number with ms, s, m or h",
                "penstock demo --duration 20s");
    }

    private static IReadOnlyList<string> Names(string list)
    {
        var names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToArray();
        foreach (var name in names)
        {
            if (AllVenues.Contains(name)) continue;
            var nearest = Infrastructure.Configuration.Suggestions.Nearest(name, AllVenues);
            throw new Problem(ExitCode.NotFound, $"there is no simulated venue '{name}'", "penstock demo --venues",
                $"known: {string.Join(", ", AllVenues)}",
                nearest is null ? "penstock demo" : $"did you mean '{nearest}'?");
        }

        return names.Length > 0 ? names
            : throw new Problem(ExitCode.Usage, "no venue is named", "penstock demo --venues", "at least one is needed", "penstock demo");
    }

    /// <summary>A folder of its own for every run, so that demos side by side never meet.</summary>
    private static string NewFolder() => Path.Combine(DemoRuns.Folder,
        DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + "-"
            + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
}
