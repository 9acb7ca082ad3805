using System.Globalization;
using System.Text;
using System.Text.Json;
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
            var settings = body["settings"] is JsonObject named ? SettingsOf(named) : SettingsOf(body.Text("settings") ?? "");
            if (settings is null || (action == "set" && settings.Count == 0))
            {
                return (null, "settings is an object of keys and values, or text: key=value, several with blanks between them, "
                    + "a value with blanks in \"quotes\"");
            }

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

    private static JsonObject? SettingsOf(JsonObject named)
    {
        var settings = new JsonObject();
        foreach (var (key, value) in named)
        {
            if (key.Length == 0 || value is not JsonValue || value.GetValueKind() == JsonValueKind.Null) return null;
            var text = value.GetValueKind() == JsonValueKind.String ? (string)value! : value.ToJsonString();
            if (key.Any(char.IsControl) || text.Any(char.IsControl)) return null;
            settings[key] = text;
        }

        return settings;
    }

    /// <summary>Quotes, around a value or the whole setting, keep blanks; null when one is not closed, or a setting has no key.</summary>
    private static JsonObject? SettingsOf(string text)
    {
        var settings = new JsonObject();
        var setting = new StringBuilder();
        var isQuoted = false;
        foreach (var c in text.Append(' '))
        {
            if (char.IsControl(c)) return null;
            if (c == '"') isQuoted = !isQuoted;
            else if (c != ' ' || isQuoted) setting.Append(c);
            if (c != ' ' || isQuoted || setting.Length == 0) continue;
            var whole = setting.ToString();
            var equals = whole.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) return null;
            settings[whole[..equals]] = whole[(equals + 1)..];
            setting.Clear();
        }

        return isQuoted ? null : settings;
    }
}
