using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Strategies.Paper;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies.Paper;

/// <summary>An engine, its router and the venues on paper, joined as the node joins them; a book made by hand, and a clock that is pushed.</summary>
internal sealed class PaperWorld : IJournalAppender
{
    private static readonly PaperOptions Options = new()
    {
        Simulation = new SimulationOptions { JitterNs = 0, Fees = FeeRates.FromBps(10m, 10m) },
        Balances = new Dictionary<string, decimal> { ["BTC"] = 2m },
    };

    private readonly ManualClock _clock = new();
    private readonly MarketEvent[] _trade = new MarketEvent[1];
    private ExecutionRouter _router = null!;
    private int _sessions;

    public PaperWorld()
    {
        var instruments = Instruments();
        Engine = new TradingEngine(new TradingEngineSetup
        {
            Instruments = instruments, Books = new BookKeeperSource(new BookKeeper(instruments)), Strategies = [],
            Limits = new RiskLimits
            {
                MessagesMax = 10_000, MessageWindowMs = 1, PositionMax = Quantity.From(1_000_000), GrossExposureMax = Notional.From(1_000_000_000),
            },
            NamedLimits = ["duplicate-orders node none"],
        });
        Begin();
    }

    public TradingEngine Engine { get; }

    public PaperVenues Paper { get; private set; } = null!;

    public KillWord Kill { get; } = new();

    public ExecutionStatistics Sent => _router.Statistics;

    public long Sequence { get; private set; }

    public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;

    /// <summary>Another session over the same engine, as after a restart: what the venues on paper knew is gone.</summary>
    public void Begin()
    {
        _router = new ExecutionRouter(Engine.Instruments, _clock, latency: null);
        var trades = (long)++_sessions << 32;
        Paper = new PaperVenues(Engine, _router, _clock, Kill, Options with { Simulation = Options.Simulation with { TradesBefore = trades } });
        _router.Attach(Venue, Paper.GatewayOf(Venue));
        Engine.BeginSession(new SessionInfo(_sessions, 1, _clock.NowNs, "{}"), this, _router);
        Pass();
        Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = _clock.NowNs });
    }

    public PaperWorld Book(decimal bid, decimal ask, decimal bidQuantity = 1m, decimal askQuantity = 1m) =>
        Feed(Snapshot(Btc, bid, ask, _clock.NowNs, bidQuantity, askQuantity));

    /// <param name="side">The aggressor's.</param>
    /// <param name="price">Of the trade.</param>
    /// <param name="quantity">Of the trade.</param>
    public PaperWorld Trade(Side side, Price price, Quantity quantity)
    {
        _trade[0] = new MarketEvent
        {
            Kind = MarketEventKind.Trade, Instrument = Btc, Venue = Venue, Side = side, Price = price, Quantity = quantity,
            Received = new MonotonicTime(_clock.NowNs), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage,
        };
        return Feed(_trade);
    }

    public ClientOrderId Place(Side side, Price price, Quantity quantity)
    {
        var order = new OrderRequest { Instrument = Btc, Side = side, Price = price, Quantity = quantity };
        return Engine.Desk.Place(order, isStrategyDisabled: false, _clock.NowNs).ClientOrderId;
    }

    public void Cancel(ClientOrderId id)
    {
        if (Engine.Orders.Find(id) is { } order) Engine.Desk.Cancel(order, new MonotonicTime(_clock.NowNs), _clock.NowNs);
    }

    public PaperWorld PassWithTimer()
    {
        Pass();
        Engine.OnTimer(_clock.NowNs);
        return this;
    }

    /// <summary>Long enough for a way there and back, twice.</summary>
    public PaperWorld Pass()
    {
        for (var i = 0; i < 25; i++)
        {
            _clock.AdvanceMs(1);
            Paper.Step(_clock.NowNs);
            _router.Drain(Engine);
        }

        return this;
    }

    /// <summary>Ours by the engine's ledger less the account's, of an asset.</summary>
    public decimal Difference(string asset)
    {
        var accounts = Engine.Positions.Accounts;
        for (var i = 0; i < accounts.Length; i++)
        {
            if (accounts[i].Asset.ToString() == asset && accounts[i].IsReported)
                return (Engine.Positions.Expected(i) - Paper.Account.BalanceOf(Venue, asset)!.Value).ToDecimal();
        }

        return decimal.MaxValue;
    }

    private PaperWorld Feed(MarketEvent[] events)
    {
        Engine.OnMarketEvents(events);
        Paper.OnMarketEvents(events, _clock.NowNs);
        return this;
    }
}
