using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Control.Family;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock demo: simulated venues, node and control plane, trading on paper; no key, no network.</summary>
internal static class DemoVerb
{
    private static readonly string[] AllVenues = ["binance", "kraken", "okx"];

    public static Command Create()
    {
        var duration = new Option<string?>("--duration") { Description = "Stop after this long (20s, 5m); until Ctrl-C without it." };
        var venues = new Option<string>("--venues") { Description = "Simulated venues, by name.", DefaultValueFactory = _ => string.Join(',', AllVenues) };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the simulated markets.", DefaultValueFactory = _ => 1 };
        var port = new Option<int>("--port") { Description = "Status page on 127.0.0.1; 0 picks a free port.", DefaultValueFactory = _ => 7070 };
        var data = new Option<string?>("--data") { Description = "Folder of this run; a new one under PENSTOCK_HOME without it." };
        var noUi = new Option<bool>("--no-ui") { Description = "Without the control plane process." };
        var json = VerbOptions.Json();
        var command = new Command("demo", "Simulated venues, node and control plane: markets move, a strategy quotes, orders fill.")
        {
            duration, venues, seed, port, data, noUi, json,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new DemoOptions(
                Names(parsed.GetValue(venues)!), parsed.GetValue(seed), parsed.GetValue(port), Path.GetFullPath(parsed.GetValue(data) ?? NewFolder()),
                !parsed.GetValue(noUi)),
            Duration(parsed.GetValue(duration)), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, TimeSpan? duration, bool json, CancellationToken cancel)
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
            try
            {
                while (!Finished(watch.Elapsed, duration, readyAt))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(250), cancel);
                    family.Tend();
                    var status = await family.StatusAsync(cancel);
                    if (status is null) continue;
                    if (readyAt is null && (string?)status["state"] == "READY") readyAt = watch.Elapsed;
                    output.Progress(watch.Elapsed, status);
                }
            }
            catch (OperationCanceledException)
            {
                interrupted = true;
            }

            (nodeRestarts, controlRestarts) = (family.NodeRestarts, family.ControlRestarts);
            summary = await family.StopAsync();
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
    private static bool Finished(TimeSpan elapsed, TimeSpan? duration, TimeSpan? readyAt)
    {
        if (duration is not { } wanted || elapsed < wanted) return false;
        if (elapsed >= wanted * 2) return true;
        return readyAt is { } ready && elapsed - ready >= wanted / 4;
    }

    private static TimeSpan? Duration(string? text)
    {
        if (text is null) return null;
        return VerbOptions.TryParseDuration(text, out var duration)
            ? duration
            : throw new Problem(ExitCode.Usage, $"'{text}' is not a duration", "penstock demo --duration", "expected a number with ms, s, m or h", "penstock demo --duration 20s");
    }

    private static IReadOnlyList<string> Names(string list)
    {
        var names = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToArray();
        foreach (var name in names)
        {
            if (AllVenues.Contains(name)) continue;
            var nearest = Infrastructure.Configuration.Suggestions.Nearest(name, AllVenues);
            throw new Problem(ExitCode.NotFound, $"there is no simulated venue '{name}'", "penstock demo --venues", $"known: {string.Join(", ", AllVenues)}",
                nearest is null ? "penstock demo" : $"did you mean '{nearest}'?");
        }

        return names.Length > 0 ? names : throw new Problem(ExitCode.Usage, "no venue is named", "penstock demo --venues", "at least one is needed", "penstock demo");
    }

    /// <summary>A folder of its own for every run, so that demos side by side never meet.</summary>
    private static string NewFolder() => Path.Combine(DemoRuns.Folder,
        DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + "-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
}
