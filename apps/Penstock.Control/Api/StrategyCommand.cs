using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.Control.Api;

/// <summary>What people may do to a strategy over HTTP, in the words the node's command socket has.</summary>
internal static class StrategyCommand
{
    public static IReadOnlyList<string> Fields { get; } = ["strategy", "action", "settings", "to", "warmUpMs", "events"];

    /// <summary>What makes it trade again, or another code trade, is approved by a second person.</summary>
    public static bool NeedsSecond(JsonObject body) => body.Text("action") is "enable" or "resume" or "swap";

    /// <summary>The node's command, or null with what is wrong.</summary>
    public static (JsonObject? Command, string Wrong) ToNode(JsonObject body)
    {
        if (NumberOf(body, "strategy") is not { } number) return (null, "strategy is a number");
        var id = number.ToString(CultureInfo.InvariantCulture);
        var action = body.Text("action");
        if (action is "enable" or "disable") return (new JsonObject { ["command"] = "strategy", ["strategy"] = id, ["action"] = action }, "");
        if (action is not ("set" or "pause" or "resume" or "swap" or "cancel-swap"))
            return (null, "action is enable, disable, set, pause, resume, swap or cancel-swap");
        var node = new JsonObject { ["command"] = $"strategy.{action}", ["name"] = id };
        if (action is "set" or "swap")
        {
            if (SettingsOf(body.Text("settings") ?? "") is not { } settings || (action == "set" && settings.Count == 0))
                return (null, "settings is text: key=value, several with blanks between them");
            node["settings"] = settings;
        }

        return action == "swap" ? Swap(body, node) : (node, "");
    }

    private static (JsonObject?, string) Swap(JsonObject body, JsonObject node)
    {
        if (body.Text("to") is not { Length: > 0 and <= 200 } to || to.Any(char.IsControl))
            return (null, "to is needed: a file of the plugin folder, or a version");
        node["to"] = to;
        foreach (var field in (string[])["warmUpMs", "events"])
        {
            if (body[field] is null) continue;
            if (NumberOf(body, field) is not { } value) return (null, $"{field} is a whole number");
            node[field] = value;
        }

        return (node, "");
    }

    private static long? NumberOf(JsonObject body, string field) =>
        long.TryParse(body.NumberText(field), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonObject? SettingsOf(string text)
    {
        var settings = new JsonObject();
        foreach (var setting in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || setting.Any(char.IsControl)) return null;
            settings[setting[..equals]] = setting[(equals + 1)..];
        }

        return settings;
    }
}
