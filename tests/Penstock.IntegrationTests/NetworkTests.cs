using System.Text.Json.Nodes;

namespace Penstock.IntegrationTests;

/// <summary>What the doctor says of the network, and a demo under load, through the real programs.</summary>
public class NetworkTests
{
    [Fact]
    [Trait("requirement", "R50")]
    public async Task Doctor_measures_the_way_to_configured_venues_and_lists_hops_or_says_why_not()
    {
        using var folder = new TemporaryFolder();
        await using var venues = PenstockProcess.Start(folder.In("home"), "sim", "--venues", "binance,bitstamp");
        var endpoints = JsonNode.Parse(await venues.WaitForOutputAsync("binance"))!.AsArray();
        var configuration = new JsonObject
        {
            ["version"] = 1, ["name"] = "net",
            ["venues"] = new JsonArray([.. endpoints.Select(e => new JsonObject
            {
                ["name"] = (string)e!["name"]!, ["rest"] = (string)e["rest"]!, ["publicStream"] = (string)e["publicStream"]!,
                ["symbols"] = new JsonArray("BTC-USDT"),
            })]),
        };
        await File.WriteAllTextAsync(folder.In("node.json"), configuration.ToJsonString());
        var doctor = await PenstockProcess.RunAsync(folder.In("home"), "doctor", "--net", "--config", folder.In("node.json"), "--duration", "20s",
            "--json");
        Assert.True(doctor.ExitCode == 0, doctor.Errors);
        var found = doctor.LastLine["venues"]!;
        var binance = found["binance"]!;
        Assert.Equal(("OPEN", "127.0.0.1"), ((string?)binance["state"], (string?)binance["host"]));
        var path = binance["network"]!;
        Assert.True((long)path["connectNs"]! > 0 && (long)path["upgradeNs"]! > 0 && (long)path["pingNs"]! > 0, doctor.Output);
        Assert.InRange(0, (long)path["clockOffsetNsMin"]!, (long)path["clockOffsetNsMax"]!);
        Assert.True((bool)binance["hops"]!["reached"]! || (string?)binance["hops"]!["refused"] is not null, doctor.Output);
        // Bitstamp tells its time nowhere: only its stamps bound its clock, and only from below.
        var other = found["bitstamp"]!["network"]!;
        Assert.True((long)other["clockOffsetNsMin"]! <= 0);
        Assert.Null(other["clockOffsetNsMax"]);
    }

    [Fact]
    public async Task Doctor_asked_for_the_network_of_nobody_says_whom_it_can_ask()
    {
        using var folder = new TemporaryFolder();
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "doctor", "--net");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("penstock doctor --net --venue binance", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R50")]
    [Trait("requirement", "R56")]
    public async Task A_demo_under_load_loses_nothing_adds_up_and_its_doctor_shows_the_paths()
    {
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--venues", "binance,kraken,kucoin", "--load", "3000", "--duration", "25s", "--json", "--port", "0",
                "--data", folder.In("run"));
        await demo.WaitForAsync("READY");
        var doctor = await PenstockProcess.RunAsync(folder.In("home"), "doctor", "--json");
        var paths = Assert.Single(doctor.LastLine["network"]!.AsObject()).Value!.AsObject();
        Assert.All(paths, venue => Assert.True((long)venue.Value!["network"]!["upgradeNs"]! > 0, venue.Key));
        Assert.Equal(3, paths.Count);

        var outcome = await demo.EndAsync();
        Assert.True(outcome.Output.Length > 0, outcome.Errors);
        var summary = outcome.LastLine;
        Assert.True(summary["load"] is not null, outcome.Errors);
        var load = summary["load"]!;
        Assert.Equal((0L, 0L), ((long)load["lost"]!, (long)load["inputsUnaccounted"]!));
        Assert.True((long)load["framesPerSecond"]! > 0);
        Assert.All(summary["venueDetails"]!.AsObject(), venue => Assert.True((long)venue.Value!["network"]!["pongs"]! > 0, venue.Key));
    }
}
