using System.Diagnostics;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Benchmarks.Rig;

/// <summary>An engine without venues whose breakers are tripped one after the other. Each measure returns inputs to the trip, and ns of the last.</summary>
internal sealed class BreakerRig : IOrderOutbox
{
    private static readonly InstrumentId Btc = new(1);
    private static readonly VenueId Venue = new(1);

    private readonly TradingEngine _engine;
    private long _nowNs = 1_000_000_000;
    private long _trade;
    private decimal _price = 60_000m;

    public BreakerRig()
    {
        var table = NodeRig.Market();
        _engine = new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), RequireReconciliation = false,
            Strategies = [(new StrategySetup { Id = 1, Kind = "none", Instruments = [Btc] }, new OneOrderPerBook(Btc))],
            NamedLimits =
            [
                "message-rate node 100000", "message-window node 1", "open-orders node 1000000", "duplicate-orders node none", "price-move node none", "price-collar node 10000",
                "order-notional node 1000000000", "gross-exposure node 1000000000", "position node 1000000", "position strategy:1 1000000",
            ],
        });
        _engine.BeginSession(new SessionInfo(1, 1, _nowNs, "{}"), new NoJournal(), this);
        _engine.OnCommand(Command(EngineCommandKind.DisableStrategy));
        _engine.OnCommand(Command(EngineCommandKind.SetState) with { State = NodeState.Ready });
        Quote();
    }

    /// <summary>One price 11.7 % away.</summary>
    public (int Inputs, long Ns) Volatility()
    {
        Quote();
        _price = _price > 60_000m ? 60_000m : 67_000m;
        return (1, Trip(() => Quote(), LimitName.Volatility, LimitScope.Of(Btc)));
    }

    /// <summary>A hundredth is held; one price takes more from it than a day may.</summary>
    public (int Inputs, long Ns) DailyLoss()
    {
        Set("volatility node none");
        Set("daily-loss node 1");
        if (_engine.Positions.Total(Btc).Raw == 0) FillOne();
        Quote();
        _price -= 101m;
        return (1, Trip(() => Quote(), LimitName.DailyLoss, LimitScope.Node));
    }

    /// <summary>Of 50 orders the venue refuses the third.</summary>
    public (int Inputs, long Ns) ErrorRate()
    {
        _nowNs += 100_000_000_000; // what other measures placed has left the window
        var orders = Enumerable.Range(0, 50).Select(_ => Place()).ToList();
        for (var i = 0; i < 2; i++) Report(ExecutionKind.Rejected, orders[i]);
        var ns = Trip(() => Report(ExecutionKind.Rejected, orders[2]), LimitName.ErrorRate, LimitScope.Node);
        for (var i = 3; i < orders.Count; i++) Report(ExecutionKind.Cancelled, orders[i]);
        return (3, ns);
    }

    /// <summary>The 51st order filled at one price within a second.</summary>
    public (int Inputs, long Ns) RepeatedFills()
    {
        Set("daily-loss node none");
        for (var i = 0; i < 50; i++) FillOne();
        var last = Place();
        var ns = Trip(() => Fill(last), LimitName.RepeatedFills, LimitScope.OfStrategy(1));
        _nowNs += 2_000_000_000;
        return (51, ns);
    }

    /// <summary>The sixth order in a row the venue is too busy for.</summary>
    public (int Inputs, long Ns) VenueFailures()
    {
        Set("error-rate node none");
        var orders = Enumerable.Range(0, 6).Select(_ => Place()).ToList();
        for (var i = 0; i < 5; i++) Report(ExecutionKind.Rejected, orders[i], RejectReason.Maintenance);
        var start = Stopwatch.GetTimestamp();
        Report(ExecutionKind.Rejected, orders[5], RejectReason.Maintenance);
        var ns = Stopwatch.GetElapsedTime(start).Ticks * 100;
        Require(_engine.Desk.Place(Wish(), false, _nowNs).Reject.Rule == RiskRule.VenueBreaker);
        Arm(LimitName.VenueFailures, LimitScope.Of(Venue));
        return (6, ns);
    }

    /// <summary>A cap goes below the order's size, and the next order is refused by it.</summary>
    public (int Inputs, long Ns) LimitChange()
    {
        var start = Stopwatch.GetTimestamp();
        Set("order-quantity node 0.005");
        var result = _engine.Desk.Place(Wish(), false, _nowNs);
        var ns = Stopwatch.GetElapsedTime(start).Ticks * 100;
        Require(result.Reject.Rule == RiskRule.OrderQuantity);
        Set("order-quantity node 10");
        return (1, ns);
    }

    void IOrderOutbox.Place(in RiskApproved<OrderRequest> order)
    {
    }

    void IOrderOutbox.Cancel(in CancelRequest cancel)
    {
    }

    void IOrderOutbox.Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    void IOrderOutbox.Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    private static void Require(bool condition)
    {
        if (!condition) throw new InvalidOperationException("The breaker did not do what is measured.");
    }

    private static OrderRequest Wish(decimal price) => new()
    {
        Instrument = Btc, Strategy = 1, Side = Side.Buy, Price = Price.From(Math.Round(price, 2)), Quantity = Quantity.From(0.01m),
    };

    private OrderRequest Wish() => Wish(_price);

    private long Trip(Action cause, LimitName name, LimitScope scope)
    {
        var live = _engine.Desk.Place(Wish(), false, _nowNs).ClientOrderId;
        var start = Stopwatch.GetTimestamp();
        cause();
        var ns = Stopwatch.GetElapsedTime(start).Ticks * 100;
        Require(_engine.Desk.Controls.Breakers.IsTripped(name, scope) && !_engine.Desk.Place(Wish(), false, _nowNs).IsPlaced);
        Require(_engine.Orders.Find(live) is null or { IsCancelPending: true } or { IsLive: false });
        Report(ExecutionKind.Cancelled, live);
        Arm(name, scope);
        return ns;
    }

    private void Arm(LimitName name, LimitScope scope) =>
        Require(_engine.OnCommand(Command(EngineCommandKind.ArmBreaker) with { Text = $"{LimitCatalog.Of(name).Text} {scope}" }).Done);

    private void Set(string limit) => Require(_engine.OnCommand(Command(EngineCommandKind.SetLimit) with { Text = limit }).Done);

    private EngineCommand Command(EngineCommandKind kind) => new() { Kind = kind, Who = "bench", Why = "measure", Strategy = 1, NowNs = _nowNs };

    private ClientOrderId Place()
    {
        _nowNs += 10_000;
        var result = _engine.Desk.Place(Wish(), false, _nowNs);
        return result.IsPlaced ? result.ClientOrderId : throw new InvalidOperationException($"Refused: {result.Reject}");
    }

    private void FillOne() => Fill(Place());

    private void Fill(ClientOrderId id)
    {
        _nowNs += 10_000;
        _engine.OnReport(new ExecutionReport
        {
            Kind = ExecutionKind.Fill, ClientOrderId = id, Instrument = Btc, Venue = Venue, Side = Side.Buy, TradeId = ++_trade, LastPrice = Wish().Price,
            LastQuantity = Quantity.From(0.01m), Received = new MonotonicTime(_nowNs),
        });
    }

    private void Report(ExecutionKind kind, ClientOrderId id, RejectReason reason = RejectReason.Rejected)
    {
        _nowNs += 10_000;
        _engine.OnReport(new ExecutionReport
        {
            Kind = kind, ClientOrderId = id, Instrument = Btc, Venue = Venue, Side = Side.Buy, Reason = kind == ExecutionKind.Rejected ? reason : RejectReason.None,
            Received = new MonotonicTime(_nowNs),
        });
    }

    private void Quote()
    {
        _nowNs += 10_000;
        var level = new MarketEvent { Kind = MarketEventKind.BookSnapshot, Instrument = Btc, Venue = Venue, Quantity = Quantity.From(1m), Received = new MonotonicTime(_nowNs) };
        var price = Math.Round(_price, 2);
        _engine.OnMarketEvents(
        [
            level with { Side = Side.Buy, Price = Price.From(price), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.Snapshot },
            level with { Side = Side.Sell, Price = Price.From(price + 0.01m), Flags = MarketEventFlags.LastOfMessage | MarketEventFlags.Snapshot },
        ]);
    }
}
