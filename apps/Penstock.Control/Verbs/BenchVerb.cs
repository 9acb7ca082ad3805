using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock bench: every figure with its baseline, measured in the same run.</summary>
internal static class BenchVerb
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds." };
        var json = VerbOptions.Json();
        var command = new Command("bench", "Measures the hot path against same-run baselines.") { quick, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Benchmarks,
            [.. parsed.GetValue(quick) ? ["--quick"] : Array.Empty<string>(), .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>()], cancel));
        return command;
    }
}
