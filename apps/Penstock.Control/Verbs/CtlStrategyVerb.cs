using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock ctl strategy list | set | pause | resume | swap | cancel-swap: the strategies of a running node.</summary>
internal static class CtlStrategyVerb
{
    public static Command Create()
    {
        var command = new Command("strategy", "The strategies of a running node: how they stand, their settings, pause, resume, and other versions.");
        command.Subcommands.Add(List());
        var settings = new Argument<string[]>("settings") { Description = "key=value, several at once; all are taken or none.", Arity = ArgumentArity.OneOrMore };
        command.Subcommands.Add(Change("set", "Changes settings of a running strategy, between two events; checked first, refused as a whole.", settings));
        command.Subcommands.Add(Change("pause", "Cancels a strategy's orders and calls it no more.", null));
        command.Subcommands.Add(Change("resume", "Lets a paused or isolated strategy go on.", null));
        command.Subcommands.Add(Swap());
        command.Subcommands.Add(Change("cancel-swap", "Drops a new version that has not taken over yet; the old one goes on.", null));
        return command;
    }

    private static Command Swap()
    {
        var to = new Option<string>("--to") { Description = "The new version: a file of the plugin folder, or the version of one.", Required = true };
        var warmUp = new Option<string>("--warm-up")
        {
            Description = "How long it looks on before it takes over: 10s, 5m.", DefaultValueFactory = _ => "10s",
        };
        var events = new Option<long>("--events")
        {
            Description = "Books and trades it must have been shown until then.", DefaultValueFactory = _ => 1,
        };
        var settings = new Argument<string[]>("settings")
        {
            Description = "key=value: changes for the new version.", Arity = ArgumentArity.ZeroOrMore,
        };
        var command = Change("swap", "Another version in a strategy's place while all others trade: it warms up on live data, the old one drains.",
            settings, (parsed, ask) =>
            {
                ask["to"] = parsed.GetValue(to);
                ask["warmUpMs"] = Milliseconds(parsed.GetValue(warmUp)!);
                ask["events"] = parsed.GetValue(events);
            });
        command.Options.Add(to);
        command.Options.Add(warmUp);
        command.Options.Add(events);
        return command;
    }

    private static long Milliseconds(string text) => text == "0" ? 0
        : VerbOptions.TryParseDuration(text, out var duration) ? (long)duration.TotalMilliseconds
        : throw new Problem(ExitCode.Usage, $"'{text}' is not a duration", "--warm-up", "expected 10s, 5m, 250ms or 0",
            "penstock ctl strategy swap 1 --to FILE --warm-up 10s --why \"...\"");

    private static Command List()
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command("list", "Every strategy: running, or why not; what it was called for, and its settings.") { node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await AskAsync(NodeRegistry.Find(parsed.GetValue(node)), new JsonObject { ["command"] = "strategy.list" }, cancel);
            if (parsed.GetValue(json)) Console.WriteLine(answer.ToJsonString());
            else foreach (var strategy in answer["strategies"]!.AsArray()) Print(strategy!.AsObject());
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Print(JsonObject strategy)
    {
        Console.WriteLine($"{strategy["id"],3}  {strategy["name"],-24} {strategy["state"],-12} {strategy["events"],10} events  {strategy["instruments"]}  {strategy["settings"]}");
        if ((string?)strategy["why"] is { Length: > 0 } why) Console.WriteLine($"     {why}");
        var last = (string?)strategy["lastSwap"] is { Length: > 0 } told ? $"; {told}" : "";
        if ((string?)strategy["version"] is { Length: > 0 } version) Console.WriteLine($"     version {version}{last}");
        if (strategy["swap"] is not JsonObject swap) return;
        var shown = $"{swap["events"]} of {swap["eventsWanted"]} events in {swap["warmedMs"]} of {swap["warmUpMs"]} ms";
        var phase = ((string?)strategy["phase"])?.ToUpperInvariant();
        Console.WriteLine($"     {phase} {swap["version"]}: shown {shown}, {swap["withheld"]} orders withheld");
    }

    private static Command Change(string verb, string description, Argument<string[]>? settings, Action<ParseResult, JsonObject>? more = null)
    {
        var id = new Argument<string>("id")
        {
            Description = "Its number, as `penstock ctl strategy list` shows it, or its name where only one has it.",
        };
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var why = new Option<string>("--why", "--reason") { Description = "Why; journaled with the command.", Required = true };
        var command = new Command(verb, description) { id, node, why, json };
        if (settings is not null) command.Arguments.Add(settings);
        command.SetAction(async (parsed, cancel) =>
        {
            var entry = NodeRegistry.Find(parsed.GetValue(node));
            var ask = new JsonObject
            {
                ["command"] = $"strategy.{verb}", ["who"] = Environment.UserName, ["why"] = parsed.GetValue(why), ["name"] = parsed.GetValue(id),
                ["settings"] = settings is null ? null : Settings(parsed.GetValue(settings) ?? []),
            };
            more?.Invoke(parsed, ask);
            var answer = await AskAsync(entry, ask, cancel);
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : $"{entry.Name}: {(string?)answer["result"]}");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static JsonObject Settings(string[] texts)
    {
        var settings = new JsonObject();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new Problem(ExitCode.Usage, $"'{text}' is not a setting", "penstock ctl strategy set", "expected key=value", "penstock ctl strategy set 1 spreadBps=6 --why \"...\"");
            settings[text[..equals]] = text[(equals + 1)..];
        }

        return settings;
    }

    private static async Task<JsonObject> AskAsync(NodeEntry entry, JsonObject ask, CancellationToken cancel)
    {
        var answer = await NodeClient.AskAsync(entry, ask, cancel);
        return (string?)answer["error"] is { } error
            ? throw new Problem(ExitCode.Refused, $"the node refused '{(string?)ask["command"]}'", entry.Socket, error, "penstock ctl strategy list")
            : answer;
    }
}
