using System.Globalization;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>The overview as text, usable at 80×24: stages with rate, loss and latency first, then venues, then orders.</summary>
internal static class TopScreen
{
    public static IReadOnlyList<string> Render(NodeEntry node, JsonObject? before, JsonObject now, int width)
    {
        var lines = new List<string>
        {
            $"PENSTOCK  {node.Name}  pid {node.Pid}  {(string?)now["environment"]}  {(string?)now["state"]}  up {Uptime(now)}",
            "",
            Stage("ingress", Rate(before, now, "frames"), $"frames {Number(now, "frames")}"),
            Stage("quality", Rate(before, now, "inputs", "applied"),
                $"dup {Number(now, "inputs", "duplicate")} stale {Number(now, "inputs", "stale")} quarantined {Number(now, "inputs", "quarantined")} shed {Number(now, "inputs", "shed")}"),
            Stage("ring", Rate(before, now, "events"), $"events {Number(now, "events")}  lost {Lost(now)}"),
            Stage("books", "", $"synced {Number(now, "books", "synced")} crossed {Number(now, "books", "crossed")} gaps {Number(now, "books", "gaps")} resyncs {Number(now, "books", "resyncs")}"),
            Stage("decision", "", Latency(now["decisionLatencyNs"])),
            Stage("orders", Rate(before, now, "orders", "sent"),
                $"sent {Number(now, "orders", "sent")} acked {Number(now, "orders", "acked")} filled {Number(now, "orders", "filled")} cancelled {Number(now, "orders", "cancelled")} rejected {Number(now, "orders", "rejected")} unknown {Number(now, "orders", "unknown")}"),
            Stage("execution", "", Latency(now["executionLatencyNs"])),
            Stage("journal", Rate(before, now, "journal", "records"), $"records {Number(now, "journal", "records")}  {Number(now, "journal", "bytes")} B"),
            "",
        };
        lines.Add($"{"venue",-10} {"feed",-6} {"frames",9} {"age",5} {"ping ms",7} {"jitter",6} {"clock ms",12} {"books",5} {"gaps",4} {"orders",-6}");
        foreach (var (name, venue) in now["venueDetails"]?.AsObject() ?? [])
        {
            var path = venue?["network"];
            lines.Add($"{name,-10} {(string?)venue?["state"],-6} {StatusText.Number(venue?["frames"]),9} {StatusText.Number(venue?["ageMs"]),5} " +
                $"{PathText.Ms(path?["pingNs"]),7} {PathText.Ms(path?["jitterNs"]),6} {PathText.Clock(path),12} " +
                $"{StatusText.Number(venue?["synced"]),5} {StatusText.Number(venue?["gaps"]),4} {(string?)venue?["orderSession"],-6}");
        }

        lines.Add("");
        lines.Add($"{"position",-22} {"quantity",16} {"realised",14} {"unrealised",14}");
        foreach (var position in (now["positions"]?.AsArray() ?? []).Take(6))
        {
            lines.Add($"{(string?)position?["instrument"],-22} {(string?)position?["quantity"],16} {(string?)position?["realised"],14} {(string?)position?["unrealised"],14}");
        }

        return [.. lines.Select(l => l.Length <= width ? l : l[..width])];
    }

    private static string Stage(string name, string rate, string text) => $"{name,-10} {rate,12}  {text}";

    private static string Number(JsonObject from, params ReadOnlySpan<string> path) => StatusText.Number(At(from, path));

    private static string Rate(JsonObject? before, JsonObject now, params ReadOnlySpan<string> path)
    {
        var elapsedMs = before is null ? 0 : (now["uptimeMs"]?.GetValue<long>() ?? 0) - (before["uptimeMs"]?.GetValue<long>() ?? 0);
        if (elapsedMs <= 0 || At(now, path) is not { } latest || At(before!, path) is not { } earlier) return "";
        return ((latest.GetValue<long>() - earlier.GetValue<long>()) * 1000 / elapsedMs).ToString("N0", CultureInfo.InvariantCulture) + "/s";
    }

    private static JsonNode? At(JsonObject from, ReadOnlySpan<string> path)
    {
        JsonNode? node = from;
        foreach (var key in path) node = node?[key];
        return node;
    }

    private static string Latency(JsonNode? ns) =>
        $"p50 {StatusText.Microseconds(ns?["p50"])}  p99 {StatusText.Microseconds(ns?["p99"])}  p99.9 {StatusText.Microseconds(ns?["p999"])}  max {StatusText.Microseconds(ns?["max"])}";

    private static string Lost(JsonObject now) => (now["lost"]?.AsObject() ?? []).Sum(r => r.Value?.GetValue<long>() ?? 0).ToString("N0", CultureInfo.InvariantCulture);

    private static string Uptime(JsonObject now) => TimeSpan.FromMilliseconds(now["uptimeMs"]?.GetValue<long>() ?? 0).ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
}
