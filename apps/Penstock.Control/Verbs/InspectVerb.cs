using Penstock.Control.Nodes;
using System.CommandLine;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock inspect: what is inside a journal or a recording of exchange traffic.</summary>
internal static class InspectVerb
{
    public static Command Create()
    {
        var journal = new Argument<string?>("journal") { Description = "A run's journal folder.", Arity = ArgumentArity.ZeroOrOne };
        var order = new Option<string?>("--order") { Description = "Why this order happened: every record that names it." };
        var orders = new Option<bool>("--orders")
        {
            Description = "The id of every order that was ever approved, one a line; with --json what became of it.",
        };
        var json = VerbOptions.Json();
        var command = new Command("inspect", "Looks into a journal, or into a recording of exchange traffic.") { journal, order, orders, json };
        command.SetAction((parsed, cancel) => parsed.GetValue(journal) is { } folder
            ? NodeProgram.RunAsync(Programs.Node,
                ["inspect", folder, .. parsed.GetValue(order) is { } id ? ["--order", id] : Array.Empty<string>(), .. parsed.GetValue(orders) ? ["--orders"] : Array.Empty<string>(), .. Flag(parsed.GetValue(json))], cancel)
            : throw new Problem(ExitCode.Usage, "nothing to inspect is named", "penstock inspect", "expected a journal folder, or: recording FILE",
                "penstock inspect <journal folder>, or penstock inspect recording FILE"));

        var file = new Argument<string>("file") { Description = "A container of the format recording/1 (.jsonl.gz)." };
        var anomalies = new Option<bool>("--anomalies") { Description = "One JSON line for everything found wrong: event, kind, symbol, detail." };
        var recording = new Command("recording", "Replays recorded exchange frames through decoders, checks and books.") { file, json, anomalies };
        recording.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            ["inspect", "recording", parsed.GetValue(file)!, .. Flag(parsed.GetValue(json)), .. parsed.GetValue(anomalies) ? ["--anomalies"] : Array.Empty<string>()], cancel));
        command.Subcommands.Add(recording);
        command.Subcommands.Add(OrderVerb.Create());
        command.Subcommands.Add(Instruments(json));
        return command;
    }

    private static Command Instruments(Option<bool> json)
    {
        var data = new Argument<string>("data") { Description = "The folder a node runs in." };
        var history = new Option<string?>("--history") { Description = "Every change of this instrument, e.g. BTC-USDT, under all its names." };
        var command = new Command("instruments", "What the venues list: tick, lot, minimums, status, and since when.") { data, history, json };
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            ["inspect", "instruments", parsed.GetValue(data)!, .. parsed.GetValue(history) is { } symbol ? ["--history", symbol] : Array.Empty<string>(), .. Flag(parsed.GetValue(json))], cancel));
        return command;
    }

    private static string[] Flag(bool json) => json ? ["--json"] : [];
}
