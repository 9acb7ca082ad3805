using System.Text.Json;
using System.Text.RegularExpressions;

namespace Penstock.IntegrationTests;

/// <summary>
/// The six classes of failure, injected one after another into one running demo: each is named on the Overview, and screen, Prometheus and the
/// journal count the same. What is done is apps/console/e2e/faults.mjs; what is asked of it stands here.
/// </summary>
public sealed partial class InjectedFaultTests
{
    /// <summary>From the moment a fault is asked for to the moment the node's own stamp says it was seen (issue: within ten seconds).</summary>
    private const double NamedWithinMs = 10_000;

    [Fact]
    [Trait("requirement", "R62")]
    [Trait("requirement", "R63")]
    [Trait("requirement", "R64")]
    [Trait("requirement", "R65")]
    [Trait("requirement", "R66")]
    [Trait("requirement", "R67")]
    public async Task Every_class_of_fault_is_named_on_the_Overview_with_one_count_on_screen_in_Prometheus_and_in_the_ledger()
    {
        var chromium = ConsoleTests.Chromium();
        using var folder = new TemporaryFolder();
        var sidecar = Tool.FreePort();
        await using var demo = PenstockProcess.Start(
            folder.In("home"), "demo", "--duration", "20m", "--venues", "kraken,okx", "--port", "0", "--sidecar", $"{sidecar}", "--ring", "8192",
            "--data", folder.In("run"), "--json");
        var url = Address().Match(await demo.WaitForAsync("Console on ")).Value;
        var token = (await demo.WaitForAsync("Token of its first admin")).Split(' ')[^1];
        await demo.WaitForAsync("READY");

        string[] ledger = ["dotnet", PenstockProcess.Program, "inspect", folder.In("run/journal"), "--json"];
        var outcome = await ConsoleTests.RunNodeAsync(
            [Path.Combine("e2e", "faults.mjs"), url, token, $"http://127.0.0.1:{sidecar}", JsonSerializer.Serialize(ledger)], chromium);
        Assert.True(outcome.Output.Length > 0, outcome.Errors);
        var found = outcome.LastLine;
        TestContext.Current.SendDiagnosticMessage(outcome.Output);
        Assert.True((bool)found["held"]!, outcome.Output);
        var faults = found["faults"]!.AsArray();
        Assert.Equal(["Burst", "SlowReader", "ExecutionBacklog", "Silence", "KillSidecar", "RestartNode"], faults.Select(f => (string)f!["kind"]!));
        Assert.All(faults, fault => Assert.InRange((double)fault!["namedMs"]! - (double)fault["askedMs"]!, 0, NamedWithinMs));
        demo.Terminate();
        await demo.EndAsync();
    }

    [GeneratedRegex("http://[^ ]+")]
    private static partial Regex Address();
}
