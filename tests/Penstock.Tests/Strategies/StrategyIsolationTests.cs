using Penstock.Infrastructure.Time;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Strategies;

/// <summary>A strategy that fails in one way or another, beside one that quotes: it alone is switched off, and everybody is told why.</summary>
[Trait("requirement", "R100")]
public sealed class StrategyIsolationTests
{
    public sealed record NoConfig;

    private sealed class Sending(bool swallows) : Strategy<NoConfig>
    {
        public int Sent { get; private set; }

        protected override void OnBook(in BookView book)
        {
            if (!book.IsTradable) return;
            try
            {
                while (true)
                {
                    Buy(book.Id, Quantity.From(0.001m)).Limit(Price.From(90m)).Send();
                    Sent++;
                }
            }
            catch (RunawayStrategyException) when (swallows)
            {
                Assert.False(Send(book));
            }
        }

        private bool Send(in BookView book)
        {
            try
            {
                return Buy(book.Id, Quantity.From(0.001m)).Limit(Price.From(90m)).Send().IsPlaced;
            }
            catch (RunawayStrategyException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_strategy_that_sends_in_a_loop_is_cut_off_in_the_call_and_switched_off_after_it(bool swallows)
    {
        var sending = new Sending(swallows);
        var world = new EngineWorld(sending, EngineWorld.Maker()).Ready().Book(100m, 100.02m);
        var engine = world.Engine;
        Assert.Equal(StrategyContext.ActionsPerCallMax, sending.Sent);
        Assert.Equal((false, true, 1L, 1L), (engine.Strategies[0].IsEnabled, engine.Strategies[1].IsEnabled, engine.Statistics.StrategyRunaways, engine.Statistics.StrategyFaults));
        Assert.Contains("at most 200", engine.Strategies[0].LastFault, StringComparison.Ordinal);
        Assert.Equal(2, world.Outbox.Placed.Count(o => o.Strategy == 2));
        world.Book(100m, 100.03m);
        Assert.Equal(StrategyContext.ActionsPerCallMax, sending.Sent);
        var replay = new EngineReplay(_ => EngineWorld.Create([new Sending(swallows), EngineWorld.Maker()]));
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(engine.StateHash, replay.Engine!.StateHash);
    }

    private sealed class Stillborn : Strategy<NoConfig>
    {
        protected override void OnStart() => throw new ArgumentException("needs a moon");
    }

    [Fact]
    public void A_strategy_that_fails_at_its_start_says_so_and_cannot_be_resumed()
    {
        var world = new EngineWorld(new Stillborn(), EngineWorld.Maker()).Ready().Book(100m, 100.02m);
        var failed = world.Engine.Strategies[0];
        Assert.Equal((false, false), (failed.IsStarted, failed.IsEnabled));
        Assert.Equal(2, world.Outbox.Placed.Count);
        var resumed = world.Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.EnableStrategy, Strategy = 1, Who = "test", NowNs = world.NowNs });
        Assert.False(resumed.Done);
        Assert.Contains("needs a moon", resumed.Message, StringComparison.Ordinal);
        var changed = world.Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.ConfigureStrategy, Strategy = 1, Text = "{}", Who = "test", NowNs = world.NowNs });
        Assert.False(changed.Done);
    }

    private sealed class Slow(ManualClock clock) : Strategy<NoConfig>
    {
        public long TakesNs { get; set; }

        protected override void OnTimer(MonotonicTime now) => clock.AdvanceNs(TakesNs);
    }

    [Fact]
    public void Five_calls_over_the_budget_within_ten_seconds_are_reported_once_and_fewer_are_not()
    {
        var clock = new ManualClock();
        var slow = new Slow(clock) { TakesNs = 300_000_000 };
        var world = new EngineWorld(slow, EngineWorld.Maker()).Ready();
        var runner = world.Engine.Strategies[0];
        runner.Measure(clock);
        for (var i = 0; i < StrategyBudget.OverrunsMax - 1; i++) world.Timer(20);
        Assert.Null(runner.Budget!.TakeVerdict());
        clock.AdvanceNs(StrategyBudget.WindowNs);
        world.Timer(20);
        Assert.Null(runner.Budget.TakeVerdict());
        for (var i = 0; i < StrategyBudget.OverrunsMax - 1; i++) world.Timer(20);
        var verdict = runner.Budget.TakeVerdict();
        Assert.Equal("5 calls within 10 s took longer than 250000 us, the last one 300000 us", verdict);
        Assert.Null(runner.Budget.TakeVerdict());
        Assert.Equal((9L, 300_000_000L), (runner.Budget.Overruns, runner.Budget.LongestNs));
        slow.TakesNs = 249_000_000;
        for (var i = 0; i < 20; i++) world.Timer(20);
        Assert.Equal((9L, true), (runner.Budget.Overruns, runner.IsEnabled));
    }

    private sealed class Counting : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            if (!book.IsTradable || Context.NextActive(null) is not null) return;
            Buy(book.Id, Quantity.From(0.1m)).Stop(Price.From(110.005m)).ReduceOnly().Send();
            Buy(book.Id, Quantity.From(0.1m)).Stop(Price.From(110m)).Limit(Price.From(111.009m)).Send();
            Sell(book.Id, Quantity.From(0.1m)).Limit(Price.From(101m)).GoodTill(new MonotonicTime(Now.Ns + 1_000_000_000)).PostOnly().Send();
        }
    }

    [Fact]
    [Trait("requirement", "R95")]
    public void The_builder_says_stops_stop_limits_and_orders_good_till_a_time()
    {
        var world = new EngineWorld(new Counting()).Ready().Book(100m, 100.02m);
        var orders = new List<OrderRequest>();
        for (var order = world.Engine.Strategies[0].Context.NextActive(null); order is not null; order = world.Engine.Strategies[0].Context.NextActive(order)) orders.Add(order.Request);
        Assert.Equal([OrderType.Stop, OrderType.StopLimit, OrderType.Limit], orders.Select(o => o.Type));
        Assert.Equal((110.01m, OrderFlags.ReduceOnly), (orders[0].StopPrice.ToDecimal(), orders[0].Flags & OrderFlags.ReduceOnly));
        Assert.Equal((110m, 111m), (orders[1].StopPrice.ToDecimal(), orders[1].Price.ToDecimal()));
        var limit = Assert.Single(world.Outbox.Placed);
        world.Report(ExecutionKind.Accepted, limit);
        world.Timer(500);
        Assert.Empty(world.Outbox.Cancelled);
        world.Timer(600);
        Assert.Equal(limit.ClientOrderId, Assert.Single(world.Outbox.Cancelled).ClientOrderId);
    }

    /// <summary>A quote that follows costs a cancel and a new order, one that need not follow costs nothing.</summary>
    [Fact]
    [Trait("requirement", "R97")]
    public void A_requote_of_both_sides_takes_four_messages_and_a_move_below_the_threshold_none()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        Settle(world);
        var (placed, cancelled) = (world.Outbox.Placed.Count, world.Outbox.Cancelled.Count);
        world.Book(100m, 100.03m);
        Settle(world);
        Assert.Equal((placed, cancelled), (world.Outbox.Placed.Count, world.Outbox.Cancelled.Count));
        world.Book(100.10m, 100.12m);
        foreach (var cancel in world.Outbox.Cancelled.Skip(cancelled).ToArray())
            world.Report(ExecutionKind.Cancelled, world.Outbox.Placed.Single(o => o.ClientOrderId == cancel.ClientOrderId), OrderState.Cancelled);
        Settle(world);
        Assert.Equal((placed + 2, cancelled + 2), (world.Outbox.Placed.Count, world.Outbox.Cancelled.Count));
    }

    private static void Settle(EngineWorld world)
    {
        foreach (var order in world.Outbox.Placed.ToArray())
        {
            if (world.Engine.Orders.Find(order.ClientOrderId) is { State: OrderState.Sent }) world.Report(ExecutionKind.Accepted, order);
        }
    }
}
