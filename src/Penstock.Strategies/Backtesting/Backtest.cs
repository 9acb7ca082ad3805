using System.Globalization;
using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
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

    private const long DayNs = 86_400_000_000_000;

    /// <summary>Longer silences of the recording are not filled with timers that find nothing to do.</summary>
    private const long QuietNs = 10_000_000_000;

    /// <summary>The session begins before the first event, so that the venues are reconciled when it comes.</summary>
    private const long LeadNs = 1_000_000_000;

    private readonly TradingEngine _engine;
    private readonly SimulatedExecution _execution;
    private long _nextTimerNs;
    private long _nextDayNs = long.MaxValue;
    private long _day = long.MinValue;
    private long? _unixAtZeroNs;
    private bool _isReady;

    public Backtest(TradingEngine engine, SimulatedExecution execution)
    {
        _engine = engine;
        _execution = execution;
    }

    public long NowNs { get; private set; }

    /// <summary>Orders begin with the next events; while false books are only built. Once begun it stays so.</summary>
    public bool MayTrade { get; set; } = true;

    /// <summary>
    /// Unix time at which the data's clock read zero, ns: days begin at UTC midnight by it, as a live node's do.
    /// Null where nobody knows: then none begins.
    /// </summary>
    public long? UnixAtZeroNs
    {
        get => _unixAtZeroNs;
        set
        {
            _unixAtZeroNs = value;
            // A clock that was set back does not begin a day again.
            _nextDayNs = value is not { } zero ? long.MaxValue : _day == long.MinValue ? NowNs : Math.Max(NowNs, (_day + 1) * DayNs - zero);
        }
    }

    /// <param name="session">Its NowNs is the time of the first event; what is journaled begins a second earlier.</param>
    public void Begin(SessionInfo session, IJournalAppender journal)
    {
        NowNs = _execution.NowNs = session.NowNs - LeadNs;
        _engine.BeginSession(session with { NowNs = NowNs, UnixNs = session.UnixAtZeroNs is { } zeroNs ? NowNs + zeroNs : 0 }, journal, _execution);
        var seen = new HashSet<VenueId>();
        foreach (var instrument in _engine.Instruments.All)
        {
            if (seen.Add(instrument.Venue)) _engine.OnSession(instrument.Venue, ready: true, DisconnectReason.None, NowNs);
        }

        if (UnixAtZeroNs is { } zero) BeginDay((session.NowNs + zero) / DayNs, NowNs);
        _nextTimerNs = NowNs + TimerIntervalNs;
    }

    /// <summary>The next events of the recording; all that is due before them happens first.</summary>
    public void OnMarketEvents(ReadOnlySpan<MarketEvent> events, long timeNs)
    {
        AdvanceTo(timeNs);
        if (!_isReady && MayTrade)
        {
            _isReady = true;
            Command(EngineCommandKind.SetState, NodeState.Ready, "the recording begins");
        }

        _engine.OnMarketEvents(events);
        _execution.Exchange.OnMarketEvents(events, timeNs);
        _execution.Collect(timeNs);
    }

    /// <summary>A payment to the simulated account; all that is due before it happens first.</summary>
    public void OnFunding(in FundingReport funding, long timeNs)
    {
        AdvanceTo(timeNs);
        _engine.OnFunding(funding with { Received = new MonotonicTime(timeNs) });
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
            if (Math.Min(_nextDayNs, Math.Min(due, _nextTimerNs)) > timeNs) break;
            if (_nextDayNs <= Math.Min(due, _nextTimerNs))
            {
                _execution.NowNs = _nextDayNs;
                BeginDay((_nextDayNs + UnixAtZeroNs!.Value) / DayNs, _nextDayNs);
            }
            else if (due <= _nextTimerNs)
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

    private void BeginDay(long day, long nowNs)
    {
        _day = day;
        _nextDayNs = (day + 1) * DayNs - UnixAtZeroNs!.Value;
        var text = DateTime.UnixEpoch.AddDays(day).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        _engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.BeginDay, Text = text, Who = "backtest", Why = "the UTC day", NowNs = nowNs });
    }

    private void Command(EngineCommandKind kind, NodeState state, string why) =>
        _engine.OnCommand(new EngineCommand { Kind = kind, Who = "backtest", Why = why, State = state, NowNs = NowNs });
}
