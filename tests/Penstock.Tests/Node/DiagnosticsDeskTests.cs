using System.Text.Json.Nodes;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Node.Configuration;
using Penstock.Node.Control;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Node;

/// <summary>Log levels and faults are commands like any other: journaled with who and why, before they take effect.</summary>
[Trait("requirement", "R75")]
[Trait("requirement", "R145")]
public sealed class DiagnosticsDeskTests
{
    private readonly LogRing _log = new(new ManualClock());
    private readonly List<EngineCommand> _journal = [];
    private CommandResult? _answer = new(true, "");

    [Fact]
    public void A_level_is_journaled_first_and_taken_then()
    {
        Assert.Contains("from Debug on", Ask("log-level", ("level", "DEBUG")), StringComparison.Ordinal);
        var command = Assert.Single(_journal);
        Assert.Equal((EngineCommandKind.SetLogLevel, "Debug", "ann", "drill"), (command.Kind, command.Text, command.Who, command.Why));
        Assert.Equal(LogLevel.Debug, _log.LevelOf(2));
        _answer = null;
        Assert.Contains("nothing was changed", Ask("log-level", ("level", "error")), StringComparison.Ordinal);
        Assert.Equal(LogLevel.Debug, _log.LevelOf(2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("loud")]
    [InlineData("1")]
    [InlineData("+1")]
    [InlineData("Debug,Error")]
    public void What_is_no_level_is_refused_with_the_ones_there_are_and_not_journaled(string level)
    {
        Assert.Contains("known: trace, debug, information, warning, error, critical", Ask("log-level", ("level", level)), StringComparison.Ordinal);
        Assert.Empty(_journal);
    }

    [Fact]
    public void A_fault_is_journaled_in_a_simulation_and_refused_elsewhere()
    {
        Assert.Equal("Journaled.", Ask("fault", ("text", "fault venue=okx kind=Silence on=true")));
        var command = Assert.Single(_journal);
        Assert.Equal((EngineCommandKind.InjectFault, "fault venue=okx kind=Silence on=true"), (command.Kind, command.Text));
        foreach (var environment in (NodeEnvironment[])[NodeEnvironment.Paper, NodeEnvironment.Live])
            Assert.Contains("simulations only", Ask("fault", environment, "ann", ("text", "x")), StringComparison.Ordinal);
        Assert.Contains("text is needed", Ask("fault"), StringComparison.Ordinal);
        Assert.Contains("who and why are needed", Ask("fault", NodeEnvironment.Sim, "", ("text", "x")), StringComparison.Ordinal);
        Assert.Single(_journal);
    }

    [Fact]
    public void Another_command_is_somebody_elses() =>
        Assert.Null(Desk(NodeEnvironment.Sim).Answer(new JsonObject { ["command"] = "kill" }, "ann", "drill"));

    private string Ask(string command, params (string Key, string Value)[] fields) => Ask(command, NodeEnvironment.Sim, "ann", fields);

    private string Ask(string command, NodeEnvironment environment, string who, params (string Key, string Value)[] fields)
    {
        var asked = new JsonObject { ["command"] = command };
        foreach (var (key, value) in fields) asked[key] = value;
        var answer = Desk(environment).Answer(asked, who, "drill")!;
        return (string?)answer["result"] ?? (string)answer["error"]!;
    }

    private DiagnosticsDesk Desk(NodeEnvironment environment) => new(environment, _log, command =>
    {
        if (_answer is not null) _journal.Add(command);
        return _answer;
    });
}
