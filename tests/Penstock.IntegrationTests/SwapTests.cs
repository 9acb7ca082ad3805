using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>
/// Issue 4, shown by 7: a strategy is swapped for the next version of its plugin while others trade. By the counters of the real programs, the
/// others were shown every trade their venue published, and the journal of it replays to the same state.
/// </summary>
[Trait("requirement", "R74")]
[Trait("requirement", "R96")]
public class SwapTests
{
    [Fact]
    public async Task While_one_strategy_is_swapped_the_others_lose_no_event_and_the_journal_replays()
    {
        using var folder = Home("1.0");
        await using var demo = Demo(folder, "kraken,okx");
        await demo.WaitForAsync("READY ");
        Ship(folder, "1.1");
        var taken = await Ctl(folder, "strategy", "swap", "1", "--to", "1.1.0", "--warm-up", "1s", "--events", "20", "--why", "wider", "size=0.02");
        Assert.True(taken.ExitCode == 0, taken.Errors);
        Assert.Contains("the saved state will be passed on", taken.Output, StringComparison.Ordinal);
        var swapped = await Until(folder, 0, s => s.Contains("took over from 1.0.0", StringComparison.Ordinal));
        Assert.Equal(("active", "{\"size\":0.02}", "running"), ((string?)swapped["phase"], (string?)swapped["settings"], (string?)swapped["state"]));

        await AssertRefused(folder, "versions of 'swap-maker' there: 1.0.0", "strategy", "swap", "3", "--to", "9.9", "--why", "a slip");
        await AssertRefused(folder, "runs 1.0.0", "strategy", "swap", "3", "--to", "1.0.0", "--why", "a slip");
        await AssertRefused(folder, "between 0.1 and 1000", "strategy", "swap", "3", "--to", "1.1.0", "--why", "a slip", "halfBps=0");
        await AssertRefused(folder, "penstock ctl drain", "venue", "swap", "okx");
        demo.Terminate();
        var ended = await demo.EndAsync();
        AssertNothingLost(ended.LastLine, (await Ctl(folder, "counters", "--json", "--node", folder.In("run"))).LastLine);
        await AssertReplays(folder, (string?)ended.LastLine["stateHash"]);
    }

    [Fact]
    [Trait("requirement", "R156")]
    public async Task A_version_that_throws_is_dropped_and_a_node_that_is_killed_comes_back_with_the_one_that_had_taken_over()
    {
        using var folder = Home("1.0");
        await using var demo = Demo(folder, "kraken");
        await demo.WaitForAsync("READY ");
        Ship(folder, "1.1");
        Assert.Equal(0, (await Ctl(folder, "strategy", "swap", "1", "--to", "1.1.0", "--warm-up", "0", "--why", "wider", "adopts=true")).ExitCode);
        var adopted = await Until(folder, 0, s => s.Contains("took over from 1.0.0", StringComparison.Ordinal));
        Assert.Contains("it takes over the resting orders", (string?)adopted["lastSwap"], StringComparison.Ordinal);
        Assert.Equal(0, (await Ctl(folder, "strategy", "swap", "1", "--to", "1.0.0", "--warm-up", "1h", "--why", "and back")).ExitCode);
        await AssertRefused(folder, "is being swapped", "strategy", "set", "1", "size=0.03", "--why", "too early");

        // The next one throws at the fifth book it is shown: it is dropped, and strategy 2 goes on with its own.
        var bad = await Ctl(folder, "strategy", "swap", "2", "--to", "Penstock-1.1.dll", "--warm-up", "1h", "--why", "a bad one", "throwAt=5");
        Assert.Equal(0, bad.ExitCode);
        var dropped = await Until(folder, 1, s => s.Contains("planted", StringComparison.Ordinal));
        Assert.Equal(("running", 0L), ((string?)dropped["state"], (long)dropped["faults"]!));
        Assert.StartsWith("1.0.0", (string?)dropped["version"], StringComparison.Ordinal);
        PenstockProcess.Signal((int)(await Ctl(folder, "status", "--json")).LastLine["pid"]!, "KILL");
        var back = await Until(folder, 0, s => s.Contains("the node began another session", StringComparison.Ordinal));
        Assert.StartsWith("1.1.0", (string?)back["version"], StringComparison.Ordinal);
        Assert.Equal("active", (string?)back["phase"]);
        demo.Terminate();
        await AssertReplays(folder, (string?)(await demo.EndAsync()).LastLine["stateHash"]);
    }

