using Penstock.MarketData.Books;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies.Backtesting;
using Penstock.Trading;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies.Backtesting;

/// <summary>A simulated venue beside a book made by hand. Quantities and prices in decimals; each call is one message.</summary>
internal sealed class MarketBench
{
    private readonly BookKeeperSource _books;
    private long _nowNs = 1_000 * Ms;

    public MarketBench(QueueModel queue = QueueModel.Pessimistic, FeeRates fees = default)
    {
        var instruments = Instruments();
        _books = new BookKeeperSource(new BookKeeper(instruments));
        Exchange = new SimulatedExchange(instruments, _books, new SimulationOptions { Queue = queue, Fees = fees });
    }

    public SimulatedExchange Exchange { get; }

    public long NowNs => _nowNs;

    public MarketBench Book(params (Side Side, decimal Price, decimal Quantity)[] levels)
    {
        var events = new MarketEvent[levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            events[i] = Level(MarketEventKind.BookSnapshot, levels[i]);
            events[i].Flags = (i == 0 ? MarketEventFlags.FirstOfMessage : 0) | (i == levels.Length - 1 ? MarketEventFlags.LastOfMessage : 0) | MarketEventFlags.Snapshot;
        }

        return Feed(events);
    }

    public MarketBench Show(Side side, decimal price, decimal quantity) => Feed(Delta(side, price, quantity));

    /// <param name="side">The aggressor's.</param>
    public MarketBench Trade(Side side, decimal price, decimal quantity) => Feed(TradeEvent(side, price, quantity));

    public MarketEvent Delta(Side side, decimal price, decimal quantity) =>
        Level(MarketEventKind.BookDelta, (side, price, quantity)) with { Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage };

    public MarketEvent TradeEvent(Side side, decimal price, decimal quantity) =>
        Level(MarketEventKind.Trade, (side, price, quantity)) with { Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage };

    public MarketBench Feed(params MarketEvent[] events)
    {
        _nowNs += Ms;
        foreach (ref var e in events.AsSpan()) e.Received = new MonotonicTime(_nowNs);
        foreach (ref readonly var e in events.AsSpan()) _books.Apply(e);
        Exchange.OnMarketEvents(events, _nowNs);
        return this;
    }

    public List<ExecutionReport> Place(
        long id, Side side, decimal price, decimal quantity, TimeInForce time = TimeInForce.GoodTillCancel, OrderFlags flags = OrderFlags.None, OrderType type = OrderType.Limit)
    {
        Exchange.Place(Order(id, side, price, quantity) with { TimeInForce = time, Flags = flags, Type = type }, _nowNs);
        return Said();
    }

    public List<ExecutionReport> Cancel(long id)
    {
        Exchange.Cancel(new CancelRequest { ClientOrderId = new ClientOrderId(id), Instrument = Btc }, _nowNs);
        return Said();
    }

    public decimal Ahead(long id) => new Quantity(Exchange.QueueAhead(new ClientOrderId(id))).ToDecimal();

    /// <summary>What was said since the last look.</summary>
    public List<ExecutionReport> Said()
    {
        var said = new List<ExecutionReport>();
        while (Exchange.Reports.TryDequeue(out var report)) said.Add(report);
        return said;
    }

    public IOrderBook Books => _books.Find(Btc)!;

    private static MarketEvent Level(MarketEventKind kind, (Side Side, decimal Price, decimal Quantity) level) => new()
    {
        Kind = kind, Instrument = Btc, Venue = Venue, Side = level.Side, Price = Price.From(level.Price), Quantity = Quantity.From(level.Quantity),
    };
}
