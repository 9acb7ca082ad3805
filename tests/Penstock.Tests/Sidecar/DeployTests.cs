using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;
using Penstock.Node.Reporting;
using Penstock.Tests.Architecture;

namespace Penstock.Tests.Sidecar;

/// <summary>
/// Goal: rules, dashboards and runbooks under deploy/ and docs/ speak of what exists. promtool checks the rest in the integration tests.
/// </summary>
[Trait("requirement", "R55")]
public partial class DeployTests
{
    private static readonly HashSet<string> Exported = [.. Names(), .. Recorded()];

    public static TheoryData<string> Dashboards =>
        [.. Directory.EnumerateFiles(Folder("grafana"), "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_metric_of_the_rules_is_exported()
    {
        foreach (var file in (string[])["recording.rules.yml", "alerts.rules.yml"])
        {
            var expressions = Expression().Matches(Read("prometheus", file)).Select(m => m.Groups[1].Value).ToList();
            Assert.NotEmpty(expressions);
            Assert.All(expressions, AssertKnown);
        }
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void A_dashboard_is_json_whose_panels_ask_for_what_is_exported(string file)
    {
        var dashboard = JsonNode.Parse(Read("grafana", file))!;
        Assert.StartsWith("penstock-", (string)dashboard["uid"]!, StringComparison.Ordinal);
        var panels = dashboard["panels"]!.AsArray();
        Assert.True(panels.Count >= 10, $"{panels.Count} panels");
        Assert.Equal(panels.Count, panels.Select(p => (int)p!["id"]!).Distinct().Count());
        foreach (var panel in panels)
        {
            Assert.NotEmpty((string)panel!["title"]!);
            Assert.NotEmpty((string)panel["description"]!);
            Assert.All(panel["targets"]!.AsArray(), target => AssertKnown((string)target!["expr"]!));
        }
    }

    [Fact]
    public void There_are_three_dashboards() => Assert.Equal(["pipeline.json", "trading.json", "venues.json"], Dashboards.Select(d => d.Data));

    [Fact]
    [Trait("requirement", "R163")]
    public void Every_alert_names_a_page_that_exists_and_is_fired_by_a_test()
    {
        var alerts = Alert().Matches(Read("prometheus", "alerts.rules.yml"));
        Assert.True(alerts.Count >= 15, $"{alerts.Count} alerts");
        var fired = Fired().Matches(Read("prometheus", "alerts.test.yml")).Select(m => m.Groups[1].Value).ToHashSet();
        foreach (Match alert in alerts)
        {
            Assert.True(File.Exists(Path.Combine(SourceTree.Root, alert.Groups[2].Value)),
                $"{alert.Groups[1].Value}: there is no {alert.Groups[2].Value}");
            Assert.Contains(alert.Groups[1].Value, fired);
        }

        Assert.Equal(alerts.Count, Regex.Count(Read("prometheus", "alerts.rules.yml"), @"- alert:"));
    }

    private static void AssertKnown(string expression)
    {
        foreach (Match name in Metric().Matches(expression))
            Assert.True(Exported.Contains(name.Value), $"{name.Value} is not exported; it stands in: {expression}");
    }

    private static IEnumerable<string> Names()
    {
        foreach (var own in NodeMetrics.Own) yield return own.Name;
        foreach (var counter in NodeCounters.All)
        {
            var metric = MetricName.Of(counter.Name, counter.Kind);
            if (counter.Kind != CounterKind.Histogram) yield return metric.Name;
            else foreach (var suffix in (string[])["_bucket", "_sum", "_count"]) yield return metric.Name + suffix;
        }
    }

    private static IEnumerable<string> Recorded() =>
        Regex.Matches(Read("prometheus", "recording.rules.yml"), @"record: (\S+)").Select(m => m.Groups[1].Value);

    private static string Folder(string name) => Path.Combine(SourceTree.Root, "deploy", name);

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(Folder(folder), file));

    [GeneratedRegex(@"\bpenstock[_:][a-zA-Z0-9_:]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"- alert: (\w+)\n(?:(?!- alert:)[\s\S])*?runbook: (docs/operations/[\w-]+\.md)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"alertname: (\w+)\n\s+exp_alerts:\n\s+- exp_labels")]
    private static partial Regex Fired();
}
