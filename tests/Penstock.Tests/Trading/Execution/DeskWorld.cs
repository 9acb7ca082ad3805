using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

/// <summary>An order desk with BTC-USDT on two venues, stepped by hand.</summary>
internal sealed class DeskWorld
{
    public static readonly InstrumentId BtcElsewhere = new(2);

    private readonly NaiveBooks _books = new();

    public DeskWorld(RiskLimits? limits = null, IOrderOutbox? outbox = null, Penstock.Infrastructure.Journal.IJournalAppender? journal = null, int poolSize = 256)
    {
        Instruments.Add(Of(Venue));
        Instruments.Add(Of(new VenueId(2)));
        Desk = new OrderDesk(
            Instruments, _books, new OrderManager(2, new OrderManagerOptions { PoolSize = poolSize, FillWindow = 4_096 }, strategies: 2),
            new RiskGate(Instruments, limits ?? new RiskLimits { MessagesMax = 100_000 }, strategies: 2), new PositionKeeper(Instruments, 2));
        // Orders here come, fail and repeat as the test needs them; the controls have tests of their own.
        foreach (var name in (LimitName[])[LimitName.DuplicateOrders, LimitName.RepeatedFills, LimitName.ErrorRate, LimitName.VenueFailures])
            Assert.Null(Desk.Risk.TrySetLimit(name, LimitScope.Node, LimitTable.None));
        Desk.Venues.IsRequired = false;
        Desk.Risk.SetState(NodeState.Ready, Degradation.None);
        foreach (var instrument in Instruments.All)
            Desk.SetStatus(new MarketEvent { Instrument = instrument.Id, UpdateId = (long)InstrumentStatus.Trading });
        Desk.BeginSession(1, NowNs, journal ?? Journal, outbox ?? Outbox);
        Book(Btc, 99.9m, 100m);
        Book(BtcElsewhere, 99.9m, 100m);
    }

    public InstrumentTable Instruments { get; } = new();

    public OrderDesk Desk { get; }

    public OrderManager Orders => Desk.Orders;

    public MemoryJournal Journal { get; } = new();

    public RecordingOutbox Outbox { get; } = new();

    public long NowNs { get; set; } = 1_000 * Ms;

    public static OrderRequest Wish(Side side = Side.Buy, decimal price = 100m, decimal quantity = 1m) => Fixtures.Order(0, side, price, quantity);

    public Order Placed(in OrderRequest wish)
    {
        var placed = Desk.Place(wish, false, NowNs);
        Assert.True(placed.IsPlaced, placed.Reject.ToString());
        return Orders.Find(placed.ClientOrderId)!;
    }

    public Order Working(in OrderRequest wish)
    {
        var order = Placed(wish);
        Report(order, ExecutionKind.Accepted);
        return order;
    }

    public ReportOutcome Report(
        Order order, ExecutionKind kind, decimal price = 0m, decimal quantity = 0m, decimal cumulative = 0m, RejectReason reason = RejectReason.None,
        OrderState state = OrderState.None, string venueOrderId = "")
    {
        NowNs += Ms;
        return Desk.Apply(new ExecutionReport
        {
            Kind = kind, ClientOrderId = order.ClientOrderId, Venue = order.Venue, Instrument = order.Instrument, Side = order.Side, State = state, Reason = reason,
            LastPrice = Price.From(price), LastQuantity = Quantity.From(quantity), CumulativeQuantity = Quantity.From(cumulative),
            VenueOrderId = venueOrderId.Length == 0 ? default : Text40.From(venueOrderId),
        }, NowNs, out _);
    }

    public ReportOutcome Fill(Order order, long trade, decimal quantity, decimal price = 100m)
    {
        NowNs += Ms;
        return Desk.Apply(Fixtures.Fill(order.ClientOrderId.Value, trade, quantity, price, order.Side) with { Venue = order.Venue, Instrument = order.Instrument }, NowNs, out _);
    }

    public void Book(InstrumentId instrument, decimal bid, decimal ask)
    {
        NowNs += Ms;
        foreach (var e in Snapshot(instrument, bid, ask, NowNs)) _books.Apply(e);
        Desk.OnBook(instrument, new MonotonicTime(NowNs), NowNs);
    }

    public void Blind(InstrumentId instrument) => _books.Apply(new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = instrument });

    public void Trade(InstrumentId instrument, decimal price)
    {
        NowNs += Ms;
        Desk.OnTrade(instrument, Price.From(price), new MonotonicTime(NowNs), NowNs);
    }

    public void Timer(long ms)
    {
        NowNs += ms * Ms;
        Desk.OnTimer(NowNs);
    }

    private static Instrument Of(VenueId venue) => new()
    {
        Venue = venue, Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
        Tick = Price.From(0.01m), Lot = Quantity.From(0.001m), QuantityMin = Quantity.From(0.002m), NotionalMin = Notional.From(0.1m),
    };
}
