using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>The sidecar beside a real node: what Prometheus gets, and what killing either of them costs the other.</summary>
public partial class SidecarTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    [Trait("requirement", "R51")]
    [Trait("requirement", "R52")]
    [Trait("requirement", "R53")]
    [Trait("requirement", "R55")]
    [Trait("requirement", "R56")]
    [Trait("requirement", "R58")]
    public async Task Prometheus_scrapes_a_sidecar_whose_death_costs_the_node_nothing_and_which_follows_a_new_node()
    {
        using var folder = new TemporaryFolder();
        var demoPort = Tool.FreePort();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--json", "--venues", "okx,kraken", "--port", $"{demoPort}", "--data", folder.In("run"));
        var node = NodePid(await demo.WaitForAsync("Run folder"));
        await demo.WaitForAsync("READY");

        // The demo's own page, and the sidecar's, are what promtool calls good.
        await AssertPromtoolAsync($"http://127.0.0.1:{demoPort}");
        using var live = await Http.GetAsync(new Uri($"http://127.0.0.1:{demoPort}/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        await using (var first = PenstockProcess.Start(folder.In("home"), "sidecar", "--port", "0"))
        {
            var url = await UrlAsync(first);
            await AssertPromtoolAsync(url);
            await AssertPrometheusAsync(folder, url);
            var doctor = await PenstockProcess.RunAsync(folder.In("home"), "doctor");
            Assert.Equal(2, doctor.Output.Split("gives way (nice 10, batch").Length - 1);

            // Nobody asks the node, and nobody tells it: its process and session go on.
            PenstockProcess.Signal(first.Id, "KILL");
            await PenstockProcess.GoneAsync(first.Id);
        }

        var status = (await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status", "--json")).LastLine;
        Assert.Equal((node, 1), ((int)status["pid"]!, (int)status["session"]!));
        Assert.All(status["lost"]!.AsObject(), reader => Assert.Equal(0, (long)reader.Value!));

        await using var second = PenstockProcess.Start(folder.In("home"), "sidecar", "--node", folder.In("run"), "--port", "0");
        var again = await UrlAsync(second);
        Assert.Equal(1, await FigureAsync(again, "penstock_counters_generation"));
        PenstockProcess.Signal(node, "KILL");
        await Tool.UntilAsync(() => PageAsync(again),
            page => Figure(page, "penstock_counters_generation") == 2 && Figure(page, "penstock_node_up") == 1);
        Assert.Equal(2, await FigureAsync(again, "penstock_sidecar_files_opened_total"));
        await Tool.UntilAsync(() => PageAsync(again), page => Figure(page, "penstock_trusted") == 1);
        await AssertPromtoolAsync(again);
        demo.Terminate();
        Assert.Equal("READY", (string?)(await demo.EndAsync()).LastLine["state"]);
        await Tool.UntilAsync(() => PageAsync(again), page => Figure(page, "penstock_node_up") == 0);

        await AssertOrdersAreTracedAsync(folder);
        second.Terminate();
        Assert.Equal(0, (await second.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Without_counters_it_says_what_is_missing_and_with_wait_it_serves_that_there_is_no_node()
    {
        using var folder = new TemporaryFolder();
        var refused = await PenstockProcess.RunAsync(folder.In("home"), "sidecar", "--node", folder.Path, "--port", "0");
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("there are no counters to serve", refused.Errors, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(folder.In("counters"), new byte[10_000], TestContext.Current.CancellationToken);
        var foreign = await PenstockProcess.RunAsync(folder.In("home"), "sidecar", "--node", folder.Path, "--port", "0");
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("no counter file", foreign.Errors, StringComparison.Ordinal);

        await using var waiting = PenstockProcess.Start(folder.In("home"), "sidecar", "--node", folder.Path, "--port", "0", "--wait");
        var url = await UrlAsync(waiting);
        Assert.Equal(0, await FigureAsync(url, "penstock_node_up"));
        await using var proud = PenstockProcess.Start(folder.In("home"), "sidecar", "--node", folder.Path, "--port", "0", "--wait", "--keep-pace");
        await UrlAsync(proud);
        Assert.Equal((true, false), (IsBatch(waiting.Id), IsBatch(proud.Id)));
        using var live = await Http.GetAsync(new Uri(url + "/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, live.StatusCode);
        Assert.Equal("DOWN", (string?)JsonNode.Parse(await live.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["state"]);
    }

    /// <summary>The scheduling policy of a process: field 41 of proc(5), 3 for batch.</summary>
    private static bool IsBatch(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[38] == "3";

    /// <summary>A real Prometheus with the shipped rules, at a free port and in a folder of its own.</summary>
    private static async Task AssertPrometheusAsync(TemporaryFolder folder, string sidecar)
    {
        if (!Tool.Exists("prometheus"))
        {
            TestContext.Current.AddWarning("prometheus is not installed: no real one has scraped the sidecar (apt-get install prometheus)");
            return;
        }

        var rules = Path.Combine(Tool.Root, "deploy", "prometheus");
        await File.WriteAllTextAsync(folder.In("prometheus.yml"), $"""
            global: {"{"} scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms {"}"}
            rule_files: [ {rules}/recording.rules.yml, {rules}/alerts.rules.yml ]
            scrape_configs:
              - job_name: penstock
                static_configs: [ {"{"} targets: [ "{new Uri(sidecar).Authority}" ] {"}"} ]
            """, TestContext.Current.CancellationToken);
        var port = Tool.FreePort();
        using var prometheus = Tool.Start("prometheus",
            [
                $"--config.file={folder.In("prometheus.yml")}", $"--storage.tsdb.path={folder.In("tsdb")}",
                $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
            ], folder.Path);
        // Read away, or a full pipe would hold it.
        prometheus.BeginOutputReadLine();
        prometheus.BeginErrorReadLine();
        try
        {
            var api = $"http://127.0.0.1:{port}/api/v1/";
            foreach (var query in (string[])
                     ["up{job=\"penstock\"} == 1", "penstock_feed_frames_total > 0", "penstock:feed_frames:rate1m > 0", "penstock_trusted"])
            {
                var ask = new Uri(api + "query?query=" + Uri.EscapeDataString(query));
                await Tool.UntilAsync(() => Http.GetStringAsync(ask), answer => JsonNode.Parse(answer)!["data"]!["result"]!.AsArray().Count > 0);
            }

            var rulesNow = await Http.GetStringAsync(new Uri(api + "rules?type=alert"), TestContext.Current.CancellationToken);
            var groups = JsonNode.Parse(rulesNow)!["data"]!["groups"]!.AsArray();
            Assert.All(groups.SelectMany(g => g!["rules"]!.AsArray()), rule => Assert.NotEqual("err", (string?)rule!["health"]));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task AssertPromtoolAsync(string url)
    {
        var page = await PageAsync(url);
        Assert.Equal(1, Figure(page, "penstock_node_up"));
        if (!Tool.Exists("promtool")) return;
        var check = await Tool.RunAsync("promtool", ["check", "metrics"], input: page);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
    }

    /// <summary>Orders of the run over its crash, by our id and by the venue's, each with its causes in the order they happened.</summary>
    private static async Task AssertOrdersAreTracedAsync(TemporaryFolder folder)
    {
        var listed = await PenstockProcess.RunAsync(folder.In("home"), "inspect", folder.In("run/journal"), "--orders");
        var ids = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(ids);
        foreach (var id in (string[])[ids[0], ids[ids.Length / 2]])
        {
            var outcome = await PenstockProcess.RunAsync(folder.In("home"), "inspect", "order", id, "--journal", folder.In("run"), "--json");
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            var steps = outcome.LastLine["steps"]!.AsArray();
            var names = steps.Select(s => (string)s!["step"]!).ToList();
            Assert.Contains("decision", names);
            Assert.Contains("send", names);
            Assert.Contains("ack", names);
            var causes = names.Where(n => Rank(n) < 9).ToList();
            Assert.Equal(causes.OrderBy(Rank), causes);
            var since = steps.Select(s => (long?)s!["sinceTickNs"]).OfType<long>().ToList();
            Assert.All(since, ns => Assert.True(ns >= 0, outcome.Output));
            var venueId = (string)outcome.LastLine["venueOrderIds"]![0]!;
            var byVenue = await PenstockProcess.RunAsync(folder.In("home"), "inspect", "order", venueId, "--journal", folder.In("run"), "--json");
            Assert.Equal(id, (string?)byVenue.LastLine["clientOrderId"]);
        }

        static int Rank(string step) => step switch
        {
            "venue" => 0, "tick" or "cause" => 1, "book" => 2, "decision" => 3, "risk" => 4, "send" => 5, _ => 9,
        };
    }

    private static async Task<string> UrlAsync(PenstockProcess sidecar) => Url().Match(await sidecar.WaitForOutputAsync("Metrics on")).Value;

    private static Task<string> PageAsync(string url) => Http.GetStringAsync(new Uri(url + "/metrics"), TestContext.Current.CancellationToken);

    private static async Task<double?> FigureAsync(string url, string name) => Figure(await PageAsync(url), name);

    private static double? Figure(string page, string name) =>
        Regex.Match(page, $"^{name} (.+)$", RegexOptions.Multiline) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    private static int NodePid(string line) => int.Parse(Node().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bnode (\d+)\b")]
    private static partial Regex Node();

    [GeneratedRegex(@"http://[\d.]+:\d+")]
    private static partial Regex Url();
}
