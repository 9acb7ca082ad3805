using Penstock.Control.Nodes;
using System.CommandLine;

namespace Penstock.Control.Verbs;

/// <summary>penstock replay: a recorded session again, through the same core, to the same state hash; or another strategy over recorded markets.</summary>
internal static class ReplayVerb
{
    public static Command Create()
    {
        var sources = new Argument<string[]>("source") { Description = "A run's journal folder, or recordings (.jsonl.gz).", Arity = ArgumentArity.OneOrMore };
        var speed = new Option<string>("--speed") { Description = "max, realtime, or a multiple of real time such as 10x.", DefaultValueFactory = _ => "max" };
        var compare = new Option<bool>("--compare") { Description = "Every order of a live session beside its twin in the simulated execution." };
        var json = VerbOptions.Json();
        Option<string?>[] single =
        [
            new("--strategy") { Description = "Back test: run this strategy instead, with simulated execution." },
            new("--config") { Description = "Back test: with the limits, and the strategies and their settings, of a node's configuration." },
            new("--from") { Description = "Trade from here on: 2024-08-08T23:55:00Z, or 30s after the start. Books are built before." },
            new("--to") { Description = "End here." },
            new("--queue") { Description = "Where cancels happen in a queue: pessimistic (behind us), proportional or optimistic." },
            new("--latency") { Description = "Order, ack and jitter, such as 5ms/5ms/5ms (the default)." },
            new("--seed") { Description = "Of latencies and of the strategy's random numbers." },
            new("--data") { Description = "Folder of the back test's session." },
        ];
        Option<string[]>[] repeated =
        [
            new("--set") { Description = "A setting of the strategy: spreadBps=4. Repeatable." },
            new("--limit")
            {
                Description = "A limit as `penstock ctl limits list` names it: daily-loss=500, or \"position strategy:1=2\". Repeatable.",
            },
            new("--instrument") { Description = "Trade only this one: BTC-USDT.BINANCE. Repeatable." },
            new("--fees") { Description = "Maker/taker in basis points: 10/10, or binance=7.5/10. Repeatable." },
        ];
        var command = new Command(
            "replay", "Runs a recorded session again and compares every decision; with --strategy or --config, a back test over recorded markets.")
        {
            sources, speed, compare, json,
        };
        foreach (var option in single) command.Options.Add(option);
        foreach (var option in repeated) command.Options.Add(option);
        command.SetAction((parsed, cancel) => NodeProgram.RunAsync(Programs.Node,
            [
                "replay", .. parsed.GetValue(sources)!, "--speed", parsed.GetValue(speed)!, .. parsed.GetValue(json) ? ["--json"] : Array.Empty<string>(),
                .. parsed.GetValue(compare) ? ["--compare"] : Array.Empty<string>(),
                .. single.SelectMany(o => parsed.GetValue(o) is { } value ? [o.Name, value] : Array.Empty<string>()),
                .. repeated.SelectMany(o => (parsed.GetValue(o) ?? []).SelectMany(value => new[] { o.Name, value })),
            ], cancel));
        return command;
    }
}
