using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>
/// Goal: a kill at any instant loses nothing that was acknowledged. Method: simulated venues keep running while a trading node is
/// killed with SIGKILL at a random instant, in its start, in its recovery, with orders in flight; it is started again and, once
/// reconciled, stopped in order. Every order the venues ever acknowledged must stand in the journal, and every asset must equal
/// the venue's own count. Three rounds; PENSTOCK_KILL_ROUNDS=200 for more (PENSTOCK_KILL_SEED for other instants).
/// </summary>
public class KillRoundsTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    [Trait("requirement", "R156")]
    [Trait("requirement", "R157")]
    [Trait("requirement", "R160")]
    public async Task Killed_at_any_instant_the_node_comes_back_with_every_order_and_position()
    {
        var rounds = Number("PENSTOCK_KILL_ROUNDS", 3);
        var random = new Random(Number("PENSTOCK_KILL_SEED", 1));
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "binance,okx");
        var endpoints = JsonNode.Parse(await venues.WaitForOutputAsync("okx"))!.AsArray();
        await WriteConfiguration(folder, endpoints);
        var trades = 0;
        for (var round = 1; round <= rounds; round++)
        {
            await KillOneAsync(folder, random);
            await using var node = Start(folder);
            await node.WaitForOutputAsync("READY");
            node.Terminate();
            var end = await node.EndAsync();
            Assert.True(end.ExitCode == 0, $"round {round}: {end.Output}\n{end.Errors}");
            trades = await CompareAsync(folder, endpoints, round);
        }

        var verified = await PenstockProcess.RunAsync(folder.In("home"), "verify", folder.In("data/journal"), "--json");
        Assert.True((bool)verified.LastLine["ok"]!, verified.Output);
        Assert.True(trades > 0, "no order was ever filled");
        TestContext.Current.SendDiagnosticMessage($"{rounds} rounds, {trades} fills at the venues, {verified.LastLine["records"]} journal records");
    }

    /// <summary>
    /// Every fourth time before READY, else after it; then so many questions later, asked while the node works. No word of the node marks the
    /// instant, and how long a question takes is as good as chance.
    /// </summary>
    private static async Task KillOneAsync(TemporaryFolder folder, Random random)
    {
        await using var node = Start(folder);
        var early = random.Next(4) == 0;
        if (!early) await node.WaitForOutputAsync("READY");
        for (var questions = random.Next(early ? 12 : 5); questions > 0; questions--) await PenstockProcess.RunAsync(folder.In("home"), "ctl", "status");
        PenstockProcess.Signal(node.Id, "KILL");
        await PenstockProcess.GoneAsync(node.Id);
    }

    private static async Task<int> CompareAsync(TemporaryFolder folder, JsonArray endpoints, int round)
    {
        var inspected = await PenstockProcess.RunProgramAsync(PenstockProcess.NodeProgram, folder.In("home"), "inspect", folder.In("data/journal"), "--orders");
        var intents = inspected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(folder.In("data/summary.json")))!;
        var trades = 0;
        foreach (var endpoint in endpoints)
        {
            var name = (string)endpoint!["name"]!;
            var account = JsonNode.Parse(await Http.GetStringAsync(new Uri(new Uri((string)endpoint["rest"]!), "/sim/account")))!;
            Assert.Empty(account["openOrders"]!.AsArray());
            var acknowledged = account["trades"]!.AsArray().Select(t => (string)t!["clientId"]!).Distinct().ToList();
            Assert.True(acknowledged.All(intents.Contains), $"round {round}, {name}: {string.Join(' ', acknowledged.Except(intents))} filled, and no intent in the journal");
            trades += account["trades"]!.AsArray().Count;
            foreach (var position in summary["assetPositions"]!.AsArray().Where(p => (string)p!["venue"]! == name))
            {
                var balance = account["balances"]!.AsArray().FirstOrDefault(b => (string)b!["asset"]! == (string)position!["asset"]!);
                var total = balance is null ? 0m : balance["free"]!.GetValue<decimal>() + balance["locked"]!.GetValue<decimal>();
                Assert.True(total == decimal.Parse((string)position!["quantity"]!, CultureInfo.InvariantCulture), $"round {round}, {name}: {position.ToJsonString()} is {total} at the venue");
            }
        }

        return trades;
    }

    private static PenstockProcess Start(TemporaryFolder folder) => PenstockProcess.StartProgram(
        PenstockProcess.NodeProgram, folder.In("home"), "run", "--config", folder.In("node.json"), "--keys", folder.In("keys.json"), "--data", folder.In("data"));

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static async Task WriteConfiguration(TemporaryFolder folder, JsonArray endpoints)
    {
        var keys = new JsonObject();
        foreach (var endpoint in endpoints)
            keys[(string)endpoint!["name"]!] = new JsonObject { ["apiKey"] = (string?)endpoint["apiKey"], ["secret"] = (string?)endpoint["secret"], ["passphrase"] = (string?)endpoint["passphrase"] };
        await File.WriteAllTextAsync(folder.In("node.json"), new JsonObject
        {
            ["version"] = 1, ["name"] = "killed", ["environment"] = "sim", ["journalSegmentMiB"] = 4,
            ["venues"] = new JsonArray([.. endpoints.Select(e => new JsonObject
            {
                ["name"] = (string?)e!["name"], ["rest"] = (string?)e["rest"], ["publicStream"] = (string?)e["publicStream"], ["privateStream"] = (string?)e["privateStream"],
                ["orderEntry"] = (string?)e["orderEntry"] ?? "", ["symbols"] = new JsonArray("BTC-USDT"),
            })]),
            ["strategies"] = new JsonArray([.. endpoints.Select(e => new JsonObject { ["name"] = "market-making", ["instrument"] = $"BTC-USDT.{((string)e!["name"]!).ToUpperInvariant()}" })]),
            ["readiness"] = new JsonObject { ["windowMs"] = 50, ["windows"] = 3, ["goodWindows"] = 3, ["decisionP99MaxUs"] = 10_000_000 },
            ["recovery"] = new JsonObject { ["recordsPerSnapshot"] = 2_000 },
        }.ToJsonString());
        await File.WriteAllTextAsync(folder.In("keys.json"), keys.ToJsonString());
        File.SetUnixFileMode(folder.In("keys.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
