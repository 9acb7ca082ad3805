using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock bench: every figure with its baseline, measured in the same run.</summary>
internal static class BenchVerb
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds." };
        var soak = new Option<bool>("--soak") { Description = "Also watch a node's memory for ten minutes (with --quick: one)." };
        var only = new Option<string?>("--only") { Description = "One measure: ring, disruptor, parse, decode, client, book, journal, recovery, tick, core, allocation, controls, control or memory." };
        var json = VerbOptions.Json();
        var measure = new Argument<string?>("measure") { Description = "As --only: penstock bench decode.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("bench", "Measures the hot path against same-run baselines.") { measure, quick, soak, only, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Benchmarks,
            [
                .. Flag("--quick", parsed.GetValue(quick)), .. Flag("--soak", parsed.GetValue(soak)), .. Flag("--json", parsed.GetValue(json)),
                .. (parsed.GetValue(measure) ?? parsed.GetValue(only)) is { } name ? ["--only", name] : Array.Empty<string>(),
            ], cancel));
        return command;
    }

    private static string[] Flag(string name, bool given) => given ? [name] : [];
}
