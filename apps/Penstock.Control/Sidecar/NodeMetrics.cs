using Penstock.Infrastructure.Counters;

namespace Penstock.Control.Sidecar;

/// <summary>A metric the sidecar adds to the node's own counters.</summary>
internal sealed record OwnMetric(string Name, string Type, string Help);

/// <summary>
/// The page Prometheus reads: what the sidecar knows of the node from outside, then every counter of the file under its
/// <see cref="MetricName"/>. Figures of a node that warms up carry trusted="0" (R59); those of a dead one are left out, because a
/// repeated last value looks like a quiet market.
/// </summary>
internal sealed class NodeMetrics(CounterFollower follower, OtlpFigures otlp)
{
    /// <summary>Lifecycle states by the number of the counter node_state.</summary>
    private static readonly string[] States = ["INIT", "WARM-UP", "READY", "DEGRADED", "DRAINING", "STOPPED"];

    private static readonly (string, string) Untrusted = ("trusted", "0");

    // Figures that are true whatever the node does.
    private static readonly string[] TrustedAlways = ["trusted", "node_state", "uptime_ms"];

    private long _scrapes;

    public static readonly IReadOnlyList<OwnMetric> Own =
    [
        new("penstock_node_up", "gauge", "1 while the node's process lives and writes its counters."),
        new("penstock_lifecycle_state", "gauge", "1 for the state the node is in, 0 for the others."),
        new("penstock_counters_heartbeat_age_seconds", "gauge", "Since the node last wrote that it lives; it does so ten times a second."),
        new("penstock_counters_generation", "gauge", "Rises by one with every start of the node."),
        new("penstock_counters_malformed_lines", "gauge", "Lines of the counter file that made no sense: anything but 0 means a damaged file."),
        new("penstock_process_cpu_seconds_total", "counter", "CPU time of the node's process, by mode."),
        new("penstock_process_resident_memory_bytes", "gauge", "Memory of the node's process that lies in RAM."),
        new("penstock_process_threads", "gauge", "Threads of the node's process."),
        new("penstock_process_open_files", "gauge", "Open file descriptors of the node's process."),
        new("penstock_sidecar_build_info", "gauge", "1; the label is the version that serves this page."),
        new("penstock_sidecar_scrapes_total", "counter", "Pages served since the sidecar started."),
        new("penstock_sidecar_files_opened_total", "counter", "Counter files opened: one for each life of the node."),
        new("penstock_sidecar_otlp_pushes_total", "counter", "Pushes to the OTLP collector that were taken."),
        new("penstock_sidecar_otlp_failures_total", "counter", "Pushes to the OTLP collector that were not."),
    ];

    public string Render()
    {
        _scrapes++;
        var view = follower.Look();
        var writer = new ExpositionWriter();
        WriteOwn(writer, view);
        foreach (var family in view.Counters.GroupBy(c => c.Name).OrderBy(g => g.First().Id)) WriteFamily(writer, [.. family], view.IsTrusted);
        foreach (var family in view.Histograms.GroupBy(h => h.Reading.Name).OrderBy(g => g.First().Reading.Id))
            WriteHistograms(writer, [.. family], view.IsTrusted);
        return writer.ToString();
    }

    private void WriteOwn(ExpositionWriter writer, CounterView view)
    {
        var process = view.IsUp ? ProcessFigures.Of(view.Pid) : null;
        foreach (var metric in Own)
        {
            writer.Family(metric.Name, metric.Type, metric.Help);
            foreach (var (labels, value) in ValuesOf(metric.Name, view, process)) writer.Sample(metric.Name, labels, value);
        }
    }

    private IEnumerable<((string, string)[] Labels, double Value)> ValuesOf(string name, CounterView view, ProcessFigures? process) => name switch
    {
        "penstock_node_up" => One(view.IsUp ? 1 : 0),
        "penstock_lifecycle_state" => view.State is { } state ? States.Select((text, i) => (new[] { ("state", text) }, state == i ? 1.0 : 0.0)) : [],
        "penstock_counters_heartbeat_age_seconds" => view.Pid > 0 ? One(view.HeartbeatAgeSeconds) : [],
        "penstock_counters_generation" => view.Pid > 0 ? One(view.Generation) : [],
        "penstock_counters_malformed_lines" => view.Pid > 0 ? One(view.Malformed) : [],
        "penstock_process_cpu_seconds_total" => process is { } p
            ? [([("mode", "user")], p.UserSeconds), ([("mode", "system")], p.SystemSeconds)]
            : [],
        "penstock_process_resident_memory_bytes" => process is { } p ? One(p.ResidentBytes) : [],
        "penstock_process_threads" => process is { } p ? One(p.Threads) : [],
        "penstock_process_open_files" => process?.OpenFiles is { } files ? One(files) : [],
        "penstock_sidecar_build_info" => [([("version", typeof(NodeMetrics).Assembly.GetName().Version?.ToString(3) ?? "0")], 1)],
        "penstock_sidecar_scrapes_total" => One(_scrapes),
        "penstock_sidecar_files_opened_total" => One(follower.Opened),
        "penstock_sidecar_otlp_pushes_total" => One(otlp.Pushes),
        "penstock_sidecar_otlp_failures_total" => One(otlp.Failures),
        _ => [],
    };

    private static IEnumerable<((string, string)[] Labels, double Value)> One(double value) => [([], value)];

    private static void WriteFamily(ExpositionWriter writer, IReadOnlyList<CounterReading> family, bool isTrusted)
    {
        var first = family[0];
        var metric = MetricName.Of(first.Name, first.Kind);
        writer.Family(metric.Name, metric.Type, first.Sentence);
        foreach (var counter in family)
        {
            var labels = Labels(counter.Name, counter.Label, isTrusted);
            // Two labels that mean the same to Prometheus stay apart by the text of the second.
            if (!writer.Sample(metric.Name, labels, counter.Value / metric.Divisor))
                writer.Sample(metric.Name, [.. labels, ("of", counter.Label)], counter.Value / metric.Divisor);
        }
    }

    private static void WriteHistograms(ExpositionWriter writer, IReadOnlyList<HistogramView> family, bool isTrusted)
    {
        var first = family[0].Reading;
        var metric = MetricName.Of(first.Name, CounterKind.Histogram);
        double[] bounds = [.. LatencyBounds.Ns.Select(ns => ns / metric.Divisor)];
        writer.Family(metric.Name, metric.Type, first.Sentence);
        foreach (var (reading, counts) in family)
        {
            var labels = Labels(reading.Name, reading.Label, isTrusted);
            writer.Histogram(metric.Name, labels, bounds, counts, reading.Summary.Sum / metric.Divisor, reading.Summary.Count);
        }
    }

    private static IReadOnlyList<(string, string)> Labels(string name, string label, bool isTrusted)
    {
        var labels = MetricLabels.Of(name, label);
        return isTrusted || TrustedAlways.Contains(name) ? labels : [.. labels, Untrusted];
    }
}
