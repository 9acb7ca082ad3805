using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>Who watches a node may die at any moment, also while it is busy: the node's figures are those of a node nobody watches.</summary>
public sealed partial class ObserverDeathTests
{
    /// <summary>Frames between two looks that say the node went on; some hundreds come every second.</summary>
    private const long FramesMore = 1_000;

    [Fact]
    [Trait("requirement", "R53")]
    [Trait("requirement", "R65")]
    public async Task Killing_the_sidecar_and_the_gateway_with_its_console_under_load_changes_nothing_in_the_node()
    {
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--duration", "20m", "--venues", "kraken,okx,binance", "--load", "4000", "--port", "0", "--sidecar", "0",
            "--data", folder.In("run"), "--json");
        var pids = Pids(await demo.WaitForAsync("Run folder"));
        await demo.WaitForAsync("READY");
        var before = await StatusAsync(folder);

        foreach (var role in (string[])["sidecar", "control"])
        {
            PenstockProcess.Signal(pids[role], "KILL");
            await PenstockProcess.GoneAsync(pids[role]);
            await demo.WaitForAsync($"The {role} process ended");
            await FramesGrowAsync(folder, (long)(await StatusAsync(folder))["frames"]! + FramesMore);
        }

        // Both deaths stand in the node's own books, told by the gateway that came after.
        // READY as well: a machine that starves the node degrades it for a moment, watched or not.
        await UntilAsync(folder, status => Count(status, "sidecar") == 1 && Count(status, "console") == 1 && (string?)status["state"] == "READY");
        var after = await StatusAsync(folder);
        Assert.Equal(((int)before["pid"]!, 1), ((int)after["pid"]!, (int)after["session"]!));
        demo.Terminate();
        var summary = (await demo.EndAsync()).LastLine;
        Assert.Equal((0, 2), ((int)summary["nodeRestarts"]!, (int)summary["controlRestarts"]!));
        Assert.All(summary["lost"]!.AsObject(), reader => Assert.Equal(0, (long)reader.Value!));
        var inputs = summary["inputs"]!.AsObject();
        Assert.Equal((long)inputs["received"]!, inputs.Where(i => i.Key != "received").Sum(i => (long)i.Value!));
        AssertHotThreadsAllocatedNothing(summary);
    }

    /// <summary>
    /// Reconnecting, fetching books anew and asking for unknown orders allocate. A machine that starves the node until venues seem silent or answers
    /// are late causes that with or without watchers: then the figure says nothing, and the test says so.
    /// </summary>
    private static void AssertHotThreadsAllocatedNothing(JsonObject summary)
    {
        var starved = summary["incidents"]!.AsArray().Where(i => (string)i!["class"]! is "venue-silent" or "execution-backlog" or "slow-reader").ToList();
        var disconnects = summary["venueDetails"]!.AsObject().Sum(v => (long)v.Value!["disconnects"]!);
        if (starved.Count == 0 && disconnects == 0 && (long)summary["orders"]!["unknownEver"]! == 0)
            Assert.Equal(0, (long)summary["allocatedBytesHot"]!);
        else
            TestContext.Current.AddWarning($"the machine starved the node, hot bytes were not judged: {new JsonArray([.. starved.Select(s => s!.DeepClone())])}");
    }

    private static long Count(JsonObject status, string subject) => status["incidents"]!.AsArray()
        .Where(i => (string)i!["class"]! == "observer-lost" && (string)i["subject"]! == subject).Sum(i => (long)i!["count"]!);

    private static Task FramesGrowAsync(TemporaryFolder folder, long beyond) => UntilAsync(folder, status => (long)status["frames"]! > beyond);

    private static Task UntilAsync(TemporaryFolder folder, Func<JsonObject, bool> isThere) => Tool.UntilAsync(
        async () => (await StatusAsync(folder)).ToJsonString(), status => isThere(JsonNode.Parse(status)!.AsObject()));

    private static async Task<JsonObject> StatusAsync(TemporaryFolder folder) =>
        (await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status", "--json")).LastLine;

    private static Dictionary<string, int> Pids(string line) => Role().Matches(line)
        .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\b(venues|node|control|sidecar) (\d+)\b")]
    private static partial Regex Role();
}
