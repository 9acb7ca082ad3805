namespace Penstock.IntegrationTests;

/// <summary>Each wrong word gets one clear message (what, why, next) and its documented exit code; never a stack trace.</summary>
[Trait("requirement", "R94")]
public class CommandLineTests
{
    [Theory]
    [InlineData(2, "there is no verb 'dmo'", "did you mean 'demo'?", "dmo")]
    [InlineData(2, "'--durtion' is not an option", "did you mean '--duration'?", "demo", "--durtion", "5s")]
    [InlineData(2, "'soon' is not a duration", "--duration 20s", "demo", "--duration", "soon")]
    [InlineData(4, "there is no simulated venue 'krakn'", "did you mean 'kraken'?", "demo", "--venues", "krakn")]
    [InlineData(4, "no node is running", "penstock demo", "ctl", "status")]
    [InlineData(4, "there is no such journal", "penstock demo", "verify", "/nonexistent/journal")]
    [InlineData(4, "no such", "", "replay", "/nonexistent/journal")]
    [InlineData(4, "no such", "", "inspect", "recording", "/nonexistent/file.jsonl.gz")]
    [InlineData(2, "nothing to inspect", "inspect recording", "inspect")]
    [InlineData(3, "", "", "config", "check", "/nonexistent/node.json")]
    [InlineData(2, "missing", "--help", "verify")]
    public async Task A_wrong_command_line_is_answered_clearly(int exitCode, string what, string next, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), arguments);
        Assert.True(exitCode == outcome.ExitCode, $"exit code {outcome.ExitCode}\n{outcome.Errors}{outcome.Output}");
        Assert.StartsWith("penstock", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(what, outcome.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("next:", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(next, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":1,"name":"n","vneues":[]}""", "vneues", "venues")]
    [InlineData("""{"version":99,"name":"n","venues":[{"name":"kraken","symbols":["BTC-USD"]}]}""", "version", "")]
    [InlineData("""{"version":1,"name":"n","venues":[{"name":"kraken","symbols":["BTC-USD"],"apiSecret":"abc"}]}""", "apiSecret", "")]
    [InlineData("""{"version":1,"name":"n","venues":[{"name":"krakn","symbols":["BTC-USD"]}]}""", "krakn", "kraken")]
    [InlineData("""{"version":1,"name":"n","venues":[{"name":"kraken","symbols":["BTC-USD"]}],"strategies":[{"name":"market-makin","instrument":"BTC-USD.KRAKEN"}]}""", "market-makin", "market-making")]
    [InlineData("""{"version":1,""", "", "")]
    [InlineData("""{"version":1,"name":"n","ringCapacity":"many","venues":[{"name":"kraken","symbols":["BTC-USD"]}]}""", "ringCapacity", "")]
    public async Task A_wrong_configuration_is_answered_clearly(string text, string what, string suggestion)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("node.json"), text);
        var outcome = await PenstockProcess.RunAsync(folder.In("home"), "run", "--config", folder.In("node.json"), "--data", folder.In("data"));
        Assert.True(outcome.ExitCode == 3, outcome.Errors + outcome.Output);
        Assert.Contains(what, outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(suggestion, outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("node.json", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_and_schema_and_help_work_without_anything_running()
    {
        using var folder = new TemporaryFolder();
        Assert.True((bool)(await PenstockProcess.RunAsync(folder.In("home"), "doctor", "--json")).LastLine["ok"]!);
        var schema = await PenstockProcess.RunAsync(folder.In("home"), "config", "schema");
        Assert.Equal(0, schema.ExitCode);
        Assert.Contains("\"venues\"", schema.Output, StringComparison.Ordinal);
        var help = await PenstockProcess.RunAsync(folder.In("home"), "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("demo", help.Output, StringComparison.Ordinal);
    }
}
