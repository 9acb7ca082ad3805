using Penstock.Connectivity.RateLimits;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Strategies;
using Penstock.Strategies.Backtesting;
using Penstock.Tests.Trading;
using Penstock.Trading;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies.Backtesting;

/// <summary>What the engine asks for arrives at the venues of a back test.</summary>
public sealed class ChangedQuotesTests
{
    [Fact]
    [Trait("requirement", "R97")]
    public void Quotes_that_follow_the_market_of_a_back_test_are_changed_and_every_change_is_answered()
    {
        var engine = EngineWorld.Create([EngineWorld.Maker()], amends: new AmendRate { KeepsPostOnly = true });
        var options = new SimulationOptions();
        var execution = new SimulatedExecution(new SimulatedExchange(engine.Instruments, new BooksOf(engine), options), options);
        var backtest = new Backtest(engine, execution);
        var now = 10_000 * Ms;
        backtest.Begin(new SessionInfo(1, 1, now, "{}"), new MemoryJournal());
        for (var step = 0; step < 40; step++, now += 500 * Ms)
        {
            var bid = 100m + step % 5 * 0.05m;
            backtest.OnMarketEvents(Snapshot(Btc, bid, bid + 0.02m, now), now);
        }

        var (orders, exchange) = (engine.Orders.Statistics, execution.Exchange.Statistics);
        Assert.InRange(orders.Amended, 50, 80);
        // One a side may be on its way yet.
        Assert.InRange(orders.AmendsSent - orders.Amended - orders.AmendRejects, 0, 2);
        Assert.Equal(0, orders.UnknownTotal);
        Assert.True(exchange.Amends > orders.Sent, $"{exchange.Amends} changes, {orders.Sent} orders");
    }

    private sealed class BooksOf(TradingEngine engine) : IBookSource
    {
        public IOrderBook? Find(InstrumentId instrument) => engine.BookOf(instrument);

        public void Apply(in MarketEvent marketEvent) => throw new InvalidOperationException("They are the engine's.");
    }
}
