using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>Capture and import through the real program: what it writes can be inspected, and what it refuses leaves nothing behind.</summary>
public class CaptureTests
{
    [Fact]
    [Trait("requirement", "R10")]
    [Trait("requirement", "E16")]
    public async Task A_capture_ends_in_order_when_told_to_and_its_file_inspects_clean()
    {
        using var folder = new TemporaryFolder();
        await using var venue = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "binance");
        var endpoint = JsonNode.Parse(await venue.WaitForOutputAsync("binance"))![0]!;
        var configuration = new JsonObject
        {
            ["version"] = 1, ["name"] = "capture",
            ["venues"] = new JsonArray(new JsonObject
            {
                ["name"] = "binance", ["rest"] = (string)endpoint["rest"]!, ["publicStream"] = (string)endpoint["publicStream"]!, ["symbols"] = new JsonArray("BTC-USDT"),
            }),
        };
        await File.WriteAllTextAsync(folder.In("node.json"), configuration.ToJsonString());
        await using var capture = PenstockProcess.Start(folder.In("home"), "capture", "--config", folder.In("node.json"), "--to", folder.In("data"), "--duration", "10m", "--json");
        // The first line of progress comes after ten seconds, and then there is something in the file.
        await capture.WaitForAsync("binance: ");
        capture.Terminate();
        var outcome = await capture.EndAsync();
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        var report = outcome.LastLine;
        Assert.Equal("interrupted", (string?)report["ended"]);
        var captured = report["venues"]![0]!;
        Assert.Equal((0, 0, 0), ((int)captured["gaps"]!, (int)captured["ringDrops"]!, (int)captured["lost"]!));

        var inspected = await PenstockProcess.RunAsync(folder.In("home"), "inspect", "recording", (string)captured["files"]![0]!, "--json");
        Assert.True((bool)inspected.LastLine["clean"]!, inspected.Output);
        Assert.Equal((long)captured["frames"]!, (long)inspected.LastLine["frames"]!);
    }

    [Fact]
    [Trait("requirement", "E15")]
    public async Task An_import_that_fails_names_the_line_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var output = folder.In("out.jsonl.gz");
        await File.WriteAllTextAsync(folder.In("trades.csv"), "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,1700000000000000,1700000000000100,1,buy,100,1\n");
        await File.WriteAllTextAsync(folder.In("bad.csv"), "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,yesterday,1,1,buy,100,1\n");
        string[] import = ["import", "--format", "tardis-trades", "--venue", "binance", "--out", output];
        var refused = await PenstockProcess.RunAsync(folder.In("home"), [.. import, folder.In("trades.csv"), folder.In("bad.csv")]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("bad.csv:2: timestamp 'yesterday'", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path, "out*"));

        var done = await PenstockProcess.RunAsync(folder.In("home"), [.. import, folder.In("trades.csv"), "--json"]);
        Assert.True(done.ExitCode == 0, done.Errors);
        Assert.Equal(2, (int)done.LastLine["events"]!);
        var inspected = await PenstockProcess.RunAsync(folder.In("home"), "inspect", "recording", output, "--json");
        Assert.Equal((true, 1), ((bool)inspected.LastLine["clean"]!, (int)inspected.LastLine["trades"]!));
        var again = await PenstockProcess.RunAsync(folder.In("home"), [.. import, folder.In("trades.csv")]);
        Assert.Equal(2, again.ExitCode);
    }
}
