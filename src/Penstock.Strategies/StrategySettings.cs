using System.Text.Json;
using System.Text.Json.Nodes;

namespace Penstock.Strategies;

/// <summary>Settings of a strategy as JSON text.</summary>
public static class StrategySettings
{
    /// <summary>The settings with the changes over them, keys in ordinal order: the same settings are the same text. Null, or what is wrong.</summary>
    public static string? Merge(string settings, string changes, out string merged)
    {
        merged = settings;
        try
        {
            if ((settings.Length == 0 ? new JsonObject() : JsonNode.Parse(settings)) is not JsonObject current || JsonNode.Parse(changes) is not JsonObject wanted)
                return "Settings are one JSON object.";
            var all = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
            foreach (var (key, value) in current) all[key] = value?.DeepClone();
            foreach (var (key, value) in wanted) all[key] = value?.DeepClone();
            merged = new JsonObject(all).ToJsonString();
            return null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return $"The settings are no JSON: {e.Message}";
        }
    }
}
