using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>penstock ctl kill | resume | limits | breaker | positions | balances | pnl: risk and accounts of a running node.</summary>
internal static class CtlRiskVerbs
{
    public static IEnumerable<Command> Create()
    {
        yield return Change("kill", "kill", "Stops new orders at once and cancels what is open: everything, one venue or one strategy.", instrument: false);
        yield return Change("resume", "resume", "Lets orders leave again after a kill.", instrument: false);
        yield return Limits();
        yield return Breaker();
        yield return Read("positions", "positions", "Positions per strategy and instrument, with their profit and loss.", "positions",
            ["instrument", "strategy", "quantity", "averagePrice", "realised", "unrealised", "fees", "funding", "net"]);
        yield return Read("balances", "balances", "The ledger against what the venues say, differences with tolerance and age.", "balances",
            ["venue", "asset", "expected", "free", "locked", "difference", "tolerance", "differenceAgeMs"]);
        yield return Read("pnl", "pnl", "Profit and loss per strategy, venue and currency, and of the day.", "pnl",
            ["strategy", "venue", "currency", "realised", "unrealised", "fees", "funding", "net"]);
    }

    private static Command Limits()
    {
        var command = new Command("limits", "The named limits of a running node.");
        command.Subcommands.Add(Read("list", "limits.list", "Every limit with its use and its cap, what is killed, and the last refusals.", "limits", ["name", "scope", "of", "used", "cap", "unit"]));
        var name = new Argument<string>("name") { Description = "As in the list: position, daily-loss, price-collar ..." };
        var value = new Argument<string>("value") { Description = "In the unit of the list; none takes the limit away." };
        command.Subcommands.Add(Change("set", "limits.set", "Sets one limit, of the node or of one instrument, strategy or venue.", instrument: true, name, value));
        return command;
    }

    private static Command Breaker()
    {
        var command = new Command("breaker", "Circuit breakers of a running node.");
        command.Subcommands.Add(BreakerList());
        var name = new Argument<string>("name") { Description = "volatility, daily-loss, error-rate, repeated-fills; venue-failures closes the breaker of a venue." };
        command.Subcommands.Add(Change("arm", "breaker.arm", "Arms a breaker that has tripped; it measures anew from then on.", instrument: true, name));
        return command;
    }

    private static Command BreakerList()
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command("list", "What has tripped, and how the venues' own breakers stand.") { node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await AskAsync(NodeRegistry.Find(parsed.GetValue(node)), new JsonObject { ["command"] = "breaker.list" }, cancel);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(answer.ToJsonString());
                return (int)ExitCode.Ok;
            }

            Print(answer["tripped"]!.AsArray(), ["name", "scope", "of", "used", "cap", "ageMs"], "No breaker has tripped.");
            Print(answer["venues"]!.AsArray(), ["venue", "state", "failures", "openings"], "No venues.");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Read(string verb, string name, string description, string rows, string[] columns)
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var command = new Command(verb, description) { node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await AskAsync(NodeRegistry.Find(parsed.GetValue(node)), new JsonObject { ["command"] = name }, cancel);
            if (parsed.GetValue(json)) Console.WriteLine(answer.ToJsonString());
            else Print(answer[rows]!.AsArray(), columns, "None yet.");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Change(string verb, string name, string description, bool instrument, params Argument<string>[] arguments)
    {
        var node = VerbOptions.Node();
        var json = VerbOptions.Json();
        var why = new Option<string?>("--why", "--reason") { Description = "Why; journaled with the command.", Required = true };
        var venue = new Option<string?>("--venue") { Description = "Of one venue." };
        var strategy = new Option<string?>("--strategy") { Description = "Of one strategy, by its number." };
        var of = new Option<string?>("--instrument") { Description = "Of one instrument, as BTC-USDT.OKX." };
        var command = new Command(verb, description) { node, why, venue, strategy, json };
        if (instrument) command.Options.Add(of);
        foreach (var argument in arguments) command.Arguments.Add(argument);
        command.SetAction(async (parsed, cancel) =>
        {
            var entry = NodeRegistry.Find(parsed.GetValue(node));
            var ask = new JsonObject
            {
                ["command"] = name, ["who"] = Environment.UserName, ["why"] = parsed.GetValue(why) ?? "", ["venue"] = parsed.GetValue(venue),
                ["strategy"] = parsed.GetValue(strategy), ["instrument"] = instrument ? parsed.GetValue(of) : null,
            };
            if (arguments.Length > 0) ask["name"] = parsed.GetValue(arguments[0]);
            if (arguments.Length > 1) ask["value"] = parsed.GetValue(arguments[1]);
            var answer = await AskAsync(entry, ask, cancel);
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : $"{entry.Name}: {(string?)answer["result"]}");
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static async Task<JsonObject> AskAsync(NodeEntry entry, JsonObject ask, CancellationToken cancel)
    {
        var answer = await NodeClient.AskAsync(entry, ask, cancel);
        return (string?)answer["error"] is { } error
            ? throw new Problem(ExitCode.Refused, $"the node refused '{(string?)ask["command"]}'", entry.Socket, error, "penstock ctl limits list; penstock ctl breaker list")
            : answer;
    }

    /// <summary>Columns as wide as their widest cell.</summary>
    private static void Print(JsonArray rows, string[] columns, string none)
    {
        if (rows.Count == 0)
        {
            Console.WriteLine(none);
            return;
        }

        var cells = rows.Select(r => columns.Select(c => r![c]?.ToString() ?? "-").ToArray()).ToList();
        var widths = columns.Select((c, i) => Math.Max(c.Length, cells.Max(r => r[i].Length))).ToArray();
        Console.WriteLine(string.Join("  ", columns.Select((c, i) => c.PadRight(widths[i]))).TrimEnd());
        foreach (var row in cells) Console.WriteLine(string.Join("  ", row.Select((c, i) => c.PadRight(widths[i]))).TrimEnd());
    }
}
