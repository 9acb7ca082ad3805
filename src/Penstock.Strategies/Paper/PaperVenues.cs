using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Strategies.Backtesting;

namespace Penstock.Strategies.Paper;

/// <summary>
/// The venues of a node on paper (E2): its orders meet the simulated execution of the back tests on the live books, and come back as any
/// venue's do, through the router into the journal. So a replay, a recovery and the shadow know nothing of paper: docs/decisions/0022.
/// <code>
///   engine → router → PaperGateway → latency → SimulatedExchange ← the engine's books, live
///   engine ← router ← PaperAccount ← latency ←──────┘
/// </code>
/// The trading thread only; after warm-up it allocates nothing.
/// </summary>
public sealed class PaperVenues
{
    private readonly SimulatedExecution _execution;
    private readonly IMonotonicClock _clock;
    private readonly KillWord _kill;
    private readonly VenueId[] _venues;
    private bool _isOpen;

    /// <param name="engine">Recovered, or new, and before its session begins.</param>
    /// <param name="listener">The node's router.</param>
    /// <param name="clock">The node's.</param>
    /// <param name="kill">Read before every order, as any session reads it.</param>
    /// <param name="options">How orders fare, and what the accounts begin with.</param>
    public PaperVenues(TradingEngine engine, IExecutionListener listener, IMonotonicClock clock, KillWord kill, PaperOptions options)
    {
        _clock = clock;
        _kill = kill;
        var exchange = new SimulatedExchange(engine.Instruments, new EngineBooks(engine), options.Simulation);
        _execution = new SimulatedExecution(exchange, options.Simulation) { NowNs = clock.NowNs };
        Account = new PaperAccount(engine, listener, options);
        OrdersRestored = PaperRecovery.Orders(engine, exchange);
        _venues = [.. engine.Instruments.All.Select(i => i.Venue).Distinct()];
    }

    public PaperAccount Account { get; }

    /// <summary>Orders of the journal that rest here again.</summary>
    public int OrdersRestored { get; }

    /// <summary>What the simulated venues did.</summary>
    public SimulationStatistics Statistics => _execution.Exchange.Statistics;

    /// <summary>Orders that rest. The trading thread's; elsewhere a figure of a moment ago.</summary>
    public int RestingOrders => _execution.Exchange.RestingOrders;

    /// <summary>The sessions have begun. Any thread.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen);

    public IOrderGateway GatewayOf(VenueId venue) => new PaperGateway(this, _execution, _clock, _kill, venue);

    /// <summary>What is due until then happens: requests arrive, answers come back. Returns how many.</summary>
    public int Step(long nowNs)
    {
        var work = 0;
        if (!_isOpen)
        {
            Volatile.Write(ref _isOpen, true);
            foreach (var venue in _venues) Account.OnSession(venue, ready: true, DisconnectReason.None, nowNs);
            work = _venues.Length;
        }

        for (; _execution.NextDueNs <= nowNs; work++) _execution.Step(Account, out _);
        return work;
    }

    /// <summary>What the feeds brought; after the engine has had it, for its books are the ones looked at.</summary>
    public void OnMarketEvents(ReadOnlySpan<MarketEvent> events, long nowNs)
    {
        _execution.Exchange.OnMarketEvents(events, nowNs);
        _execution.Collect(nowNs);
    }
}
