using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;
using Penstock.Node.Configuration;
using Penstock.Node.Logging;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Node.Lifecycle;

/// <summary>
/// Looks at every window of the trading thread and moves the node between its states (R69), by commands that are journaled like
/// any other. Runs on the admin thread; the trading thread only ever sees the command.
/// </summary>
/// <param name="vitals">How the node is.</param>
/// <param name="rule">What READY takes.</param>
/// <param name="send">Hands a command to the trading thread and returns at once.</param>
/// <param name="trusted">Called once, when the trading thread has taken the first READY: from here on figures count (R59).</param>
/// <param name="log">Every transition is one line.</param>
internal sealed class LifecycleAgent(
    INodeVitals vitals, ReadinessConfiguration rule, Func<EngineCommand, Task<CommandResult>> send, Action trusted, LogRing log) : IAgent
{
    private readonly ReadinessGate _gate = new(rule);
    private Task<CommandResult>? _firstReady;
    private long _lastWindow;
    private bool _saidNoPersistence;
    private volatile bool _stopping;
    private volatile bool _isTrusted;

    public string Role => "lifecycle";

    public NodeState State { get; private set; } = NodeState.Init;

    /// <summary>False until the node has been READY: until then metrics describe a warm-up.</summary>
    public bool IsTrusted => _isTrusted;

    /// <summary>What stands between the node and READY; empty when nothing does.</summary>
    public string Waiting => _gate.Waiting;

    /// <summary>Any thread: no more transitions, the node stops.</summary>
    public void Stop() => _stopping = true;

    public int DoWork()
    {
        if (_stopping) return 0;
        if (!_isTrusted && _firstReady is { IsCompletedSuccessfully: true })
        {
            _isTrusted = true;
            trusted();
        }

        var window = vitals.Window;
        if (window == _lastWindow) return 0;
        _lastWindow = window;
        if (State == NodeState.Init) Move(NodeState.WarmUp, Degradation.None, "the pipeline runs");
        var sample = vitals.Sample();
        var ready = _gate.Observe(sample);
        switch (State)
        {
            case NodeState.WarmUp or NodeState.Degraded when ready:
                var taken = Move(NodeState.Ready, Degradation.None, "every condition holds");
                _firstReady ??= taken;
                break;
            case NodeState.Degraded when !sample.JournalWorks && !_saidNoPersistence:
            case NodeState.Ready when _gate.MustDegrade():
                _saidNoPersistence = !sample.JournalWorks;
                Move(NodeState.Degraded, Lost(sample), _gate.Waiting);
                break;
        }

        return 1;
    }

    private static Degradation Lost(in ReadinessSample sample) =>
        (sample.JournalWorks ? Degradation.None : Degradation.NoPersistence | Degradation.CancelOnly)
        | (sample.EngineFault is null ? Degradation.None : Degradation.CancelOnly)
        | (sample.BooksReady ? Degradation.None : Degradation.MarketDataPartial) | (sample.OrdersReconciled ? Degradation.None : Degradation.ExecutionPartial);

    private Task<CommandResult> Move(NodeState state, Degradation degradation, string why)
    {
        State = state;
        log.Write(state == NodeState.Degraded ? NodeMessages.Degraded : NodeMessages.StateChanged, state.ToText(), why);
        return send(new EngineCommand { Kind = EngineCommandKind.SetState, State = state, Degradation = degradation, Who = "lifecycle", Why = why, NowNs = 0 });
    }
}
