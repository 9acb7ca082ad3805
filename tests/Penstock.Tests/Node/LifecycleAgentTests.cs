using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Time;
using Penstock.Node.Configuration;
using Penstock.Node.Lifecycle;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Tests.Node;

[Trait("requirement", "R69")]
public class LifecycleAgentTests
{
    private static readonly ReadinessSample Good = new(true, true, 50_000, 200_000, 100, 0, 5_000);

    private readonly FakeVitals _vitals = new();
    private readonly List<(EngineCommand Command, TaskCompletionSource<CommandResult> Answer)> _sent = [];
    private readonly LifecycleAgent _lifecycle;
    private int _trusted;

    public LifecycleAgentTests() => _lifecycle = new LifecycleAgent(
        _vitals, new ReadinessConfiguration { DecisionP99MaxUs = 1_000, Windows = 3, GoodWindows = 3 },
        command =>
        {
            _sent.Add((command, new TaskCompletionSource<CommandResult>()));
            return _sent[^1].Answer.Task;
        },
        () => _trusted++, new LogRing(new ManualClock()));

    [Fact]
    public void It_goes_from_init_through_warm_up_to_ready_and_each_step_is_a_command()
    {
        Assert.Equal(0, _lifecycle.DoWork());
        Assert.Equal(NodeState.Init, _lifecycle.State);
        Window(Good);
        Assert.Equal(NodeState.WarmUp, _lifecycle.State);
        Assert.Equal("1 of 3 windows seen", _lifecycle.Waiting);
        Window(Good, Good);
        Assert.Equal(NodeState.Ready, _lifecycle.State);
        Assert.Equal([NodeState.WarmUp, NodeState.Ready], _sent.Select(s => s.Command.State));
        Assert.All(_sent, s => Assert.Equal((EngineCommandKind.SetState, "lifecycle"), (s.Command.Kind, s.Command.Who)));
        Assert.Equal(0, _lifecycle.DoWork());
    }

    [Fact]
    [Trait("requirement", "R59")]
    public void Figures_are_trusted_when_the_trading_thread_has_taken_the_first_ready_and_not_before()
    {
        Window(Good, Good, Good);
        Assert.Equal(NodeState.Ready, _lifecycle.State);
        _lifecycle.DoWork();
        Assert.Equal((false, 0), (_lifecycle.IsTrusted, _trusted));
        _sent[^1].Answer.SetResult(new CommandResult(true, ""));
        _lifecycle.DoWork();
        Assert.Equal((true, 1), (_lifecycle.IsTrusted, _trusted));
        Window(Good with { BooksReady = false });
        Assert.Equal((NodeState.Degraded, true, 1), (_lifecycle.State, _lifecycle.IsTrusted, _trusted));
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void A_failed_journal_degrades_to_no_persistence_whatever_the_state_and_never_comes_back()
    {
        Window(Good, Good, Good, Good with { JournalWorks = false });
        Assert.Equal((NodeState.Degraded, Degradation.NoPersistence | Degradation.CancelOnly), (_lifecycle.State, _sent[^1].Command.Degradation));
        Assert.Equal("NO_PERSIST, CANCEL_ONLY", NodeStateText.Of(_sent[^1].Command.Degradation));
        var sent = _sent.Count;
        for (var i = 0; i < 5; i++) Window(Good with { JournalWorks = false });
        Assert.Equal((NodeState.Degraded, sent), (_lifecycle.State, _sent.Count));
        Assert.Contains("journal has failed", _lifecycle.Waiting, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void A_journal_that_fails_in_a_degraded_node_is_said_once()
    {
        Window(Good, Good, Good, Good with { BooksReady = false });
        Window(Good with { BooksReady = false, JournalWorks = false });
        Assert.Equal(Degradation.NoPersistence | Degradation.CancelOnly | Degradation.MarketDataPartial, _sent[^1].Command.Degradation);
        var sent = _sent.Count;
        Window(Good with { JournalWorks = false });
        Assert.Equal(sent, _sent.Count);
    }

    [Fact]
    [Trait("requirement", "R158")]
    public void An_input_that_failed_in_the_engine_leaves_cancels_only_until_the_end()
    {
        var failed = Good with { EngineFault = "Report: OverflowException: too much" };
        Window(Good, Good, Good, failed);
        Assert.Equal((NodeState.Degraded, Degradation.CancelOnly), (_lifecycle.State, _sent[^1].Command.Degradation));
        Window(failed, failed, failed, failed);
        Assert.Equal(NodeState.Degraded, _lifecycle.State);
        Assert.Contains("OverflowException: too much", _lifecycle.Waiting, StringComparison.Ordinal);
    }

    [Fact]
    public void It_degrades_with_what_is_lost_and_earns_ready_back_over_the_whole_row()
    {
        Window(Good, Good, Good, Good with { BooksReady = false, OrdersReconciled = false });
        Assert.Equal(NodeState.Degraded, _lifecycle.State);
        Assert.Equal(Degradation.MarketDataPartial | Degradation.ExecutionPartial, _sent[^1].Command.Degradation);
        Window(Good, Good);
        Assert.Equal(NodeState.Degraded, _lifecycle.State);
        Window(Good);
        Assert.Equal(NodeState.Ready, _lifecycle.State);
        Assert.Equal(Degradation.None, _sent[^1].Command.Degradation);
    }

    [Fact]
    public void After_stop_nothing_moves()
    {
        Window(Good);
        _lifecycle.Stop();
        Window(Good, Good, Good);
        Assert.Equal(NodeState.WarmUp, _lifecycle.State);
        Assert.Single(_sent);
    }

    private void Window(params ReadinessSample[] samples)
    {
        foreach (var sample in samples)
        {
            _vitals.Next = sample;
            _vitals.Window++;
            _lifecycle.DoWork();
        }
    }

    private sealed class FakeVitals : INodeVitals
    {
        public ReadinessSample Next { get; set; }

        public long Window { get; set; }

        public ReadinessSample Sample() => Next;
    }
}
