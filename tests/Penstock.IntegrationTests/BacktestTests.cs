using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>Back tests, tear sheets and comparisons through the real programs.</summary>
public class BacktestTests
{
    private static readonly string Recordings = Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS") is { Length: > 0 } set ? set : Path.Combine(Root(), "..", "shared", "recordings");

    [Fact]
    [Trait("requirement", "R92")]
    [Trait("requirement", "R118")]
    public async Task A_back_test_over_recordings_is_the_same_twice_and_its_tear_sheet_opens_offline()
    {
        string[] files = [Recording("binance-spot.hft-btcusdt-20240808.jsonl.gz"), Recording("binance-usdm.hft-btcusdt-20240808.jsonl.gz")];
        using var folder = new TemporaryFolder();
        var first = await Replay(folder, "a", files);
        var second = await Replay(folder, "b", files);
        foreach (var key in new[] { "stateHash", "ordersDigest", "orders", "fills", "positions", "pnl", "events", "gaps", "crossed", "staleness" })
            Assert.True(JsonNode.DeepEquals(first[key], second[key]), $"{key}: {first[key]?.ToJsonString()} and then {second[key]?.ToJsonString()}");
        Assert.True((long)first["orders"]!["placed"]! > 100, "hardly an order was placed");
        Assert.True((long)first["fills"]! > 0, "nothing was filled");

        var replay = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("a/journal"), "--json");
        Assert.Equal(0, replay.ExitCode);
        Assert.Equal((string?)first["stateHash"], (string?)replay.LastLine["stateHash"]);

