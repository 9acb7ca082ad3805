using System.CommandLine;
using Penstock.Control.Family;
using Penstock.Control.Nodes;
using Penstock.Control.Tracing;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock inspect order: why an order happened, by any id people see (R58).</summary>
internal static class OrderVerb
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Our id (p and 13 characters), its number, or the venue's id." };
        var journal = new Option<string?>("--journal")
        {
            Description = "A journal's or a run's folder; without it the running node's, else the newest demo's.",
        };
        var json = VerbOptions.Json();
        var command = new Command("order", "Why an order happened: tick, book, decision, risk, send, answers, with nanoseconds.") { id, journal,
            json };
        command.SetAction(parsed =>
        {
            var trace = OrderTracer.Trace(parsed.GetValue(journal) ?? DefaultFolder(), parsed.GetValue(id)!);
            if (parsed.GetValue(json)) Console.WriteLine(trace.ToJson().ToJsonString());
            else foreach (var line in OrderTraceText.Lines(trace)) Console.WriteLine(line);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static string DefaultFolder()
    {
        if (NodeRegistry.Running() is [var only]) return only.Data;
        var runs = Directory.Exists(DemoRuns.Folder) ? Directory.GetDirectories(DemoRuns.Folder) : [];
        var newest = runs.Order(StringComparer.Ordinal).LastOrDefault();
        return newest ?? NodeRegistry.Find(null).Data;
    }
}
