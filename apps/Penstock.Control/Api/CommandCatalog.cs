using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Control.Security;
using Penstock.Trading.Risk;

namespace Penstock.Control.Api;

/// <summary>One command people may give.</summary>
/// <param name="Name">In the URL.</param>
/// <param name="Role">The least one that may ask.</param>
/// <param name="Fields">Allowed in the body besides why; anything else is refused.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="ToNode">The node's command, without who and why; null with a sentence when the body makes no sense.</param>
/// <param name="NeedsSecond">Whether this body needs a second person; the node's last limits are for comparing.</param>
internal sealed record CommandSpec(
    string Name, AccessRole Role, IReadOnlyList<string> Fields, string Summary, Func<JsonObject, (JsonObject? Command, string Wrong)> ToNode,
    Func<JsonObject, JsonObject?, bool> NeedsSecond)
{
    /// <summary>What the node is asked before a second person is: its refusal is told at once. Null asks nothing.</summary>
    public string? Check { get; init; }
}

/// <summary>
/// What can be commanded, who may, and what needs four eyes (R72, R81): whatever raises a limit, lets orders leave again after something
/// stopped them, or takes a venue's word for the truth. What stops, cancels or lowers needs one person: it must never wait.
/// </summary>
internal static class CommandCatalog
{
    private static readonly Func<JsonObject, JsonObject?, bool> Never = (_, _) => false;
    private static readonly Func<JsonObject, JsonObject?, bool> Always = (_, _) => true;

    public static IReadOnlyList<CommandSpec> All { get; } =
    [
        new("kill", AccessRole.Trader, ["venue", "strategy"], "Stops new orders at once and cancels what is open.", b => Scoped("kill", b), Never),
        new("resume", AccessRole.Trader, ["venue", "strategy"], "Lets orders leave again after a kill.", b => Scoped("resume", b), Always)
        {
            Check = "scope.check",
        },
        new("cancel-all", AccessRole.Trader, ["strategy"], "Cancels all live orders, or those of a strategy.", b => Scoped("cancel-all", b), Never),
        new("limit", AccessRole.Trader, ["name", "value", "instrument", "strategy", "venue"], "Sets a named limit.", Limit, Raises)
        {
            Check = "scope.check",
        },
        new("breaker", AccessRole.Trader, ["name", "action", "instrument", "strategy", "venue"], "Arms a breaker that has tripped.", Breaker, Always)
        {
            Check = "scope.check",
        },
        new("strategy", AccessRole.Trader, StrategyCommand.Fields,
            "Switches a strategy off or on again, changes its settings, or swaps it for another version of its plugin.",
            StrategyCommand.ToNode, (b, _) => StrategyCommand.NeedsSecond(b)),
        new("order", AccessRole.Trader,
            ["action", "side", "instrument", "quantity", "type", "price", "stop", "tif", "goodForMs", "postOnly", "reduceOnly",
            "id", "orReplace"],
            "Places, cancels or modifies an order.", Order, Never),
        new("difference", AccessRole.Admin, ["instrument"],
            "Takes a venue's balances for right after a recovery found others; the instrument trades again.", Difference, Always)
        {
            Check = "approve.check",
        },
        new("fault", AccessRole.Admin, ["venue", "kind", "on"],
            "Makes a simulated venue, a reader, a queue or a process fail; never outside sim.", Fault, Never),
        new("log-level", AccessRole.Admin, ["level"], "Sets from which level on node, sidecar and control plane log.", LogLevel, Never),
        new("state", AccessRole.Admin, ["action"], "drain: cancels everything and stops the node.", State, Never),
    ];

    /// <summary>Null when everything in the body may be there; else what is wrong.</summary>
    public static string? Check(CommandSpec spec, JsonObject body)
    {
        var unknown = body.FirstOrDefault(f => f.Key != "why" && !spec.Fields.Contains(f.Key)).Key;
        if (unknown is not null) return $"'{unknown}' is no field of {spec.Name}; known: {string.Join(", ", spec.Fields)}, why";
        if (body.Any(f => f.Value is JsonObject or JsonArray)) return "every field is text, a number, true or false";
        return CheckWhy(body);
    }

    public static string? CheckWhy(JsonObject body) =>
        body.Text("why") is not { } why || why.Trim().Length == 0 || why.Length > 200 || why.Any(char.IsControl)
            ? "why is needed: 1 to 200 characters without control characters; it is journaled" : null;

