using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>
/// Goal: the program on paper trades the live market, survives SIGKILL and sends nothing. Method: simulated venues that would take orders
/// give the market data; the configuration names keys that are not there, so reading them would fail. What each venue's account is on paper
/// must be what the ledger says, the journal must replay to the last hash, and the venues are asked what they saw.
/// </summary>
public class PaperNodeTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    [Trait("requirement", "E2")]
    [Trait("requirement", "R156")]
    public async Task On_paper_a_killed_node_goes_on_where_it_was_and_the_venues_see_no_order()
    {
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "binance,okx");
        var endpoints = JsonNode.Parse(await venues.WaitForOutputAsync("okx"))!.AsArray();
        await File.WriteAllTextAsync(folder.In("node.json"), Configuration(folder, endpoints).ToJsonString());

        long before;
        await using (var killed = Start(folder))
        {
            await killed.WaitForOutputAsync("READY");
            before = (long)(await UntilFillsAsync(folder, 4))["fills"]!;
            PenstockProcess.Signal(killed.Id, "KILL");
            await PenstockProcess.GoneAsync(killed.Id);
        }

        await using var node = Start(folder);
        await node.WaitForOutputAsync("READY");
        var status = await UntilFillsAsync(folder, before + 2);
        Assert.Equal("paper", (string?)status["environment"]);
        Assert.Equal(2, (int)status["session"]!);
        Assert.All(endpoints, e => Assert.Equal("PAPER", (string?)status["venueDetails"]![(string)e!["name"]!]!["orderSession"]));
        node.Terminate();
        var end = await node.EndAsync();
        Assert.True(end.ExitCode == 0, $"{end.Output}\n{end.Errors}");

        var summary = JsonNode.Parse(await File.ReadAllTextAsync(folder.In("data/summary.json")))!;
        Assert.Equal((0L, 0L), ((long)summary["orders"]!["unknown"]!, (long)summary["allocatedBytesHot"]!));
        AssertAccountsEqualTheLedger(summary);
        var replay = await PenstockProcess.RunAsync(folder.In("home"), "replay", folder.In("data/journal"), "--json");
        Assert.True(replay.ExitCode == 0, replay.Errors + replay.Output);
        Assert.Equal((string?)summary["stateHash"], (string?)replay.LastLine["stateHash"]);
        foreach (var endpoint in endpoints) await AssertSawNothing(endpoint!);

        // What is on paper is nowhere else: the journal is not continued with orders that leave.
        var other = Configuration(folder, endpoints);
        other["environment"] = "sim";
        other.Remove("keys");
        await File.WriteAllTextAsync(folder.In("sim.json"), other.ToJsonString());
        var mixed = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("sim.json"), "--data", folder.In("data"));
        Assert.Equal(3, mixed.ExitCode);
        Assert.Contains("are on paper", mixed.Errors, StringComparison.Ordinal);
    }

    private static void AssertAccountsEqualTheLedger(JsonNode summary)
    {
        var assets = summary["assetPositions"]!.AsArray();
        Assert.Equal(4, assets.Count);
        Assert.Contains(assets, a => Number(a!["change"]!) != 0m);
        // The account is told in whole units of 1e-8, the ledger is finer.
        Assert.All(assets, a => Assert.InRange(Number(a!["difference"]!), -0.00000001m, 0.00000001m));
    }

    private static async Task AssertSawNothing(JsonNode endpoint)
    {
        var rest = new Uri((string)endpoint["rest"]!);
        var seen = JsonNode.Parse(await Http.GetStringAsync(new Uri(rest, "/sim/stats")))!;
        Assert.Equal((0L, 0L, 0L), ((long)seen["ordersReceived"]!, (long)seen["ordersAccepted"]!, (long)seen["authenticationFailures"]!));
        var account = JsonNode.Parse(await Http.GetStringAsync(new Uri(rest, "/sim/account")))!;
        Assert.Empty(account["trades"]!.AsArray());
    }

    private static async Task<JsonNode> UntilFillsAsync(TemporaryFolder folder, long wanted)
    {
        for (var questions = 0; questions < 200; questions++)
        {
            var status = (await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status", "--json")).LastLine;
            if ((long)status["fills"]! >= wanted) return status;
        }

        throw new InvalidOperationException($"no {wanted} fills: {await File.ReadAllTextAsync(folder.In("data/node.jsonl"))}");
    }

    private static decimal Number(JsonNode text) => decimal.Parse((string)text!, CultureInfo.InvariantCulture);

    private static PenstockProcess Start(TemporaryFolder folder) => PenstockProcess.StartProgram(
        PenstockProcess.NodeProgram, folder.In("home"), "run", "--config", folder.In("node.json"), "--data", folder.In("data"));

    private static JsonObject Configuration(TemporaryFolder folder, JsonArray endpoints) => new()
    {
        ["version"] = 1, ["name"] = "paper", ["environment"] = "paper", ["journalSegmentMiB"] = 4,
        ["keys"] = new JsonObject { ["store"] = folder.In("there-is-none"), ["accounts"] = new JsonObject { ["okx"] = "main" } },
        ["paper"] = new JsonObject { ["balances"] = new JsonObject { ["BTC"] = 5 } },
        ["venues"] = new JsonArray([.. endpoints.Select(e => new JsonObject
        {
            ["name"] = (string?)e!["name"], ["rest"] = (string?)e["rest"], ["publicStream"] = (string?)e["publicStream"],
            ["privateStream"] = (string?)e["privateStream"], ["orderEntry"] = (string?)e["orderEntry"] ?? "", ["symbols"] = new JsonArray("BTC-USDT"),
        })]),
        ["strategies"] = new JsonArray([.. endpoints.Select(e => new JsonObject
        {
            ["name"] = "market-making", ["instrument"] = $"BTC-USDT.{((string)e!["name"]!).ToUpperInvariant()}",
            // Narrow enough to be the best bid and ask, so that takers meet it.
            ["settings"] = new JsonObject { ["spreadBps"] = "1", ["size"] = "0.02", ["inventoryMax"] = "0.2", ["requoteTicks"] = "60" },
        })]),
        ["readiness"] = new JsonObject { ["windowMs"] = 50, ["windows"] = 3, ["goodWindows"] = 3, ["decisionP99MaxUs"] = 10_000_000 },
        ["recovery"] = new JsonObject { ["recordsPerSnapshot"] = 2_000 },
    };
}