        var page = folder.In("sheet.html");
        var report = await PenstockProcess.RunAsync(folder.In("home"), "report", folder.In("a/journal"), "--out", page);
        Assert.True(report.ExitCode == 0, report.Errors);
        Assert.InRange(new FileInfo(page).Length, 10_000, 400_000);
        var figures = await PenstockProcess.RunAsync(folder.In("home"), "report", folder.In("a/journal"), "--json");
        Assert.Equal((long)first["fills"]!, (long)figures.LastLine["fills"]!);
        Assert.Equal((int)first["fills"]!, figures.LastLine["fillList"]!.AsArray().Count);
        var list = await PenstockProcess.RunAsync(folder.In("home"),
            "report", folder.In("a/journal"), "--csv", "--list", "fills", "--out", folder.In("fills.csv"));
        Assert.True(list.ExitCode == 0, list.Errors);
        Assert.Equal((int)first["fills"]! + 1, (await File.ReadAllLinesAsync(folder.In("fills.csv"))).Length);
        await OpensOffline(page, folder);
    }

    [Fact]
    [Trait("requirement", "R92")]
    public async Task A_demo_is_compared_order_by_order_with_the_simulated_execution()
    {
        using var folder = new TemporaryFolder();
        var demo = await PenstockProcess.RunAsync(folder.In("home"), "demo", "--duration", "30s", "--json", "--port", "0", "--no-ui", "--data", folder.In("run"));
        Assert.True(demo.ExitCode == 0, demo.Errors);
        var compare = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("run/journal"), "--compare", "--json");
        Assert.True(compare.ExitCode == 0, compare.Errors);
        var report = compare.LastLine;
        var orders = (int)report["orders"]!;
        var agreement = report["agreement"]!;
        Assert.True(orders > 0, "the demo sent no order");
        Assert.Equal(orders, (int)agreement["bothFilled"]! + (int)agreement["onlyLive"]! + (int)agreement["onlySimulated"]! + (int)agreement["neither"]!);
        Assert.Equal(orders, report["perOrder"]!.AsArray().Count);
        var inspected = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("run/journal"), "--json");
        Assert.Equal((long)inspected.LastLine["fills"]!, (long)report["live"]!["fills"]!);
    }

    [Fact]
    public async Task A_recording_without_a_strategy_and_a_strategy_nobody_knows_are_explained()
    {
        var file = Recording("kraken-spot.cf-20210417.jsonl.gz");
        using var folder = new TemporaryFolder();
        var none = await PenstockProcess.RunAsync(folder.In("home"), "replay", file);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("--strategy", none.Errors, StringComparison.Ordinal);
        var unknown = await PenstockProcess.RunAsync(folder.In("home"), "replay", file, "--strategy", "market-makin");
        Assert.Equal(4, unknown.ExitCode);
        Assert.Contains("did you mean 'market-making'?", unknown.Errors, StringComparison.Ordinal);
        var nothing = await PenstockProcess.RunAsync(folder.In("home"),
            "replay", file, "--strategy", "market-making", "--from", "2030-01-01T00:00:00Z", "--data", folder.In("later"));
        Assert.Equal(4, nothing.ExitCode);
        Assert.Contains("the source covers 2021-04-", nothing.Errors, StringComparison.Ordinal);
        var limit = await PenstockProcess.RunAsync(folder.In("home"),
            "replay", file, "--strategy", "market-making", "--limit", "order-quantity=0", "--data", folder.In("limited"), "--json");
        Assert.True(limit.ExitCode == 0, limit.Errors);
        Assert.Equal(0, (long)limit.LastLine["orders"]!["placed"]!);
        var missing = await PenstockProcess.RunAsync(folder.In("home"), "report", folder.In("nowhere"));
        Assert.Equal(4, missing.ExitCode);
    }

    /// <summary>Chromium without a network: the page is drawn as it is in the file, and asks for nothing.</summary>
    private static async Task OpensOffline(string page, TemporaryFolder folder)
    {
        var chromium = Environment.GetEnvironmentVariable("PENSTOCK_CHROMIUM") ?? "/usr/bin/chromium";
        if (!File.Exists(chromium)) Assert.Skip("Chromium is not here: apt-get install chromium, or set PENSTOCK_CHROMIUM. Everything before the screenshot was checked.");
        var picture = folder.In("sheet.png");
        var netLog = folder.In("net.json");
        string[] common = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", $"--user-data-dir={folder.In("chromium")}"];
        await Run(chromium, [.. common, "--window-size=1300,4000", $"--screenshot={picture}", $"--log-net-log={netLog}", new Uri(page).AbsoluteUri]);
        Assert.True(File.Exists(picture) && new FileInfo(picture).Length > 50_000, "the screenshot is empty, or was not taken");
        // The browser looks for its own updates, time and dictionaries at its maker's; the page must ask for nothing, from anywhere.
        var requests = Regex.Matches(await File.ReadAllTextAsync(netLog), "\"url\":\"(?:https?|wss?)://([^/\"]*)[^\"]*\"").Where(m => !IsBrowsersOwn(m.Groups[1].Value)).Select(m => m.Value).ToList();
        Assert.True(requests.Count == 0, $"the page asked for {string.Join(", ", requests.Take(5))}");
        var dom = await Run(chromium, [.. common, "--dump-dom", new Uri(page).AbsoluteUri]);
        Assert.True(Regex.Count(dom, "<section ") >= 20, "fewer than 20 blocks were drawn");
        Assert.True(Regex.Count(dom, "<svg ") >= 15, "fewer than 15 charts were drawn");
        Assert.Equal(Regex.Count(dom, "<svg "), Regex.Count(dom, "<desc>"));
    }

    private static bool IsBrowsersOwn(string host) => Array.Exists(["google.com", "gvt1.com", "googleapis.com", "gstatic.com"], h => host.EndsWith(h, StringComparison.Ordinal));

    private static async Task<string> Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await errors;
        return output;
    }

    private static async Task<JsonObject> Replay(TemporaryFolder folder, string name, string[] files)
    {
        var outcome = await PenstockProcess.RunAsync(folder.In("home"),
            ["replay", .. files, "--strategy", "market-making", "--set", "spreadBps=0.5", "--data", folder.In(name), "--json"]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.LastLine;
    }

    private static string Recording(string name)
    {
        var file = Path.Combine(Recordings, name);
        if (!File.Exists(file)) Assert.Skip($"the recording {name} is not here (PENSTOCK_RECORDINGS)");
        return Path.GetFullPath(file);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
