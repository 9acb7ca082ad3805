using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>
/// Goal: a kill at any instant loses nothing that was acknowledged. Method: simulated venues keep running while a trading node is
/// killed with SIGKILL as soon as they have accepted so many more orders, so with orders and answers in flight, or in its start, or in its
/// recovery; it is started again and, once reconciled, stopped in order. Every order that a venue ever accepted, filled or not, must stand in the
/// journal and have come there to the state and the filled quantity that the venue says, and every asset must equal the venue's own count.
/// Three rounds; 200 by ./penstock test --long, PENSTOCK_KILL_ROUNDS for others (PENSTOCK_KILL_SEED for other instants).
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
        var rounds = Number("PENSTOCK_KILL_ROUNDS", Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 200 : 3);
        var random = new Random(Number("PENSTOCK_KILL_SEED", 1));
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "binance,okx");
        var endpoints = JsonNode.Parse(await venues.WaitForOutputAsync("okx"))!.AsArray();
        await WriteConfiguration(folder, endpoints);
        var (trades, unfilled) = (0, 0);
        for (var round = 1; round <= rounds; round++)
        {
            await KillOneAsync(folder, endpoints, random);
            var acknowledged = await OrdersAsync(endpoints);
            await using var node = Start(folder);
            await node.WaitForOutputAsync("READY");
            node.Terminate();
            var end = await node.EndAsync();
            Assert.True(end.ExitCode == 0, $"round {round}: {end.Output}\n{end.Errors}");
            unfilled += await CompareOrdersAsync(folder, acknowledged, await OrdersAsync(endpoints), round);
            trades = await CompareAsync(folder, endpoints, round);
        }

        var verified = await PenstockProcess.RunAsync(folder.In("home"), "verify", folder.In("data/journal"), "--json");
        Assert.True((bool)verified.LastLine["ok"]!, verified.Output);
        Assert.True(trades > 0, "no order was ever filled");
        Assert.True(unfilled > 0, "no order was acknowledged and never filled");
        TestContext.Current.SendDiagnosticMessage($"{rounds} rounds, {trades} fills at the venues, {verified.LastLine["records"]} journal records");
    }

    /// <summary>
    /// Every fourth time before READY, after so many looks at the venues; else as soon as they have accepted so many more orders. A look takes a
    /// millisecond or so: the answer to the last of these orders is on its way, and the next order may be.
    /// </summary>
    private static async Task KillOneAsync(TemporaryFolder folder, JsonArray endpoints, Random random)
    {
        await using var node = Start(folder);
        if (random.Next(4) == 0)
        {
            for (var looks = random.Next(1_000); looks > 0; looks--) await AcceptedAsync(endpoints);
        }
        else
        {
            await node.WaitForOutputAsync("READY");
            var end = await AcceptedAsync(endpoints) + random.Next(1, 12);
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (await AcceptedAsync(endpoints) < end) limit.Token.ThrowIfCancellationRequested();
        }

        node.Kill();
        await PenstockProcess.GoneAsync(node.Id);
    }

    private static async Task<long> AcceptedAsync(JsonArray endpoints)
    {
        var accepted = 0L;
        foreach (var endpoint in endpoints) accepted += (long)(await AskAsync(endpoint!, "/sim/stats"))["ordersAccepted"]!;
        return accepted;
    }

    /// <summary>All that the venues ever accepted, by client order id.</summary>
    private static async Task<Dictionary<string, (string State, decimal Filled)>> OrdersAsync(JsonArray endpoints)
    {
        var orders = new Dictionary<string, (string, decimal)>();
        foreach (var endpoint in endpoints)
        {
            foreach (var order in (await AskAsync(endpoint!, "/sim/orders")).AsArray())
                orders.Add((string)order!["clientId"]!, ((string)order["state"]!, order["filled"]!.GetValue<decimal>()));
        }

        return orders;
    }

    /// <returns>Orders that were acknowledged before the kill and never filled.</returns>
    private static async Task<int> CompareOrdersAsync(
        TemporaryFolder folder, Dictionary<string, (string State, decimal Filled)> acknowledged,
        Dictionary<string, (string State, decimal Filled)> now, int round)
    {
        var inspected = await PenstockProcess.RunProgramAsync(
            PenstockProcess.NodeProgram, folder.In("home"), "inspect", folder.In("data/journal"), "--orders", "--json");
        Assert.True(inspected.ExitCode == 0, $"round {round}: {inspected.Errors}");
        var recovered = inspected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .ToDictionary(
                o => (string)o["id"]!, o => (State: (string)o["state"]!, Filled: decimal.Parse((string)o["filled"]!, CultureInfo.InvariantCulture)));
        Assert.All(acknowledged.Keys, id => Assert.True(now.ContainsKey(id), $"round {round}: the venue itself forgot {id}"));
        foreach (var (id, atVenue) in now)
        {
            Assert.True(recovered.TryGetValue(id, out var ours), $"round {round}: {id} was acknowledged ({atVenue}), and is not in the journal");
            Assert.True(ours == atVenue, $"round {round}: {id} is {ours} in the journal, {atVenue} at the venue");
        }

        return acknowledged.Keys.Count(id => now[id].Filled == 0m);
    }

    private static async Task<int> CompareAsync(TemporaryFolder folder, JsonArray endpoints, int round)
    {
        var summary = JsonNode.Parse(await File.ReadAllTextAsync(folder.In("data/summary.json")))!;
        var trades = 0;
        foreach (var endpoint in endpoints)
        {
            var name = (string)endpoint!["name"]!;
            var account = await AskAsync(endpoint, "/sim/account");
            Assert.Empty(account["openOrders"]!.AsArray());
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

    private static async Task<JsonNode> AskAsync(JsonNode endpoint, string path) =>
        JsonNode.Parse(await Http.GetStringAsync(new Uri(new Uri((string)endpoint["rest"]!), path)))!;

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
