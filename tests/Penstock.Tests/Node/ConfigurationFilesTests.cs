using Penstock.Infrastructure.Problems;
using Penstock.Node.Configuration;

namespace Penstock.Tests.Node;

public sealed class ConfigurationFilesTests : IDisposable
{
    private const string Venues = "'venues':[{'name':'okx','symbols':['BTC-USDT']}]";

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-config").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_good_file_is_read_and_names_are_those_of_the_schema()
    {
        var configuration = Load($"{{'name':'n','environment':'sim',{Venues},'threads':{{'plan':'inline','idle':'backOff'}}}}");
        Assert.Equal((NodeEnvironment.Sim, ThreadLayout.Inline, HotIdle.BackOff), (configuration.Environment, configuration.Threads.Plan, configuration.Threads.Idle));
    }

    [Theory]
    [InlineData("'threads':{'plan':'stagd'}", "threads.plan", "Did you mean \"staged\"?")]
    [InlineData("'threads':{'idle':'backoff'}", "threads.idle", "Did you mean \"backOff\"?")]
    [InlineData("'threads':{'idle':'spin'}", "threads.idle", "busySpin")]
    [InlineData("'environment':'prod'", "environment", "sim, paper, live")]
    [InlineData("'environment':'papr'", "environment", "Did you mean \"paper\"?")]
    [InlineData("'treads':{}", "treads", "threads")]
    [InlineData("'threads':{'pinFirstCore':-2}", "threads.pinFirstCore", "-1")]
    [InlineData("'readiness':{'windows':5}", "readiness.goodWindows", "raise windows")]
    [InlineData("'strategies':[{'name':'market-makin','instrument':'BTC-USDT.OKX'}]", "strategies[0].name", "did you mean 'market-making'?")]
    [InlineData("'strategies':[{'name':'market-making','instrument':'BTC-USDT.OKEX'}]", "strategies[0].instrument", "did you mean 'BTC-USDT.OKX'?")]
    public void A_wrong_word_is_a_configuration_error_that_says_where_and_what_to_write(string fragment, string key, string help)
    {
        var problem = Refused($"{{'name':'n',{Venues},{fragment}}}");
        Assert.Contains(key, problem, StringComparison.Ordinal);
        Assert.Contains(help, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_venue_and_a_missing_file_are_told_apart()
    {
        Assert.Contains("did you mean 'okx'?", Refused("{'name':'n','venues':[{'name':'okxx','symbols':['BTC-USDT']}]}"), StringComparison.Ordinal);
        var missing = Assert.Throws<Problem>(() => ConfigurationFiles.Load(Path.Combine(_folder, "none.json"), []));
        Assert.Equal(ExitCode.Configuration, missing.Code);
        Assert.Contains("no such file", missing.Message, StringComparison.Ordinal);
    }

    private NodeConfiguration Load(string text)
    {
        var path = Path.Combine(_folder, "node.json");
        File.WriteAllText(path, text.Replace('\'', '"'));
        return ConfigurationFiles.Load(path, []);
    }

    private string Refused(string text)
    {
        var problem = Assert.Throws<Problem>(() => Load(text));
        Assert.Equal(ExitCode.Configuration, problem.Code);
        var written = new StringWriter();
        problem.Print(written);
        return written.ToString();
    }
}
