using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock ctl: commands to a running node. Each is journaled there with who sent it and why.</summary>
internal static class CtlVerb
{
    public static Command Create()
    {
        var command = new Command("ctl", "Talks to a running node.");
        command.Subcommands.Add(Status());
        command.Subcommands.Add(Counters());
        command.Subcommands.Add(Approve());
        command.Subcommands.Add(LogLevel());
        command.Subcommands.Add(CtlOrderVerb.Create());
        command.Subcommands.Add(CtlStrategyVerb.Create());
        command.Subcommands.Add(CtlFaultVerb.Create());
        command.Subcommands.Add(Venue());
        foreach (var verb in CtlRiskVerbs.Create()) command.Subcommands.Add(verb);
        command.Subcommands.Add(Order("drain", "Cancels open orders, waits for the answers and stops the node.", needsReason: false));
        return command;
    }

    private static Command Status()
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command("status", "What the node is doing.") { node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var entry = NodeRegistry.Find(parsed.GetValue(node));
            var answer = await NodeClient.AskAsync(entry, new JsonObject { ["command"] = "status" }, cancel);
            var environment = ((string?)answer["environment"])?.ToUpperInvariant();
            var line = $"{entry.Name} (pid {entry.Pid}) {environment}  {StatusText.Line(answer)}";
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : line);
            return (string?)answer["state"] == "READY" ? (int)ExitCode.Ok : (int)ExitCode.NotReady;
        });
        return command;
    }

    private static Command Counters()
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command("counters", "Every counter with its meaning, read from the node's file without asking the node.") { node, json };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(node);
            // A folder needs no running node: the last figures of a dead one are still there.
            using var file = CounterTable.Open(name is not null && Directory.Exists(name) ? name : NodeRegistry.Find(name).Data);
            if (parsed.GetValue(json)) Console.WriteLine(CounterTable.Json(file).ToJsonString());
            else foreach (var line in CounterTable.Text(file)) Console.WriteLine(line);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Approve()
    {
        var instrument = new Argument<string>("instrument")
        {
            Description = "As in BTC-USDT.BINANCE; `penstock ctl status --json` lists what is blocked.",
        };
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var why = new Option<string>("--why", "--reason") { Description = "Why the venue is right; journaled with the command.", Required = true };
        var command = new Command("approve", "Takes a venue's balances for right after a recovery found others; the instrument trades again.")
        {
            instrument, node, why, json,
        };
        command.SetAction((parsed, cancel) => SendAsync(parsed.GetValue(node), parsed.GetValue(json), cancel, new JsonObject
        {
            ["command"] = "approve", ["instrument"] = parsed.GetValue(instrument), ["who"] = Environment.UserName, ["why"] = parsed.GetValue(why),
        }));
        return command;
    }

    private static Command LogLevel()
    {
        var level = new Argument<string>("level") { Description = "trace, debug, information, warning, error or critical." };
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var why = new Option<string>("--why", "--reason") { Description = "Why; journaled with the command.", Required = true };
        var command = new Command("log-level", "Sets from which level on node, sidecar and control plane log, until the node ends.")
        {
            level, node, why, json,
        };
        command.SetAction((parsed, cancel) => SendAsync(parsed.GetValue(node), parsed.GetValue(json), cancel, new JsonObject
        {
            ["command"] = "log-level", ["level"] = parsed.GetValue(level), ["who"] = Environment.UserName, ["why"] = parsed.GetValue(why),
        }));
        return command;
    }

    private static Command Venue()
    {
        var venue = new Argument<string>("venue") { Description = "As `penstock ctl status --json` names it." };
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var swap = new Command("swap", "Only in a node that does not trade: says what to do.") { venue, node, json };
        swap.SetAction((parsed, cancel) => SendAsync(parsed.GetValue(node), parsed.GetValue(json), cancel, new JsonObject
        {
            ["command"] = "venue.swap", ["venue"] = parsed.GetValue(venue),
        }, "penstock ctl drain"));
        return new Command("venue", "The venues of a running node.") { swap };
    }

    private static Command Order(string name, string description, bool needsReason)
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var reason = new Option<string?>("--why", "--reason") { Description = "Why; journaled with the command.", Required = needsReason };
        var command = new Command(name, description) { node, reason, json };
        command.SetAction((parsed, cancel) => SendAsync(parsed.GetValue(node), parsed.GetValue(json), cancel, new JsonObject
        {
            ["command"] = name, ["who"] = Environment.UserName, ["why"] = parsed.GetValue(reason) ?? "",
        }));
        return command;
    }

    private static async Task<int> SendAsync(string? node, bool json, CancellationToken cancel, JsonObject command,
        string next = "penstock ctl status")
    {
        var entry = NodeRegistry.Find(node);
        var answer = await NodeClient.AskAsync(entry, command, cancel);
        if ((string?)answer["error"] is { } error)
            throw new Problem(ExitCode.Refused, $"the node refused '{(string?)command["command"]}'", entry.Socket, error, next);
        Console.WriteLine(json ? answer.ToJsonString() : $"{entry.Name}: {(string?)answer["result"]}");
        return (int)ExitCode.Ok;
    }
}
