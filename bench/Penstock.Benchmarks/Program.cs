using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Penstock.Benchmarks.Rows;

namespace Penstock.Benchmarks;

/// <summary>
/// penstock-bench [--quick] [--json] [--soak] [--only ring|disruptor|parse|decode|client|book|journal|recovery|tick|core|allocation|controls|control|memory]:
/// every figure with its baseline from the same run. Only the ratios mean anything; the machine under this one may be shared and noisy.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var quick = args.Contains("--quick");
        var json = args.Contains("--json");
        var log = json ? Console.Error : Console.Out;
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        log.WriteLine($"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}, {(quick ? "quick" : "full")} run");

        var rows = new List<Row>();
        var only = Array.IndexOf(args, "--only") is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
        foreach (var (name, measure) in Measures(quick, args.Contains("--soak"), only))
        {
            if (only is not null && only != name) continue;
            foreach (var row in measure())
            {
                rows.Add(row);
                log.WriteLine(Line(row));
            }
        }

        if (json) Console.WriteLine(new JsonObject { ["rows"] = new JsonArray([.. rows.Select(ToJson)]) }.ToJsonString());
        return 0;
    }

    private static IEnumerable<(string Name, Func<IEnumerable<Row>> Measure)> Measures(bool quick, bool soak, string? only) =>
    [
        ("ring", () => RingRows.FanOut(quick)),
        ("disruptor", () => DisruptorRows.FanOut(quick)),
        ("parse", () => ParseRows.Depth(quick)),
        ("decode", () => DecodeRows.All(quick)),
        ("client", () => ClientRows.Frames(quick)),
        ("book", () => BookRows.Update(quick)),
        ("journal", () => JournalRows.Append(quick)),
        ("recovery", () => RecoveryRows.Cold(quick)),
        ("tick", () => TickToTradeRows.RoundTrip(quick).Concat(OrderToWireRows.Difference(quick))),
        ("core", () => CoreRows.All(quick)),
        ("allocation", () => AllocationRows.HotPath(quick)),
        ("controls", () => ControlRows.All(quick)),
        ("control", () => only == "control" ? ControlPlaneRows.All(quick) : []),
        ("memory", () => soak ? MemoryRows.Soak(quick) : []),
    ];

    private static string Line(Row row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Name,-34} {row.Ours,14:N1} {row.Unit,-10} {(row.Baseline is { } b ? $"{b:N1}" : "-"),14} {row.BaselineName,-34} " +
        $"{(row.Ratio is { } r ? $"{r:F2}x" : ""),9} goal {(row.Better == Better.Lower ? "≤" : "≥")} {row.Goal:0.##}{(row.Ratio is null ? "" : "x")} {(row.Met ? "met" : "NOT MET")} {row.Note}");

    private static JsonObject ToJson(Row row) => new()
    {
        ["name"] = row.Name, ["unit"] = row.Unit, ["ours"] = row.Ours, ["baseline"] = row.Baseline, ["baselineName"] = row.BaselineName,
        ["ratio"] = row.Ratio, ["goal"] = row.Goal, ["met"] = row.Met, ["note"] = row.Note,
    };
}
