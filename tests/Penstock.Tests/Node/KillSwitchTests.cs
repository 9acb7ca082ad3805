using System.Collections.Concurrent;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Node.Control;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Tests.Node;

/// <summary>The ways to the kill word that need no command socket.</summary>
public sealed class KillSwitchTests : IDisposable
{
    /// <summary>No measure of anything: a test that hangs ends.</summary>
    private const int HangAfterMs = 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-kill").FullName;
    private readonly ConcurrentQueue<EngineCommand> _commands = new();
    private readonly ManualClock _clock = new();
    private readonly KillWord _word = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [Trait("requirement", "R88")]
    [InlineData("", "", true, true)]
    [InlineData("all", "", true, true)]
    [InlineData("venue okx\n", "venue:2", false, true)]
    [InlineData("strategy 2", "strategy:2", false, true)]
    [InlineData("venue nowhere", "", true, true)]
    [InlineData("strategy 9", "", true, true)]
    public void A_file_kills_what_it_names_and_everything_when_it_names_nothing_we_know(string content, string scope, bool others, bool named)
    {
        using var watch = Watch();
        watch.Start();
        // Written beside and moved: the content is there when the name is.
        File.WriteAllText(Path.Combine(_folder, "new"), content);
        File.Move(Path.Combine(_folder, "new"), watch.KillFile);
        Assert.True(SpinWait.SpinUntil(() => _commands.Any(c => c.Kind == EngineCommandKind.Kill), HangAfterMs));
        Assert.Equal(others, _word.Blocks(new VenueId(1), 1));
        Assert.Equal(named, _word.Blocks(new VenueId(2), 2));
        var command = _commands.Single(c => c.Kind == EngineCommandKind.Kill);
        Assert.Equal((scope, "file", watch.KillFile), (command.Text, command.Who, command.Why));
        Assert.True(watch.IsFileThere);
    }

    [Fact]
    [Trait("requirement", "R88")]
    public void A_node_that_finds_the_file_begins_killed_and_a_file_put_there_again_kills_again()
    {
        File.WriteAllText(Path.Combine(_folder, ControlWatch.FileName), "");
        using var watch = Watch();
        Assert.True(_word.All);
        watch.Start();
        File.Delete(watch.KillFile);
        _word.Set(false);
        File.WriteAllText(watch.KillFile, "");
        Assert.True(SpinWait.SpinUntil(() => _word.All, HangAfterMs));
    }

    [Fact]
    public void The_day_is_told_at_the_start()
    {
        using (var first = Watch()) first.Start();
        Assert.Equal("20231114", _commands.Single().Text);
    }

    [Fact]
    [Trait("requirement", "R88")]
    public void A_resume_follows_the_engine_and_never_undoes_a_later_press()
    {
        var kill = Kill();
        kill.Press(LimitScope.Node, "officer", "drill");
        Assert.True(_word.Blocks(new VenueId(1), 1));
        Assert.False(kill.Release(LimitScope.Node, "officer", "over", _ => new CommandResult(false, "no"))!.Value.Done);
        Assert.True(_word.All);
        Assert.False(kill.Release(LimitScope.Node, "officer", "over", _ =>
        {
            kill.Press(LimitScope.OfStrategy(1), "signal", "SIGUSR1");
            return new CommandResult(true, "");
        })!.Value.Done);
        Assert.True(_word.All);
        Assert.True(kill.Release(LimitScope.Node, "officer", "over", _ => new CommandResult(true, ""))!.Value.Done);
        Assert.False(_word.All);
        Assert.True(_word.Blocks(new VenueId(2), 1));
        Assert.False(_word.Blocks(new VenueId(2), 2));
    }

    [Fact]
    public void What_was_killed_in_the_journal_is_killed_at_the_last_hop_from_the_start()
    {
        _ = new KillPress(_word, ["binance", "okx"], 2, [LimitScope.Of(new VenueId(2))], Enqueue, new LogRing(_clock));
        Assert.True(_word.Blocks(new VenueId(2), 1));
        Assert.False(_word.Blocks(new VenueId(1), 1));
    }

    private KillPress Kill() => new(_word, ["binance", "okx"], 2, [], Enqueue, new LogRing(_clock));

    private ControlWatch Watch() => new(_folder, Kill(), _clock, Enqueue, new LogRing(_clock));

    private Task<CommandResult> Enqueue(EngineCommand command)
    {
        _commands.Enqueue(command);
        return Task.FromResult(new CommandResult(true, ""));
    }
}
