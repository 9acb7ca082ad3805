using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>The whole family as real processes on loopback: what a newcomer sees, and what kill -9 does to it.</summary>
public partial class DemoTests
{
    [Fact]
    [Trait("requirement", "R69")]
    [Trait("requirement", "R85")]
    [Trait("requirement", "R92")]
    [Trait("requirement", "R169")]
    public async Task A_demo_trades_adds_up_and_can_be_replayed_verified_and_inspected()
    {
        using var folder = new TemporaryFolder();
        var demo = await PenstockProcess.RunAsync(folder.In("home"), "demo", "--duration", "20s", "--json", "--port", "0", "--data", folder.In("run"));
        Assert.True(demo.ExitCode == 0, demo.Errors);
        var summary = demo.LastLine;
        AssertTradedCleanly(summary, demo.Errors);
        Assert.Equal(0, (long)summary["allocatedBytesHot"]!);

        var journal = (string)summary["journal"]!["path"]!;
        var replay = await PenstockProcess.RunAsync(folder.In("home"), "replay", journal, "--speed", "max", "--json");
        Assert.True(replay.ExitCode == 0, replay.Errors + replay.Output);
        Assert.Equal((string?)summary["stateHash"], (string?)replay.LastLine["stateHash"]);

        var verify = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal);
        Assert.Equal(0, verify.ExitCode);
        Assert.StartsWith("ok", verify.Output, StringComparison.Ordinal);

