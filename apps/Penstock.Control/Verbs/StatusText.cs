using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.Control.Verbs;

/// <summary>A node's status in one line of text.</summary>
internal static class StatusText
{
    public static string Line(JsonObject status)
    {
        var inputs = status["inputs"];
        var orders = status["orders"];
        var books = status["books"];
        var latency = status["decisionLatencyNs"];
        return string.Create(CultureInfo.InvariantCulture,
            $"{(string?)status["state"],-8} frames {Number(status["frames"])}  events {Number(status["events"])}  books {Number(books?["synced"])} synced  " +
            $"orders {Number(orders?["sent"])} sent {Number(orders?["acked"])} acked {Number(orders?["rejected"])} rejected  fills {Number(status["fills"])}  " +
            $"shed {Number(inputs?["shed"])} quarantined {Number(inputs?["quarantined"])} gaps {Number(books?["gaps"])}  " +
            $"decision p50 {Microseconds(latency?["p50"])} p99 {Microseconds(latency?["p99"])}");
    }

    public static string Number(JsonNode? node) => node is null ? "-" : node.GetValue<long>().ToString("N0", CultureInfo.InvariantCulture);

    public static string Microseconds(JsonNode? ns) =>
        ns is null ? "-" : (ns.GetValue<long>() / 1000.0).ToString("N1", CultureInfo.InvariantCulture) + " µs";
}
