namespace Penstock.IntegrationTests;

/// <summary>What deploy/ holds, judged by the programs it is for.</summary>
public class DeployTests
{
    private static string Folder(string name) => Path.Combine(Tool.Root, "deploy", name);

    [Fact]
    [Trait("requirement", "R55")]
    [Trait("requirement", "R60")]
    public async Task Promtool_takes_the_configuration_and_the_rules_and_every_alert_fires_on_its_case()
    {
        Tool.Require("promtool", "prometheus");
        foreach (string[] arguments in (string[][])
                 [["check", "config", "prometheus.yml"], ["check", "rules", "recording.rules.yml", "alerts.rules.yml"], 
                  ["test", "rules", "alerts.test.yml"]])
        {
            var outcome = await Tool.RunAsync("promtool", arguments, Folder("prometheus"));
            Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        }
    }

    /// <summary>The test of the rules itself must be able to fail: with a rule broken, it does.</summary>
    [Fact]
    public async Task A_rule_that_no_longer_fires_is_noticed()
    {
        Tool.Require("promtool", "prometheus");
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Folder("prometheus"))) File.Copy(file, folder.In(Path.GetFileName(file)));
        var rules = await File.ReadAllTextAsync(folder.In("alerts.rules.yml"), TestContext.Current.CancellationToken);
        var broken = rules.Replace("penstock_node_up == 0", "penstock_node_up == 2", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.In("alerts.rules.yml"), broken, TestContext.Current.CancellationToken);
        var outcome = await Tool.RunAsync("promtool", ["test", "rules", "alerts.test.yml"], folder.Path);
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("PenstockNodeDown", outcome.Output + outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R60")]
    public async Task Amtool_takes_the_sample_of_alertmanager()
    {
        Tool.Require("amtool", "prometheus-alertmanager");
        var outcome = await Tool.RunAsync("amtool", ["check-config", Path.Combine(Folder("alertmanager"), "alertmanager.yml")]);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
    }

    [Theory]
    [InlineData("penstock-node")]
    [InlineData("penstock-sidecar")]
    [InlineData("penstock-control")]
    [Trait("requirement", "R147")]
    [Trait("requirement", "R149")]
    public async Task A_service_exposes_at_most_1_5_of_10(string unit)
    {
        Tool.Require("systemd-analyze", "systemd");
        var outcome = await Tool.RunAsync(
            "systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=15", Path.Combine(Folder("systemd"), unit + ".service")]);
        Assert.SkipWhen(outcome.Errors.Contains("unrecognized option", StringComparison.Ordinal), "this systemd-analyze has no --offline");
        Assert.Contains("Overall exposure level", outcome.Output, StringComparison.Ordinal);
        Assert.True(outcome.ExitCode == 0, outcome.Output[outcome.Output.IndexOf("Overall", StringComparison.Ordinal)..]);
    }
}