    /// <summary>Every part of the node counts the same: published by the venues, applied by the engine, shown to strategies.</summary>
    private static void AssertNothingLost(JsonObject summary, JsonObject counters)
    {
        Assert.Equal((0L, 0L), ((long)summary["lost"]!["trading"]!, (long)summary["allocatedBytesHot"]!));
        var strategies = summary["strategies"]!.AsArray();
        var published = 0L;
        foreach (var (venue, figures) in summary["venueDetails"]!.AsObject())
        {
            published += (long)figures!["ringPublished"]!;
            var trading = strategies.Where(s => ((string?)s!["instruments"])!.EndsWith("." + venue, StringComparison.OrdinalIgnoreCase));
            Assert.Equal((long)figures["trades"]!, trading.Sum(s => (long)s!["trades"]!));
        }

        Assert.Equal(published, Counter(counters, "engine_market_events"));
        Assert.Equal(Counter(counters, "engine_book_calls"), strategies.Sum(s => (long)s!["books"]!));
        Assert.Equal((1L, 1L), (Counter(counters, "strategy_swaps_begun"), Counter(counters, "strategy_swaps_done")));
        Assert.Equal(0L, Counter(counters, "strategy_swaps_dropped"));
        Assert.True(Counter(counters, "strategy_swap_withheld") > 0 && Counter(counters, "strategy_swap_events") >= 20);
        Assert.All(strategies, s => Assert.True((long)s!["books"]! > 0, s.ToJsonString()));
    }

    private static async Task AssertReplays(TemporaryFolder folder, string? hash)
    {
        var replay = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("run/journal"), "--json");
        Assert.True(replay.ExitCode == 0, replay.Output + replay.Errors);
        Assert.Equal(hash, (string?)replay.LastLine["stateHash"]);
        File.Delete(FileOf(folder, "1.1"));
        var missing = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("run/journal"), "--json");
        Assert.Equal(4, missing.ExitCode);
        Assert.Contains("there is no file Penstock-1.1.dll 1.1.0 with sha256 ", missing.Errors, StringComparison.Ordinal);
        Ship(folder, "1.1");
        File.Delete(FileOf(folder, "1.0"));
        var older = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("run/journal"), "--json");
        Assert.Equal(4, older.ExitCode);
        Assert.Contains("there is no file Penstock-1.0.dll 1.0.0 with sha256 ", older.Errors, StringComparison.Ordinal);
    }

    private static async Task AssertRefused(TemporaryFolder folder, string why, params string[] words)
    {
        var refused = await Ctl(folder, words);
        Assert.Equal(7, refused.ExitCode);
        Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
    }

    private static async Task<JsonObject> Until(TemporaryFolder folder, int strategy, Func<string, bool> said)
    {
        // A node that was killed answers nothing until it is back.
        var list = await Tool.UntilAsync(
            async () => (await Ctl(folder, "strategy", "list", "--json")) is { ExitCode: 0 } told
                ? told.LastLine["strategies"]![strategy]!.ToJsonString() : "",
            told => told.Length > 0 && said((string?)JsonNode.Parse(told)!["lastSwap"] ?? ""));
        return JsonNode.Parse(list)!.AsObject();
    }

    private static TemporaryFolder Home(string version)
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.In("home/plugins"));
        Ship(folder, version);
        return folder;
    }

    private static string FileOf(TemporaryFolder folder, string version) => folder.In($"home/plugins/Penstock-{version}.dll");

    /// <summary>As its author would: another file beside the one that runs.</summary>
    private static void Ship(TemporaryFolder folder, string version)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        var project = version == "1.0" ? "Penstock.SwapPlugin" : "Penstock.SwapPluginNext";
        File.Copy(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration, "Penstock.SwapPlugin.dll"), FileOf(folder, version));
    }

    private static PenstockProcess Demo(TemporaryFolder folder, string venues) => PenstockProcess.Start(
        folder.In("home"), "demo", "--strategy", "swap-maker", "--venues", venues, "--json", "--no-ui", "--data", folder.In("run"));

    private static Task<Outcome> Ctl(TemporaryFolder folder, params string[] words) => PenstockProcess.RunAsync(folder.In("home"), ["ctl", .. words]);

    private static long Counter(JsonObject counters, string name) =>
        (long)counters["counters"]!.AsArray().First(c => (string?)c!["name"] == name)!["value"]!;
}
