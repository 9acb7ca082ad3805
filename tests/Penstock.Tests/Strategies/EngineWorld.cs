using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.RateLimits;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Strategies.MarketMaking;
using Penstock.Tests.Trading;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>An engine with one market maker on BTC-USDT, stepped by hand.</summary>
internal sealed class EngineWorld
{
    public const string MakerConfiguration = """{"spreadBps":20,"size":0.1,"inventoryMax":0.3,"requoteTicks":2}""";

    public EngineWorld(params IReadOnlyList<IStrategy> strategies)
        : this(Create(strategies.Count == 0 ? [Maker()] : strategies))
    {
    }

    public EngineWorld(TradingEngine engine)
    {
        Engine = engine;
        Engine.BeginSession(new SessionInfo(1, 42, NowNs, "{}"), Journal, Outbox);
    }

    public TradingEngine Engine { get; }

    public MemoryJournal Journal { get; } = new();

    public RecordingOutbox Outbox { get; } = new();

    public long NowNs { get; private set; } = 1_000 * Ms;

    public static MarketMaker Maker(string configuration = MakerConfiguration)
    {
        var maker = new MarketMaker();
        Assert.Null(maker.Configure(configuration));
        return maker;
    }

    public static TradingEngine Create(IReadOnlyList<IStrategy> strategies, int checkpointInterval = 50, RiskLimits? limits = null,
        IStrategyVersions? versions = null, AmendRate? amends = null, Func<IBookSource, IBookSource>? around = null)
    {
        var instruments = Instruments();
        IBookSource books = new BookKeeperSource(new BookKeeper(instruments));
        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = instruments,
            Books = around is null ? books : around(books),
            Strategies = [.. strategies.Select((s, i) => (new StrategySetup { Id = (ushort)(i + 1), Kind = "test", Instruments = [Btc] }, s))],
            CheckpointInterval = checkpointInterval,
            Versions = versions,
            Amends = amends is null ? new Dictionary<VenueId, AmendRate>() : new Dictionary<VenueId, AmendRate> { [Venue] = amends },
            Limits = limits ?? new RiskLimits(),
            // These tests move prices as they need them; the breakers have tests of their own.
            NamedLimits = ["volatility node none", "price-move node none"],
        });
    }

    public EngineWorld Ready()
    {
        Engine.OnSession(Venue, true, DisconnectReason.None, NowNs);
        Engine.OnReconciled(Venue, true, NowNs);
        Command(EngineCommandKind.SetState, NodeState.Ready);
        return this;
    }

    public CommandResult Command(EngineCommandKind kind, NodeState state = NodeState.Init, string text = "") =>
        Engine.OnCommand(new EngineCommand { Kind = kind, Who = "test", Why = "because", State = state, Text = text, NowNs = NowNs });

    public EngineWorld Book(decimal bid, decimal ask, decimal bidQuantity = 1m, decimal askQuantity = 1m)
    {
        NowNs += Ms;
        Engine.OnMarketEvents(Snapshot(Btc, bid, ask, NowNs, bidQuantity, askQuantity));
        return this;
    }

    public void Report(ExecutionKind kind, in OrderRequest order, OrderState state = OrderState.None)
    {
        NowNs += Ms;
        var report = Fixtures.Report(kind, order.ClientOrderId.Value, state);
        report.Side = order.Side;
        report.Received = new MonotonicTime(NowNs);
        Engine.OnReport(report);
    }

    public void Fill(in OrderRequest order, long trade, decimal quantity)
    {
        NowNs += Ms;
        var report = Fixtures.Fill(order.ClientOrderId.Value, trade, quantity, order.Price.ToDecimal(), order.Side);
        report.Received = new MonotonicTime(NowNs);
        Engine.OnReport(report);
    }

    public void Timer(long ms)
    {
        NowNs += ms * Ms;
        Engine.OnTimer(NowNs);
    }
}