        await TheAnchorIsNamedAndMissed(folder, journal);
        await AFlippedByteIsNamed(folder, journal);
    }

    /// <summary>Both at once: what takes time is that a node becomes READY, and that a pair has seen enough.</summary>
    [Fact]
    [Trait("requirement", "R98")]
    [Trait("requirement", "R99")]
    public async Task Arbitrage_and_pairs_trade_in_a_demo_and_their_positions_are_the_venues()
    {
        using var folder = new TemporaryFolder();
        var outcomes = await Task.WhenAll(
            RunAsync("arbitrage", "binance,bybit,kraken,okx"), RunAsync("statistical-arbitrage", "binance,bitfinex,okx"));
        foreach (var demo in outcomes)
        {
            Assert.True(demo.ExitCode == 0, demo.Errors);
            var summary = demo.LastLine;
            AssertTradedCleanly(summary, demo.Errors);
            Assert.Equal(0, (long)summary["allocatedBytesHot"]!);
            Assert.True((long)summary["fills"]! >= 2, demo.Errors);
            Assert.All(summary["strategies"]!.AsArray(), s => Assert.Equal("running", (string?)s!["state"]));
        }

        Task<Outcome> RunAsync(string strategy, string venues) => PenstockProcess.RunAsync(
            folder.In(strategy), "demo", "--strategy", strategy, "--venues", venues, "--duration", "35s", "--json", "--no-ui",
            "--data", folder.In(strategy + "-run"));
    }

    [Fact]
    [Trait("requirement", "R66")]
    [Trait("requirement", "R61")]
    [Trait("requirement", "R156")]
    [Trait("requirement", "R157")]
    public async Task Killing_control_changes_nothing_and_killing_the_node_ends_in_recovery_with_the_venues_positions()
    {
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(folder.In("home"), "demo", "--json", "--port", "0", "--data", folder.In("run"));
        var pids = Pids(await demo.WaitForAsync("Run folder"));
        await demo.WaitForAsync("READY");
        var before = await StatusAsync(folder);

        PenstockProcess.Signal(pids["control"], "KILL");
        await demo.WaitForAsync("control process ended");
        var after = await StatusAsync(folder);
        Assert.Equal(pids["node"], (int)after["pid"]!);
        Assert.Equal("READY", (string?)after["state"]);
        Assert.True((long)after["frames"]! > (long)before["frames"]!);
        Assert.All(after["lost"]!.AsObject(), reader => Assert.Equal(0, (long)reader.Value!));

        PenstockProcess.Signal(pids["node"], "KILL");
        await demo.WaitForAsync("node process ended");
        await demo.WaitForAsync("READY");
        demo.Terminate();
        var outcome = await demo.EndAsync();
        var summary = outcome.LastLine;
        Assert.Equal("READY", (string?)summary["state"]);
        Assert.Equal(1, (int)summary["nodeRestarts"]!);
        Assert.Equal(2, (int)summary["session"]!);
        Assert.True((long)summary["fills"]! > 0, outcome.Errors);
        Assert.Equal(0, (long)summary["orders"]!["unknown"]!);
        AssertPositionsEqualVenues(summary);

        var replay = await PenstockProcess.RunAsync(folder.In("home"), "replay", (string)summary["journal"]!["path"]!, "--json");
        Assert.True(replay.ExitCode == 0, replay.Errors + replay.Output);
        Assert.Equal((string?)summary["stateHash"], (string?)replay.LastLine["stateHash"]);
    }

    [Fact]
    [Trait("requirement", "R66")]
    public async Task When_the_supervisor_is_killed_the_family_ends_with_it()
    {
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(folder.In("home"), "demo", "--json", "--port", "0", "--data", folder.In("run"));
        var pids = Pids(await demo.WaitForAsync("Run folder"));
        PenstockProcess.Signal(demo.Id, "KILL");
        foreach (var pid in pids.Values) await PenstockProcess.GoneAsync(pid);
        Assert.Empty(Directory.Exists(folder.In("home/nodes")) ? Directory.GetFiles(folder.In("home/nodes")) : []);

        // Nothing is left that keeps the next start from working in the same folder.
        await using var again = PenstockProcess.Start(folder.In("home"), "demo", "--json", "--port", "0", "--data", folder.In("run"));
        await again.WaitForAsync("READY");
        again.Terminate();
        Assert.Equal("READY", (string?)(await again.EndAsync()).LastLine["state"]);
    }

    [Fact]
    public async Task Two_demos_side_by_side_do_not_disturb_each_other()
    {
        using var folder = new TemporaryFolder();
        // One of them with a core for its hot thread: what a demo does to cores is its own affair as well.
        var last = Environment.ProcessorCount - 1;
        string[] pin = last > 0 ? ["--pin", $"{last}"] : [];
        await using var one = PenstockProcess.Start(folder.In("home"), "demo", "--json", "--venues", "kraken", "--data", folder.In("one"));
        await using var two = PenstockProcess.Start(folder.In("home"), ["demo", "--json", "--venues", "okx", "--data", folder.In("two"), .. pin]);
        await Task.WhenAll(one.WaitForAsync("READY"), two.WaitForAsync("READY"));
        if (last > 0)
        {
            var told = await PenstockProcess.RunAsync(folder.In("home"), "ctl", "counters", "--json", "--node", folder.In("two"));
            Assert.Equal(last, told.LastLine["counters"]!.AsArray().Where(c => (string?)c!["name"] == "thread_core").Max(c => (int)c!["value"]!));
        }

        one.Terminate();
        two.Terminate();
        foreach (var outcome in new[] { await one.EndAsync(), await two.EndAsync() })
        {
            Assert.Equal("READY", (string?)outcome.LastLine["state"]);
            Assert.Equal(0, (int)outcome.LastLine["nodeRestarts"]!);
        }
    }

    private static async Task TheAnchorIsNamedAndMissed(TemporaryFolder folder, string journal)
    {
        var (anchor, elsewhere, log) = (Path.Combine(journal, "audit.anchor"), folder.In("copy.anchor"), Path.Combine(journal, "../node.jsonl"));
        var told = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal, "--anchor", log, "--json");
        Assert.True((bool)told.LastLine["ok"]! && (bool)told.LastLine["anchorFound"]!, told.Output + told.Errors);
        Assert.Equal((0L, (long)told.LastLine["records"]!), ((long)told.LastLine["recordsBeyondAnchor"]!, (long)told.LastLine["anchorRecord"]!));
        File.Move(anchor, elsewhere);
        var missed = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal);
        Assert.Equal((1, true), (missed.ExitCode, missed.Errors.Contains("audit.anchor is not there", StringComparison.Ordinal)));
        File.Move(elsewhere, anchor);
        var no = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal, "--anchor", Path.Combine(journal, "../summary.json"));
        Assert.Equal((4, true), (no.ExitCode, no.Errors.Contains("there is no anchor in this file", StringComparison.Ordinal)));
        var text = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal);
        Assert.Contains("the journal's end", text.Output, StringComparison.Ordinal);
    }

    private static async Task AFlippedByteIsNamed(TemporaryFolder folder, string journal)
    {
        var segment = Directory.GetFiles(journal, "*.pjl").Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(segment);
        var at = bytes.Length / 2;
        bytes[at] ^= 0x10;
        await File.WriteAllBytesAsync(segment, bytes);
        var verify = await PenstockProcess.RunAsync(folder.In("home"), "verify", journal);
        Assert.Equal(1, verify.ExitCode);
        var named = Regex.Match(verify.Errors, @"segment (\d+).*byte (\d+)");
        Assert.True(named.Success, verify.Errors);
        Assert.Equal(long.Parse(Path.GetFileNameWithoutExtension(segment), System.Globalization.CultureInfo.InvariantCulture),
            long.Parse(named.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(at - long.Parse(named.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture), 0, 1 << 20);
    }

    private static void AssertTradedCleanly(JsonObject summary, string errors)
    {
        Assert.Equal("READY", (string?)summary["state"]);
        Assert.True((long)summary["fills"]! > 0, errors);
        Assert.Equal(0, (long)summary["books"]!["crossed"]!);
        Assert.Equal(0, (long)summary["orders"]!["unknown"]!);
        var inputs = summary["inputs"]!.AsObject();
        Assert.True((long)inputs["received"]! > 0);
        Assert.Equal((long)inputs["received"]!,
            (long)inputs["applied"]! + (long)inputs["duplicate"]! + (long)inputs["stale"]! + (long)inputs["quarantined"]! + (long)inputs["shed"]!);
        Assert.All(summary["lost"]!.AsObject(), reader => Assert.Equal(0, (long)reader.Value!));
        AssertPositionsEqualVenues(summary);
    }

    private static void AssertPositionsEqualVenues(JsonObject summary)
    {
        var truth = summary["venueTruth"]!.AsObject();
        Assert.NotEmpty(truth);
        foreach (var position in summary["assetPositions"]!.AsArray())
        {
            var venue = (string)position!["venue"]!;
            var asset = (string)position["asset"]!;
            Assert.Equal(Number(truth[venue]![asset]), Number(position["quantity"]));
        }

        static decimal Number(JsonNode? text) => decimal.Parse((string?)text ?? "0", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<JsonObject> StatusAsync(TemporaryFolder folder) =>
        (await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status", "--json")).LastLine;

    private static Dictionary<string, int> Pids(string line) =>
        Role().Matches(line).ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\b(venues|node|control) (\d+)\b")]
    private static partial Regex Role();
}