    /// <summary>
    /// Larger than the node's present cap, taken away, or not comparable: then somebody else has to agree. Lowering is free. Windows, pauses and
    /// minimum counts have no safe direction, so they always count as raising.
    /// </summary>
    private static bool Raises(JsonObject body, JsonObject? limits)
    {
        var name = body.Text("name") ?? "";
        if (name.EndsWith("window", StringComparison.Ordinal) || name is "venue-pause" or "error-orders-min" or "balance-check") return true;
        if (!TryNumber(body.NumberText("value"), out var wanted)) return true;
        var of = body.Text("instrument") ?? body.Text("venue") ?? body.NumberText("strategy") ?? "";
        var rows = (limits?["limits"]?.AsArray() ?? []).Where(l => (string?)l!["name"] == name).ToList();
        // Without a cap of its own the node's holds, and one's own replaces it: compare with that.
        var row = rows.Find(l => of.Length > 0 && IsAbout(l!, of)) ?? rows.Find(l => (string?)l!["scope"] == "node");
        return row is null || !TryNumber((string?)row["cap"], out var cap) || wanted > cap;
    }

    private static bool IsAbout(JsonNode limit, string of) =>
        of.Equals((string?)limit["of"], StringComparison.OrdinalIgnoreCase) || (string?)limit["scope"] == "strategy:" + of;

    private static bool TryNumber(string? text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static (JsonObject?, string) Scoped(string command, JsonObject body, params (string Name, string? Value)[] more)
    {
        var node = new JsonObject { ["command"] = command };
        foreach (var field in (string[])["venue", "strategy", "instrument"])
        {
            if (body[field] is null) continue;
            if (body.NumberText(field) is not { Length: > 0 and <= 64 } text) return (null, $"{field} is text or a number");
            node[field] = text;
        }

        foreach (var (name, value) in more)
        {
            if (value is not { Length: > 0 and <= 64 } || value.Any(char.IsWhiteSpace) || value.Any(char.IsControl))
                return (null, $"{name} is needed, one word");
            node[name] = value;
        }

        return (node, "");
    }

    /// <summary>Nobody is asked to approve what the node could only refuse.</summary>
    private static (JsonObject?, string) Limit(JsonObject body)
    {
        var (command, wrong) = Scoped("limits.set", body, ("name", body.Text("name")), ("value", body.NumberText("value")));
        if (command is null) return (null, wrong);
        return LimitCatalog.TryParse($"{body.Text("name")} node {body.NumberText("value")}", out _, out _, out _) is { } malformed
            ? (null, malformed) : (command, "");
    }

    private static (JsonObject?, string) Breaker(JsonObject body)
    {
        if (body.Text("action") is not "arm") return (null, "action is arm");
        return body.Text("name") is { } name && LimitCatalog.Find(name) is null
            ? (null, "there is no breaker of that name; known: volatility, daily-loss, error-rate, repeated-fills, venue-failures")
            : Scoped("breaker.arm", body, ("name", body.Text("name")));
    }

    private static (JsonObject?, string) Order(JsonObject body)
    {
        if (body.Text("action") is not ("place" or "cancel" or "modify")) return (null, "action is place, cancel or modify");
        var node = new JsonObject { ["command"] = "order" };
        foreach (var (key, value) in body)
        {
            if (key != "why" && value is not null) node[key] = value.DeepClone();
        }

        return (node, "");
    }

    private static (JsonObject?, string) Difference(JsonObject body) => body.Text("instrument") is { Length: > 0 and <= 64 } instrument
        ? (new JsonObject { ["command"] = "approve", ["instrument"] = instrument }, "") : (null, "instrument is needed");

    private static (JsonObject?, string) Fault(JsonObject body) =>
        body.Text("venue") is not null && body.Text("kind") is { Length: > 0 } && body["on"] is JsonValue on && on.TryGetValue<bool>(out _)
        ? (new JsonObject { ["command"] = "fault" }, "") : (null, "venue, kind and on are needed; venue is empty where a process is killed");

    private static (JsonObject?, string) LogLevel(JsonObject body) =>
        body.Text("level") is "trace" or "debug" or "information" or "warning" or "error" or "critical"
        ? (new JsonObject { ["command"] = "log-level", ["level"] = body.Text("level") }, "")
            : (null, "level is trace, debug, information, warning, error or critical");

    private static (JsonObject?, string) State(JsonObject body) => body.Text("action") is "drain"
        ? (new JsonObject { ["command"] = "drain" }, "") : (null, "action is drain");
}
