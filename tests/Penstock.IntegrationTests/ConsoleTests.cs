using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Penstock.IntegrationTests;

/// <summary>
/// The web console as people meet it: in Chromium, against a running demo. What is done there is apps/console/e2e/console.mjs; what
/// is asked of it stands here.
/// </summary>
public sealed partial class ConsoleTests
{
    private static readonly string ConsoleFolder = Path.Combine(Root(), "apps", "console");

    /// <summary>The console's own tests: figures, store, decoding. They need no browser.</summary>
    [Fact]
    public async Task The_consoles_own_tests_hold()
    {
        NodeIsHere();
        var outcome = await RunNodeAsync([Path.Combine("node_modules", "vitest", "vitest.mjs"), "run", "--reporter=json"]);
        var report = JsonNode.Parse(outcome.Output[outcome.Output.IndexOf('{')..])!;
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        Assert.True((int)report["numPassedTests"]! >= 25, $"only {report["numPassedTests"]} tests ran");
    }

    /// <summary>
    /// Every panel of the six screens has data (what a healthy demo has none of says so); no error, no request elsewhere, nothing refused by the
    /// page's policy, no serious finding of axe in light and dark; a kill by keyboard alone reaches the node's audit trail.
    /// With PENSTOCK_PICTURES set, the pictures in docs/images are taken anew.
    /// </summary>
    [Fact]
    [Trait("requirement", "E13")]
    [Trait("requirement", "E27")]
    [Trait("requirement", "R145")]
    public async Task Every_panel_receives_data_and_the_keyboard_alone_kills()
    {
        var chromium = Chromium();
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--duration", "20m", "--port", "0", "--data", folder.In("run"), "--json");
        var url = Address().Match(await demo.WaitForAsync("Console on ")).Value;
        var token = (await demo.WaitForAsync("Token of its first admin")).Split(' ')[^1];
        await SaysItsPolicy(url);
        await demo.WaitForAsync("READY");
        await GivesItSomethingToShow(url, token, folder);

        var isPictured = Environment.GetEnvironmentVariable("PENSTOCK_PICTURES") is not null;
        string[] pictures = isPictured ? ["--pictures", Path.Combine(Root(), "docs", "images")] : [];
        var outcome = await RunNodeAsync([Path.Combine("e2e", "console.mjs"), url, token, "--kill", "--exports", folder.Path, .. pictures], chromium);
        Assert.True(outcome.Output.Length > 0, outcome.Errors);
        var found = outcome.LastLine;
        Assert.True((bool)found["held"]!, string.Join('\n', found["failures"]!.AsArray()));
        Assert.Equal(39, found["panels"]!.AsObject().Count);
        // Of a healthy node there may be no alarm and no refused order; everything else has something to show.
        Assert.Empty(found["panels"]!.AsObject().Where(p => (string?)p.Value != "data" && p.Key is not ("overview/alarms" or "risk/rejects"))
            .Select(p => $"{p.Key}: {p.Value}"));
        Assert.Equal(10, (int)found["ladderVenues"]!);
        foreach (var export in (string[])["audit.json", "audit.csv"])
        {
            var verified = await PenstockProcess.RunAsync(folder.In("home"), "verify", folder.In(export), "--json");
            Assert.True(verified is { ExitCode: 0 } && (bool)verified.LastLine["ok"]! && (long)verified.LastLine["auditRecords"]! > 1,
                verified.Output + verified.Errors);
        }

        Assert.Contains("ill", (string)found["kill"]!, StringComparison.Ordinal);
        demo.Terminate();
        await demo.EndAsync();
    }

    /// <summary>A tear sheet of the run so far, and a command that waits for a second person.</summary>
    private static async Task GivesItSomethingToShow(string url, string token, TemporaryFolder folder)
    {
        var report = await PenstockProcess.RunAsync(folder.In("home"), "report", folder.In("run/journal"), "--out", folder.In("run/report.html"));
        Assert.True(report.ExitCode == 0, report.Errors);
        await SomethingGoesWrong(folder);
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var asked = 0;
        const string raise = """{"name":"daily-loss","value":"1000000","why":"to be seen on screen"}""";
        Assert.Equal(HttpStatusCode.Accepted, await Ask("limit", raise));
        // What the node could only refuse waits for nobody.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Ask("difference", """{"instrument":"BTC-USDT.NOWHERE","why":"a slip"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Ask("difference", """{"instrument":"BTC-USDT.OKX","why":"there is none"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Ask("resume", """{"venue":"nowhere","why":"a slip"}"""));

        async Task<HttpStatusCode> Ask(string command, string body)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/commands/{command}");
            ask.Headers.Add("Authorization", $"Bearer {token}");
            ask.Headers.Add("Idempotency-Key", $"console-test-{++asked}");
            ask.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(ask, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    /// <summary>A quiet machine has no incident to show: one is made, and waited for, by asking the node.</summary>
    private static async Task SomethingGoesWrong(TemporaryFolder folder)
    {
        var fault = await PenstockProcess.RunAsync(
            folder.In("home"), "ctl", "fault", "ExecutionBacklog", "--why", "to be seen on screen", "--node", folder.In("run"));
        Assert.True(fault.ExitCode == 0, fault.Errors);
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var status = await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status", "--json", "--node", folder.In("run"));
            if (status.LastLine["incidents"] is JsonArray { Count: > 0 }) return;
        }

        Assert.Fail("An injected backlog was not counted.");
    }

    /// <summary>The page itself: small, compressed when asked, and under a policy that allows this origin and nothing else.</summary>
    private static async Task SaysItsPolicy(string url)
    {
        using var http = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new Uri(url) };
        var page = await http.GetAsync("/", TestContext.Current.CancellationToken);
        var policy = string.Join(' ', page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (!html.Contains("/assets/", StringComparison.Ordinal)) Assert.Skip("This build has no console in it: npm could not fetch its packages.");

        long bytes = html.Length;
        foreach (Match asset in Assets().Matches(html))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, asset.Value);
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("gzip", answer.Content.Headers.ContentEncoding);
            bytes += (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
        }

        Assert.InRange(bytes, 10_000, 150 * 1024);
    }

    /// <summary>Where the browser is; skips the test where it, or Node, is missing.</summary>
    internal static string Chromium()
    {
        NodeIsHere();
        var chromium = Environment.GetEnvironmentVariable("PENSTOCK_CHROMIUM") ?? "/usr/bin/chromium";
        if (!File.Exists(chromium)) Assert.Skip("Chromium is not here: apt-get install chromium, or set PENSTOCK_CHROMIUM.");
        return chromium;
    }

    private static void NodeIsHere()
    {
        if (!Directory.Exists(Path.Combine(ConsoleFolder, "node_modules")))
            Assert.Skip("apps/console/node_modules is not here: Node or the npm registry was missing at the build.");
    }

    internal static async Task<Outcome> RunNodeAsync(string[] arguments, string? chromium = null)
    {
        var start = new ProcessStartInfo("node", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = ConsoleFolder,
        };
        if (chromium is not null) start.Environment["PENSTOCK_CHROMIUM"] = chromium;
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, output.TrimEnd(), await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new XunitException("no Penstock.slnx above the tests");
        return folder;
    }

    [GeneratedRegex("http://[^ ]+")]
    private static partial Regex Address();

    [GeneratedRegex("/assets/[^\"]+")]
    private static partial Regex Assets();
}
