using System.CommandLine;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Verbs;

/// <summary>
/// penstock ctl order: place, cancel, modify, get and list orders of a running node. What changes something is journaled with who, why and a
/// key: the same key again does nothing twice, so a command without an answer is simply repeated.
/// </summary>
internal static class CtlOrderVerb
{
    public static Command Create()
    {
        var command = new Command("order", "Places, cancels, changes and shows orders of a running node.");
        command.Subcommands.Add(Place());
        command.Subcommands.Add(Cancel());
        command.Subcommands.Add(Modify());
        command.Subcommands.Add(Get());
        command.Subcommands.Add(List());
        return command;
    }

    private static Command Place()
    {
        var side = Word("--side", "buy or sell.", "buy", "sell");
        side.Required = true;
        var instrument = new Option<string>("--instrument") { Description = "For instance BTC-USDT.binance.", Required = true };
        var quantity = new Option<string>("--quantity") { Description = "In the base asset.", Required = true };
        var type = Word("--type", "limit, market, stop or stop-limit; limit without it.", "limit", "market", "stop", "stop-limit");
        var price = new Option<string?>("--price") { Description = "Limit price." };
        var stop = new Option<string?>("--stop") { Description = "Where a stop order wakes; the engine holds it until then." };
        var force = Word("--tif", "gtc, ioc or fok; gtc without it.", "gtc", "ioc", "fok");
        var goodForMs = new Option<long?>("--good-for-ms") { Description = "The engine cancels the order after this time." };
        var postOnly = new Option<bool>("--post-only") { Description = "Never takes." };
        var reduceOnly = new Option<bool>("--reduce-only") { Description = "Only takes the position down." };
        return Change("place", "Places an order.", [side, instrument, quantity, type, price, stop, force, goodForMs, postOnly, reduceOnly], parsed =>
            new JsonObject
        {
            ["side"] = parsed.GetValue(side), ["instrument"] = parsed.GetValue(instrument), ["quantity"] = parsed.GetValue(quantity),
                ["type"] = parsed.GetValue(type),
            ["price"] = parsed.GetValue(price), ["stop"] = parsed.GetValue(stop), ["tif"] = parsed.GetValue(force),
                ["goodForMs"] = parsed.GetValue(goodForMs),
            ["postOnly"] = parsed.GetValue(postOnly) ? true : null, ["reduceOnly"] = parsed.GetValue(reduceOnly) ? true : null,
        });
    }

    private static Command Cancel()
    {
        var id = Id();
        return Change("cancel", "Cancels an order.", [id], parsed => new JsonObject { ["id"] = parsed.GetValue(id) });
    }

    private static Command Modify()
    {
        var id = Id();
        var price = new Option<string?>("--price") { Description = "The new limit price; without it the price stays." };
        var quantity = new Option<string?>("--quantity")
        {
            Description = "The new total quantity, what is filled included; without it the quantity stays.",
        };
        var stop = new Option<string?>("--stop")
        {
            Description = "The new stop price of an order the engine holds; without it the stop price stays.",
        };
        var orReplace = new Option<bool>("--or-replace") { Description = "Cancel and place anew where the venue cannot change orders." };
        return Change("modify", "Changes a resting or held order.", [id, price, quantity, stop, orReplace], parsed => new JsonObject
        {
            ["id"] = parsed.GetValue(id), ["price"] = parsed.GetValue(price), ["quantity"] = parsed.GetValue(quantity),
            ["stop"] = parsed.GetValue(stop), ["orReplace"] = parsed.GetValue(orReplace) ? true : null,
        });
    }

    private static Command Get()
    {
        var (node, json, id) = (VerbOptions.Node(), VerbOptions.Json(), Id());
        var command = new Command("get", "Shows one order, ended ones too while they are remembered.") { id, node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await AskAsync(parsed.GetValue(node), new JsonObject { ["action"] = "get", ["id"] = parsed.GetValue(id) }, cancel);
            Console.WriteLine(parsed.GetValue(json) ? answer["result"]!.ToJsonString() : Line(answer["result"]!));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command List()
    {
        var (node, json) = (VerbOptions.Node(), VerbOptions.Json());
        var command = new Command("list", "Shows all active orders, held ones too.") { node, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await AskAsync(parsed.GetValue(node), new JsonObject { ["action"] = "list" }, cancel);
            if (parsed.GetValue(json)) Console.WriteLine(answer["result"]!.ToJsonString());
            else foreach (var order in answer["result"]!.AsArray()) Console.WriteLine(Line(order!));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Command Change(string action, string description, Option[] options, Func<ParseResult, JsonObject> fields)
    {
        var (node, json) = (VerbOptions.Node(), VerbOptions.Json());
        var reason = new Option<string>("--why", "--reason") { Description = "Why; journaled with the command.", Required = true };
        var key = new Option<string?>("--key")
        {
            Description = "Yours, up to 64 characters: repeated with the same key, a command does nothing twice. A new one without it.",
        };
        var command = new Command(action, description) { reason, key, node, json };
        foreach (var option in options) command.Options.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            var ask = fields(parsed);
            foreach (var absent in ask.Where(f => f.Value is null).Select(f => f.Key).ToList()) ask.Remove(absent);
            ask["action"] = action;
            ask["who"] = Environment.UserName;
            ask["why"] = parsed.GetValue(reason);
            ask["key"] = parsed.GetValue(key) ?? Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(12));
            var answer = await AskAsync(parsed.GetValue(node), ask, cancel);
            Console.WriteLine(parsed.GetValue(json) ? answer.ToJsonString() : (string?)answer["result"]);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static async Task<JsonObject> AskAsync(string? node, JsonObject ask, CancellationToken cancel)
    {
        var entry = NodeRegistry.Find(node);
        var action = (string?)ask["action"];
        ask["command"] = "order";
        var answer = await NodeClient.AskAsync(entry, ask, cancel);
        if ((string?)answer["error"] is not { } error) return answer;
        var key = (string?)ask["key"] is { } given ? $" (key {given})" : "";
        throw new Problem(ExitCode.Refused, $"the node refused 'order {action}'{key}", entry.Socket, error, "penstock ctl order list");
    }

    private static Option<string> Id() => new("--id") { Description = "The order's id, as list shows it.", Required = true };

    private static Option<string?> Word(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static string Line(JsonNode order) =>
        $"{(string?)order["id"]}  {(string?)order["side"]} {order["quantity"]} {(string?)order["symbol"]} @ {order["price"]}  "
        + $"filled {order["filled"]}  {(string?)order["state"]}";
}
