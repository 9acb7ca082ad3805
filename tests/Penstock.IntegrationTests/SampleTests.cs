namespace Penstock.IntegrationTests;

/// <summary>Strategies of one file, run as the guide says: on a recording, and on the simulated venues.</summary>
public class SampleTests
{
    private static readonly string Samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "samples"));

    private static readonly string Recordings = Environment.GetEnvironmentVariable("PENSTOCK_RECORDINGS") is { Length: > 0 } set ? set
        : Path.Combine(Samples, "..", "..", "shared", "recordings");

    [Fact]
    [Trait("requirement", "R96")]
    public async Task A_single_file_strategy_runs_on_a_recording()
    {
        var recording = Path.Combine(Recordings, "binance-spot.hft-btcusdt-20240808.jsonl.gz");
        if (!File.Exists(recording)) Assert.Skip($"{recording} is not there");
        using var folder = new TemporaryFolder();
        var run = await PenstockProcess.RunProgramAsync(
            "run", folder.In("home"), "-c", "Release", Path.Combine(Samples, "EmaCross.cs"), "--", "replay", recording,
            "--set", "fast=5", "--set", "slow=10", "--set", "barSeconds=1", "--data", folder.In("run"), "--json");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        Assert.True((long)run.LastLine["orders"]!["placed"]! >= 2, run.Output);
    }

    [Fact]
    [Trait("requirement", "R96")]
    [Trait("requirement", "R95")]
    public async Task A_single_file_strategy_trades_on_the_simulated_venues_and_its_settings_change_meanwhile()
    {
        using var folder = new TemporaryFolder();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--strategy", Path.Combine(Samples, "TwoSidedMaker.cs"), "--set", "spreadBps=6", "--venues", "okx",
            "--duration", "90s", "--json", "--port", "0", "--data", folder.In("run"));
        await demo.WaitForAsync("READY ");
        var wider = await Ctl("set", "1", "spreadBps=9", "size=0.02", "--why", "the market is thin");
        Assert.Contains("\"spreadBps\":9", wider.Output, StringComparison.Ordinal);
        var wrong = await Ctl("set", "1", "spreadBsp=9", "--why", "a slip");
        Assert.Equal(7, wrong.ExitCode);
        Assert.Contains("There is no setting 'spreadBsp'. Did you mean 'spreadBps'?", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Ctl("pause", "1", "--why", "a look")).ExitCode);
        Assert.Equal("off", (string?)(await Ctl("list", "--json")).LastLine["strategies"]![0]!["state"]);
        Assert.Equal(0, (await Ctl("resume", "1", "--why", "seen")).ExitCode);
        var row = (await Ctl("list", "--json")).LastLine["strategies"]![0]!;
        Assert.Equal(("two-sided-maker", "running", 0L), ((string?)row["name"], (string?)row["state"], (long)row["faults"]!));
        demo.Terminate();
        var ended = await demo.EndAsync();
        Assert.True((long)ended.LastLine["orders"]!["placed"]! > 0, ended.Output);
        Assert.Equal(0, (long)ended.LastLine["lost"]!["trading"]!);

        Task<Outcome> Ctl(params string[] words) => PenstockProcess.RunAsync(folder.In("home"), ["ctl", "strategy", .. words]);
    }

    [Fact]
    public async Task A_wrong_name_and_a_file_that_does_not_build_are_told_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        var wrong = await PenstockProcess.RunAsync(folder.In("home"), "demo", "--strategy", "market-makin");
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("did you mean 'market-making'?", wrong.Errors, StringComparison.Ordinal);
        var file = folder.In("Broken.cs");
        await File.WriteAllTextAsync(file, "#:property PublishAot=false\nreturn Nothing.At(all);\n", TestContext.Current.CancellationToken);
        var broken = await PenstockProcess.RunAsync(folder.In("home"), "demo", "--strategy", file);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("does not build", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("CS0103", broken.Errors, StringComparison.Ordinal);
    }
}
