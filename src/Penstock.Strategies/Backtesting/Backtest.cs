using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Strategies.Backtesting;

/// <summary>
/// The deterministic loop of a back test (E1): recorded market events, simulated venues and time, in the order of their times, into
/// the engine that also trades live. Its journal is one like any other: it replays to the same state hash.
/// </summary>
public sealed class Backtest
{
    /// <summary>As the node's.</summary>
    public const long TimerIntervalNs = 20_000_000;

    /// <summary>Longer silences of the recording are not filled with timers that find nothing to do.</summary>
    private const long QuietNs = 10_000_000_000;

    /// <summary>The session begins before the first event, so that the venues are reconciled when it comes.</summary>
    private const long LeadNs = 1_000_000_000;

    private readonly TradingEngine _engine;
    private readonly SimulatedExecution _execution;
    private readonly long _readyFromNs;
    private long _nextTimerNs;
    private bool _isReady;

    /// <param name="readyFromNs">Orders from this time on; before it books are only built.</param>
    public Backtest(TradingEngine engine, SimulatedExecution execution, long readyFromNs = 0)
    {
        _engine = engine;
        _execution = execution;
        _readyFromNs = readyFromNs;
    }

    public long NowNs { get; private set; }

    /// <param name="session">Its NowNs is the time of the first event; what is journaled begins a second earlier.</param>
    public void Begin(SessionInfo session, IJournalAppender journal)
    {
        NowNs = _execution.NowNs = session.NowNs - LeadNs;
        _engine.BeginSession(session with { NowNs = NowNs }, journal, _execution);
        var seen = new HashSet<VenueId>();
        foreach (var instrument in _engine.Instruments.All)
        {
            if (seen.Add(instrument.Venue)) _engine.OnSession(instrument.Venue, ready: true, DisconnectReason.None, NowNs);
        }

        _nextTimerNs = NowNs + TimerIntervalNs;
    }

    /// <summary>The next events of the recording; all that is due before them happens first.</summary>
    public void OnMarketEvents(ReadOnlySpan<MarketEvent> events, long timeNs)
    {
        AdvanceTo(timeNs);
        if (!_isReady && timeNs >= _readyFromNs)
        {
            _isReady = true;
            Command(EngineCommandKind.SetState, NodeState.Ready, "the recording begins");
        }

        _engine.OnMarketEvents(events);
        _execution.Exchange.OnMarketEvents(events, timeNs);
        _execution.Collect(timeNs);
    }

    /// <summary>Cancels what is live, waits for the answers, and ends the session. Returns the final state hash.</summary>
    public ulong End()
    {
        Command(EngineCommandKind.Drain, NodeState.Draining, "the recording ends");
        // Each answer may ask for more; the engine is draining, so they end.
        for (var steps = 0; _execution.NextDueNs != long.MaxValue && steps < 1_000_000; steps++) AdvanceTo(_execution.NextDueNs);
        return _engine.EndSession();
    }

    private void AdvanceTo(long timeNs)
    {
        while (true)
        {
            var due = _execution.NextDueNs;
            if (due == long.MaxValue && timeNs - _nextTimerNs > QuietNs) _nextTimerNs = timeNs - QuietNs;
            if (Math.Min(due, _nextTimerNs) > timeNs) break;
            if (due <= _nextTimerNs)
            {
                _execution.Step(_engine, out _);
            }
            else
            {
                _execution.NowNs = _nextTimerNs;
                _engine.OnTimer(_nextTimerNs);
                _nextTimerNs += TimerIntervalNs;
            }
        }

        NowNs = Math.Max(NowNs, timeNs);
        _execution.NowNs = NowNs;
    }

    private void Command(EngineCommandKind kind, NodeState state, string why) =>
        _engine.OnCommand(new EngineCommand { Kind = kind, Who = "backtest", Why = why, State = state, NowNs = NowNs });
}
