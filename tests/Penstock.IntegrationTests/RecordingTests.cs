using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>Recorded exchange traffic through the program gives the figures of an independent replay.</summary>
public class RecordingTests
{
    private static readonly string Folder = Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS") ?? Path.Combine(Root(), "..", "shared", "recordings");

    [Theory]
    [InlineData("binance-spot.cf-20211012")]
    [InlineData("binance-spot.hft-btcusdt-20240808")]
    [InlineData("binance-usdm.hft-btcusdt-20240808")]
    [InlineData("binance-coinm.hft-btcusd-perp-20240808")]
    [InlineData("kraken-spot.cf-20210417")]
    [InlineData("okx-mixed.cf-20220513")]
    [Trait("requirement", "R21")]
    [Trait("requirement", "R20")]
    public async Task Inspecting_a_recording_prints_the_expected_figures(string name)
    {
        var file = Path.Combine(Folder, name + ".jsonl.gz");
        if (!File.Exists(file)) Assert.Skip($"the recording {name} is not here (PENSTOCK_RECORDINGS)");
        using var folder = new TemporaryFolder();
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "inspect", "recording", file, "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "expected.json")))![name + ".jsonl.gz"]!.AsObject();
        var figures = outcome.LastLine;
        foreach (var (key, value) in expected)
            Assert.True(JsonNode.DeepEquals(value, figures[key]), $"{key}: expected {value?.ToJsonString()}, was {figures[key]?.ToJsonString()}");
        Assert.NotNull(figures["quarantined"]);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Penstock.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
