using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>A network path's figures as people read them: milliseconds, a dash for what is not known.</summary>
internal static class PathText
{
    private const double NsPerMs = 1e6;

    public static string Ms(JsonNode? ns) =>
        Value(ns) is { } value ? (value / NsPerMs).ToString(value < 100_000_000 ? "F2" : "F0", CultureInfo.InvariantCulture) : "-";

    /// <summary>The venue's clock minus ours: middle and error bound; ≥ where only one side is known.</summary>
    public static string Clock(JsonNode? network) => (Value(network?["clockOffsetNsMin"]), Value(network?["clockOffsetNsMax"])) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture,
            $"{(low + high) / 2 / NsPerMs:+0.0;-0.0;0.0}±{(high - low) / 2 / NsPerMs:0.0}"),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"≥{low / NsPerMs:+0.0;-0.0;0.0}"),
        _ => "-",
    };

    /// <summary>One line per venue, of what a node or a probe reports of its paths.</summary>
    public static IEnumerable<string> Table(JsonObject venues)
    {
        yield return $"{"venue",-14} {"tcp ms",8} {"tls ms",8} {"upgrade",8} {"ping ms",8} {"p99 ms",8} {"jitter",7} {"gap p99",8} {"gap max",8} {"clock offset ms",18} {"exchange → us ms",18}";
        foreach (var (name, venue) in venues)
        {
            if (venue?["network"] is not { } path)
            {
                yield return $"{name,-14} {(string?)venue?["state"]} {(string?)venue?["why"]}";
                continue;
            }

            var clock = Clock(path) + (path["clockSteps"] is JsonValue steps && steps.GetValue<long>() > 0 ? $" stepped {steps}×" : "");
            var delay = path["exchangeDelayNsMax"] is null ? "-" : $"{Ms(path["exchangeDelayNsMin"])} … {Ms(path["exchangeDelayNsMax"])}";
            yield return $"{name,-14} {Ms(path["connectNs"]),8} {Ms(path["tlsNs"]),8} {Ms(path["upgradeNs"]),8} {Ms(path["pingNs"]),8} {Ms(path["pingNsP99"]),8} " +
                $"{Ms(path["jitterNs"]),7} {Ms(path["gapsNs"]?["p99"]),8} {Ms(path["gapsNs"]?["max"]),8} {clock,18} {delay,18}";
        }
    }

    private static double? Value(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var ns) ? ns : null;
}
