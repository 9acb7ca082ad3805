using System.Text.RegularExpressions;
using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Time;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Sidecar;

/// <summary>What Prometheus reads, from a counter file alone; promtool itself checks a real node's page in the integration tests.</summary>
public sealed partial class ExpositionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-exposition").FullName;
    private readonly ManualClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("feed_frames", CounterKind.Total, "penstock_feed_frames_total", "counter", 1.0)]
    [InlineData("order_unknown_total", CounterKind.Total, "penstock_order_unknown_total", "counter", 1.0)]
    [InlineData("uptime_ms", CounterKind.Gauge, "penstock_uptime_seconds", "gauge", 1e3)]
    [InlineData("feed_line_late_ns_max", CounterKind.Maximum, "penstock_feed_line_late_seconds_max", "gauge", 1e9)]
    [InlineData("decision_latency_ns", CounterKind.Histogram, "penstock_decision_latency_seconds", "histogram", 1e9)]
    [InlineData("odd-näme", CounterKind.Gauge, "penstock_odd_n_me", "gauge", 1.0)]
    public void Names_get_prefix_base_unit_and_suffix(string counter, CounterKind kind, string name, string type, double divisor) =>
        Assert.Equal(new MetricName(name, type, divisor), MetricName.Of(counter, kind));

    [Theory]
    [InlineData("feed_gaps", "okx", "venue=okx")]
    [InlineData("feed_snapshots_requested", "okx 2", "venue=okx line=2")]
    [InlineData("feed_quarantined_by_cause", "okx BadChecksum", "venue=okx cause=BadChecksum")]
    [InlineData("link_open", "okx feed 2", "venue=okx session=feed line=2")]
    [InlineData("rest_sent", "okx orders", "venue=okx session=orders")]
    [InlineData("thread_work_done", "trading", "thread=trading")]
    [InlineData("risk_rejects", "OrderRate", "rule=OrderRate")]
    [InlineData("capture_events", "capture-okx", "venue=okx")]
    [InlineData("link_open", "okx two words of unknown kind", "of=okx two words of unknown kind")]
    [InlineData("something_new", "whatever", "of=whatever")]
    [InlineData("incidents", "slow-reader okx", "class=slow-reader subject=okx")]
    [InlineData("engine_inputs", "", "")]
    public void A_label_becomes_named_labels(string counter, string label, string expected) =>
        Assert.Equal(expected, string.Join(' ', MetricLabels.Of(counter, label).Select(l => $"{l.Key}={l.Value}")));

    [Fact]
    public void Text_is_escaped_and_no_family_or_series_stands_twice()
    {
        var writer = new ExpositionWriter();
        writer.Family("a_total", "counter", "back\\slash and\nnew line");
        Assert.True(writer.Sample("a_total", [("x", "quote\" back\\ line\n")], 1.5));
        Assert.False(writer.Sample("a_total", [("x", "quote\" back\\ line\n")], 2));
        writer.Family("b", "gauge", "other");
        writer.Sample("b", [], double.PositiveInfinity);
        Assert.Equal(
            "# HELP a_total back\\\\slash and\\nnew line\n# TYPE a_total counter\na_total{x=\"quote\\\" back\\\\ line\\n\"} 1.5\n"
            + "# HELP b other\n# TYPE b gauge\nb +Inf\n", writer.ToString());
        Assert.Throws<InvalidOperationException>(() => writer.Family("b", "gauge", "again"));
    }

    [Fact]
    [Trait("requirement", "R54")]
    [Trait("requirement", "R55")]
    public void A_histogram_has_cumulative_buckets_sum_and_count_that_agree()
    {
        using var file = File();
        file.Add(NodeCounters.Trusted.Id).Set(1);
        var histogram = file.AddHistogram(NodeCounters.DecisionNs.Id);
        foreach (var ns in new long[] { 700, 999, 1_500, 90_000, 3_000_000, 60_000_000_000 }) histogram.Record(ns);
        var page = Page();
        Assert.Contains("# TYPE penstock_decision_latency_seconds histogram\n", page, StringComparison.Ordinal);
        var buckets = Bucket().Matches(page).Select(m => long.Parse(m.Groups[2].Value)).ToList();
        Assert.Equal(LatencyBounds.Ns.Length + 1, buckets.Count);
        Assert.Equal(buckets.Order(), buckets);
        Assert.Contains("_bucket{le=\"1E-06\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"0.0001\"} 4\n", page, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"10\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"+Inf\"} 6\n", page, StringComparison.Ordinal);
        Assert.Contains("penstock_decision_latency_seconds_count 6\n", page, StringComparison.Ordinal);
        Assert.Contains($"penstock_decision_latency_seconds_sum {ExpositionWriter.Number(histogram.Sum / 1e9)}\n", page, StringComparison.Ordinal);
    }

    /// <summary>The clever pass over the buckets against asking every value, with the error a bucket allows.</summary>
    [Fact]
    public void Counts_up_to_a_bound_are_never_too_early_and_at_most_a_bucket_too_late()
    {
        var random = new Random(5);
        var histogram = new Histogram();
        var values = Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(random.NextDouble() * 25)).ToList();
        foreach (var value in values) histogram.Record(value);
        var counts = new long[LatencyBounds.Ns.Length];
        histogram.CountsUpTo(LatencyBounds.Ns, counts);
        for (var i = 0; i < counts.Length; i++)
            Assert.InRange(counts[i], values.Count(v => v <= LatencyBounds.Ns[i] * (1 - 1 / 128.0) - 1), values.Count(v => v <= LatencyBounds.Ns[i]));
    }

    [Fact]
    [Trait("requirement", "R59")]
    [Trait("requirement", "R52")]
    public void Figures_of_a_warm_up_are_marked_untrusted_until_the_node_was_ready()
    {
        using var file = File();
        var trusted = file.Add(NodeCounters.Trusted.Id);
        file.Add(NodeCounters.State.Id).Set(1);
        file.Add(NodeCounters.Gaps.Id, "okx").Set(3);
        var page = Page();
        Assert.Contains("penstock_feed_gaps_total{venue=\"okx\",trusted=\"0\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("penstock_trusted 0\n", page, StringComparison.Ordinal);
        Assert.Contains("penstock_lifecycle_state{state=\"WARM-UP\"} 1\n", page, StringComparison.Ordinal);
        trusted.Set(1);
        Assert.Contains("penstock_feed_gaps_total{venue=\"okx\"} 3\n", Page(), StringComparison.Ordinal);
        Assert.DoesNotContain("trusted=\"0\"", Page(), StringComparison.Ordinal);
    }

    /// <summary>The whole catalogue of a node, every counter with two labels: each family once, each series once, each line well formed.</summary>
    [Fact]
    [Trait("requirement", "R56")]
    public void Everything_a_node_can_count_makes_a_well_formed_page()
    {
        using var file = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All, 4095, 64);
        foreach (var counter in NodeCounters.All)
        {
            foreach (var label in (string[])["okx", "kraken \\ \"x\""])
            {
                if (counter.Kind == CounterKind.Histogram) file.AddHistogram(counter.Id, label).Record(1_000);
                else file.Add(counter.Id, label).Set(7);
            }
        }

        var lines = Page().TrimEnd('\n').Split('\n');
        var families = lines.Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).ToList();
        Assert.Equal(families.Distinct().Count(), families.Count);
        var series = lines.Where(l => l[0] != '#').ToList();
        Assert.All(series, l => Assert.Matches(Line(), l));
        Assert.Equal(series.Count, series.Select(l => l[..l.LastIndexOf(' ')]).Distinct().Count());
        Assert.True(families.Count >= NodeCounters.All.Count + NodeMetrics.Own.Count, $"{families.Count} families");
        Assert.All(families.Where(f => f.EndsWith("_total", StringComparison.Ordinal)), f => Assert.Contains($"# TYPE {f} counter", lines));
    }

    private CounterFile File() => CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All);

    private string Page()
    {
        using var follower = new CounterFollower(_folder, _clock);
        return new NodeMetrics(follower, new OtlpFigures()).Render();
    }

    [GeneratedRegex("""^penstock_decision_latency_seconds_bucket\{le="([^"]+)"\} (\d+)$""", RegexOptions.Multiline)]
    private static partial Regex Bucket();

    [GeneratedRegex("""^[a-z_][a-z0-9_]*(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9][0-9.]*(E[-+]?\d+)?|[-+]Inf|NaN)$""")]
    private static partial Regex Line();
}
