using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Orders;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>What a strategy, and an observer of orders, is called for and in which order.</summary>
public class StrategyContractTests
{
    public sealed record NoConfig;

    private sealed class Listening : Strategy<NoConfig>
    {
        public List<string> Heard { get; } = [];

        protected override void OnStart() => Heard.Add("start");

        protected override void OnBook(in BookView book)
        {
            Heard.Add(book.IsTradable ? $"book {book.Bid.Price}/{book.Ask.Price}" : "book unusable");
            if (book.IsTradable) Bid(book.Id).Set(book.Bid.Price, Quantity.From(0.1m));
            else Bid(book.Id).Clear();
        }

        protected override void OnTrade(in MarketEvent trade) => Heard.Add($"trade {trade.Side} {trade.Price}");

        protected override void OnOrder(in OrderEvent order) => Heard.Add($"order {order.Kind}");

        protected override void OnTimer(MonotonicTime now) => Heard.Add("timer");

        protected override void OnHealth(in HealthEvent health) => Heard.Add(health.IsGap ? "gap" : health.IsStale ? "stale" : "fresh");

        protected override void OnStop() => Heard.Add("stop");
    }

    private sealed class Observer : IOrderObserver
    {
        public List<string> Heard { get; } = [];

        public void OnPlaced(Order order) => Heard.Add("placed");

        public void OnAcked(Order order) => Heard.Add("acked");

        public void OnFilled(Order order, in ExecutionReport fill) => Heard.Add($"filled {fill.LastQuantity}");

        public void OnCancelled(Order order) => Heard.Add("cancelled");

        public void OnRejected(Order order) => Heard.Add("rejected");

        public void OnUnknown(Order order) => Heard.Add("unknown");
    }

    private sealed class Trailing : Strategy<NoConfig>
    {
        public ClientOrderId Stop { get; private set; }

        protected override void OnBook(in BookView book)
        {
            var stop = new Price(book.Bid.Price.Raw - FixedPoint.Scale);
            var wish = new OrderRequest { Instrument = book.Id, Side = Side.Sell, Type = OrderType.Stop, StopPrice = stop, Quantity = Quantity.From(0.1m) };
            if (Stop.IsNone) Stop = Context.Place(wish).ClientOrderId;
            else if (Context.Find(Stop)!.Request.StopPrice < stop) Context.MoveStop(Stop, stop);
        }
    }

    [Fact]
    public void A_strategy_trails_its_stop_behind_the_market()
    {
        var strategy = new Trailing();
        var world = new EngineWorld(strategy).Ready().Book(100m, 101m).Book(103m, 104m);
        Assert.Equal(Price.From(102m), world.Engine.Orders.Find(strategy.Stop)!.Request.StopPrice);
        world.Book(102m, 103m);
        Assert.Empty(world.Outbox.Placed);
        world.Book(101m, 102m);
        Assert.Equal((OrderType.Market, Side.Sell), (Assert.Single(world.Outbox.Placed).Type, world.Outbox.Placed[0].Side));
    }

    [Fact]
    [Trait("requirement", "R95")]
    public void A_strategy_hears_of_books_trades_orders_time_and_health()
    {
        var strategy = new Listening();
        var world = new EngineWorld(strategy).Ready().Book(100m, 101m);
        world.Report(ExecutionKind.Accepted, world.Outbox.Placed.Single());
        world.Engine.OnMarketEvents([Event(world, MarketEventKind.Trade, MarketEventFlags.None)]);
        world.Engine.OnMarketEvents([Event(world, MarketEventKind.FeedHealth, MarketEventFlags.Stale)]);
        world.Timer(10);
        world.Engine.EndSession();
        Assert.Equal(["start", "book 100/101", "order Accepted", "trade Sell 100", "stale", "book unusable", "timer", "stop"], strategy.Heard);
    }

    [Fact]
    [Trait("requirement", "R80")]
    public void An_observer_hears_of_an_orders_whole_life()
    {
        var observer = new Observer();
        var world = new EngineWorld(new Listening()).Ready();
        world.Engine.Orders.AddObserver(observer);
        world.Book(100m, 101m);
        var order = world.Outbox.Placed.Single();
        world.Report(ExecutionKind.Acked, order);
        world.Report(ExecutionKind.Accepted, order);
        world.Fill(order, 1, 0.04m);
        world.Report(ExecutionKind.Cancelled, order, OrderState.Cancelled);
        Assert.Equal(["placed", "acked", "filled 0.04", "cancelled"], observer.Heard.Distinct());
    }

    [Theory]
    [Trait("requirement", "R101")]
    [InlineData("market-making", InstrumentGrouping.EachAlone)]
    [InlineData("arbitrage", InstrumentGrouping.SamePair)]
    [InlineData("statistical-arbitrage", InstrumentGrouping.Pair)]
    [InlineData("unknown", InstrumentGrouping.EachAlone)]
    public void A_strategy_says_itself_how_instruments_are_partitioned_among_its_instances(string name, InstrumentGrouping grouping) =>
        Assert.Equal(grouping, new StrategyCatalog(typeof(StrategyCatalog).Assembly).GroupingOf(name));

    private static MarketEvent Event(EngineWorld world, MarketEventKind kind, MarketEventFlags flags) => new()
    {
        Kind = kind, Side = Side.Sell, Instrument = Btc, Venue = Venue, Price = Price.From(100m), Quantity = Quantity.From(0.5m), Received = new MonotonicTime(world.NowNs),
        Flags = flags | MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage, UpdateId = 7,
    };
}
