using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Node.Configuration;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Strategies;

namespace Penstock.Node.Hosting;

/// <summary>
/// What happens when a strategy does not return (decision 23), on a thread of its own, for the trading thread is the one that is missing:
/// <code>
///   call too long → its thread held → kill word → marked beside the journal → live orders cancelled → exit code 8
///                                                                                                  └ or: released, strategy off, killed
/// </code>
/// </summary>
internal sealed class HangGuard : IDisposable
{
    private const int LooksPerBound = 20;
    private const int LookMsMax = 100;
    private const int RecoveryTimes = 10;

    private readonly WatchdogConfiguration _rule;
    private readonly Func<TradingEngine?> _engine;
    private readonly string _journal;
    private readonly IMonotonicClock _clock;
    private readonly LogRing _log;
    private readonly StrategyWatch _watch;
    private readonly Action<int> _exit;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly int _lookMs;
    private readonly IReadOnlyDictionary<VenueId, RescueLine> _lines;
    private readonly HangReaction? _reaction;
    private OrderRescue? _rescue;
    private HungCall _place;
    private volatile bool _stopping;
    private volatile string? _hung;

    /// <param name="rule">How long, and what then.</param>
    /// <param name="engine">Watched; null while there is none.</param>
    /// <param name="lines">The ways to the venues.</param>
    /// <param name="journal">The folder the call is marked in.</param>
    /// <param name="reaction">What else happens; null while there is nothing but a journal.</param>
    /// <param name="clock">Monotonic.</param>
    /// <param name="log">Names the strategy.</param>
    /// <param name="exit">Ends the process; a test has another.</param>
    public HangGuard(
        WatchdogConfiguration rule, Func<TradingEngine?> engine, IReadOnlyDictionary<VenueId, RescueLine> lines, string journal,
        HangReaction? reaction, IMonotonicClock clock, LogRing log, Action<int>? exit = null)
    {
        (_rule, _engine, _lines, _journal, _reaction, _clock, _log, _exit) = (rule, engine, lines, journal, reaction, clock, log, exit ?? Exit);
        _lookMs = Math.Clamp(rule.CallMaxMs / LooksPerBound, 1, LookMsMax);
        var boundNs = rule.CallMaxMs * 1_000_000L * (reaction is null ? RecoveryTimes : 1);
        _watch = new StrategyWatch(() => _engine()?.Calls, boundNs, 2 * _lookMs * 1_000_000L);
        _thread = new Thread(Run) { Name = "strategy-watch", IsBackground = true };
    }

    /// <summary>The strategy that has not returned; null while each does. Any thread.</summary>
    public string? Hung => _hung;

    /// <summary>
    /// While the journal is replayed: a node that was ended in a strategy that hung, before its watch could mark the call, would hang in it again.
    /// There are no orders to cancel yet, so it marks the call and ends; the next start passes.
    /// </summary>
    public static HangGuard? OfRecovery(WatchdogConfiguration rule, Func<TradingEngine?> engine, string journal, LogRing log)
    {
        if (rule.CallMaxMs == 0 || !rule.Exit) return null;
        var guard = new HangGuard(rule, engine, new Dictionary<VenueId, RescueLine>(), journal, null, MonotonicClock.Instance, log);
        guard.Start();
        return guard;
    }

    /// <summary>
    /// A venue's session on a thread of its own is handed the cancels; one on the trading thread is stepped by the guard, while that is held.
    /// </summary>
    public static IReadOnlyDictionary<VenueId, RescueLine> LinesOf(Pipeline pipeline)
    {
        var lines = new Dictionary<VenueId, RescueLine>();
        foreach (var venue in pipeline.Venues)
        {
            if (venue.Detached is { } detached) lines[venue.Id] = new RescueLine(detached, null);
            else if (venue.Orders is { } orders) lines[venue.Id] = new RescueLine(orders, orders);
        }

        return lines;
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        if (_thread.IsAlive) _thread.Join(1_000);
        _wake.Dispose();
    }

    /// <summary>One look; for the guard's thread, and for tests.</summary>
    internal void Look(long nowNs)
    {
        if (_rescue is not null) Rescue(nowNs);
        else if (_watch.Look(nowNs)) Begin(_engine()!, nowNs);
    }

    private void Run()
    {
        while (!_stopping)
        {
            _wake.WaitOne(_lookMs);
            if (!_stopping) Look(_clock.NowNs);
        }
    }

    private void Begin(TradingEngine engine, long nowNs)
    {
        _place = engine.Calls.Place;
        var (name, ms) = (engine.Strategies[_place.Strategy - 1].Context.Setup.Kind, _watch.InsideNs / 1_000_000);
        _hung = $"strategy {_place.Strategy} ({name}) has not returned from a call for {ms} ms";
        _reaction?.Press(_hung);
        _rescue = new OrderRescue(engine.Orders, _lines, nowNs);
        _log.Write(NodeMessages.StrategyHung, _place.Strategy, name, ms, _reaction is null ? 0 : _rescue.Waiting);
    }

    /// <summary>Sessions are first used one look after the thread was held: what it was doing in one of them has ended then.</summary>
    private void Rescue(long nowNs)
    {
        if (_reaction is not null && !_rescue!.Step(nowNs)) return;
        var (sent, lost) = (_rescue!.Sent, _rescue.Lost);
        _rescue = null;
        if (_rule.Exit) End(sent, lost);
        else GoOn(sent, lost);
    }

    private void End(int sent, int lost)
    {
        var marked = $"the node ends with exit code {(int)ExitCode.StrategyHung}; {Mark()}";
        _log.Write(NodeMessages.StrategyHungEnd, sent, lost, marked);
        _exit((int)ExitCode.StrategyHung);
    }

    /// <summary>The log is written by another thread, which is not the one that hangs: it gets a moment.</summary>
    private void Exit(int code)
    {
        _wake.WaitOne(LookMsMax * 3);
        Environment.Exit(code);
    }

    private string Mark()
    {
        try
        {
            _place.Save(_journal);
            return "started again, it leaves this call out and the strategy switched off";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the call could not be marked ({e.Message}): a start ends up in it again";
        }
    }

    /// <summary>Should it return after all it goes on where it was, killed and without the strategy; both as commands, so that it replays.</summary>
    private void GoOn(int sent, int lost)
    {
        _log.Write(NodeMessages.StrategyHungEnd, sent, lost, "the node waits for the call to return");
        _reaction?.SwitchOff(_place.Strategy, _hung!);
        _engine()!.Calls.Release();
    }
}

/// <summary>What a hang does to the rest of the node.</summary>
/// <param name="Press">The kill switch of everything, with the reason.</param>
/// <param name="SwitchOff">A command for when the call returns after all: the strategy, and why.</param>
internal sealed record HangReaction(Action<string> Press, Action<ushort, string> SwitchOff);
