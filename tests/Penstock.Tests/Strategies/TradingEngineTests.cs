using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Strategies.MarketMaking;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

public sealed class TradingEngineTests
{
    private sealed record NoConfig;

    private sealed class Thrower : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            if (book.Bid.Price >= Price.From(200m)) throw new InvalidOperationException("planted");
            Bid(book.Id).Set(book.Bid.Price, Quantity.From(0.5m));
        }
    }

    [Fact]
    [Trait("requirement", "R97")]
    public void The_market_maker_quotes_mid_plus_imbalance_times_skew_on_both_sides()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m, bidQuantity: 301m, askQuantity: 1m);
        // mid 100.01 + (301 − 1) × 0.0001 = 100.04; half of 20 bps is 0.10004: 99.93996 and 100.14004, to the tick outwards.
        Assert.Equal([(Side.Buy, 99.93m), (Side.Sell, 100.15m)], world.Outbox.Placed.Select(o => (o.Side, o.Price.ToDecimal())));
        Assert.All(world.Outbox.Placed, o => Assert.Equal((Quantity.From(0.1m), OrderFlags.PostOnly, 1), (o.Quantity, o.Flags, o.Strategy)));
    }

    [Fact]
    public void Quotes_follow_only_when_the_market_moved_enough_and_with_the_fewest_messages()
    {
        var world = Quoting(out var bid, out var ask);
        world.Book(100.01m, 100.03m);
        Assert.Empty(world.Outbox.Cancelled);
        world.Book(100.05m, 100.07m).Book(100.06m, 100.08m).Book(100.07m, 100.09m);
        Assert.Equal(2, world.Outbox.Cancelled.Count);
        Assert.Equal(2, world.Outbox.Placed.Count);
        world.Report(ExecutionKind.Cancelled, bid);
        Assert.Equal(3, world.Outbox.Placed.Count);
        world.Report(ExecutionKind.Cancelled, ask);
        Assert.Equal(4, world.Outbox.Placed.Count);
        Assert.Equal(2, world.Engine.Orders.OpenOrders(Btc));
    }

    [Fact]
    public void The_inventory_limit_takes_away_the_side_that_adds_to_it()
    {
        var world = Quoting(out var bid, out _);
        for (var i = 1; i <= 3; i++)
        {
            world.Fill(bid, i, 0.1m);
            world.Book(100m, 100.02m);
            bid = world.Outbox.Placed[^1];
            if (bid.Side == Side.Buy && i < 3) world.Report(ExecutionKind.Accepted, bid);
        }

        Assert.Equal(Quantity.From(0.3m), world.Engine.Positions.Total(Btc));
        Assert.Equal(Quantity.Zero, world.Engine.Orders.OpenBuy(Btc));
        Assert.Equal(Quantity.From(0.1m), world.Engine.Orders.OpenSell(Btc));
    }

    [Fact]
    [Trait("requirement", "R7")]
    public void A_book_that_cannot_be_trusted_takes_the_quotes_away()
    {
        var world = Quoting(out _, out _);
        world.Engine.OnMarketEvents([new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = Btc, Venue = Venue, Flags = MarketEventFlags.Gap, Received = new MonotonicTime(world.NowNs) }]);
        Assert.Equal(2, world.Outbox.Cancelled.Count);
    }

    [Fact]
    public void No_order_leaves_before_the_node_is_ready_and_the_venue_reconciled()
    {
        var world = new EngineWorld().Book(100m, 100.02m);
        Assert.Empty(world.Outbox.Placed);
        Assert.True(world.Engine.Risk.Rejects[(int)RiskRule.NotReady] > 0);
        world.Command(EngineCommandKind.SetState, NodeState.Ready);
        world.Timer(300);
        Assert.Empty(world.Outbox.Placed);
        Assert.True(world.Engine.Risk.Rejects[(int)RiskRule.Unresolved] > 0);
        world.Ready();
        world.Timer(300);
        Assert.Equal(2, world.Outbox.Placed.Count);
    }

    [Fact]
    [Trait("requirement", "R81")]
    public void After_a_kill_only_cancels_leave_until_resume()
    {
        var world = Quoting(out var bid, out var ask);
        world.Command(EngineCommandKind.Kill);
        Assert.Equal(2, world.Outbox.Cancelled.Count);
        world.Report(ExecutionKind.Cancelled, bid);
        world.Report(ExecutionKind.CancelRejected, ask);
        world.Book(101m, 101.02m);
        world.Timer(1_000);
        Assert.Equal(2, world.Outbox.Placed.Count);
        Assert.Equal(3, world.Outbox.Cancelled.Count);
        world.Report(ExecutionKind.Cancelled, ask);
        world.Command(EngineCommandKind.Resume);
        world.Timer(300);
        Assert.Equal(4, world.Outbox.Placed.Count);
    }

    [Fact]
    [Trait("requirement", "R96")]
    public void A_strategy_that_throws_loses_its_orders_and_the_others_notice_nothing()
    {
        var world = new EngineWorld(new Thrower(), EngineWorld.Maker("""{"size":0.2}""")).Ready().Book(100m, 100.02m);
        Assert.Equal(3, world.Outbox.Placed.Count);
        foreach (var order in world.Outbox.Placed.ToArray()) world.Report(ExecutionKind.Accepted, order);
        world.Book(200m, 200.02m);
        Assert.Equal((1L, false, true), (world.Engine.Statistics.StrategyFaults, world.Engine.Strategies[0].IsEnabled, world.Engine.Strategies[1].IsEnabled));
        Assert.Contains("planted", world.Engine.Strategies[0].LastFault, StringComparison.Ordinal);
        Assert.Equal(3, world.Outbox.Cancelled.Count); // its own one, and the maker's two that follow the market
        foreach (var cancel in world.Outbox.Cancelled.ToArray()) world.Report(ExecutionKind.Cancelled, world.Outbox.Placed.Single(o => o.ClientOrderId == cancel.ClientOrderId));
        Assert.Equal([2, 2], world.Outbox.Placed.Skip(3).Select(o => (int)o.Strategy));
    }

    [Fact]
    [Trait("requirement", "R85")]
    public void A_lost_connection_makes_orders_in_flight_unknown_and_stops_new_ones_until_reconciled()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        world.Report(ExecutionKind.Accepted, world.Outbox.Placed[0]);
        world.Engine.OnSession(Venue, false, DisconnectReason.SocketError, world.NowNs);
        Assert.Equal([OrderState.Working, OrderState.Unknown], world.Outbox.Placed.Select(o => world.Engine.Orders.Find(o.ClientOrderId)!.State));
        Assert.True(world.Engine.Desk.Venues.IsUnresolved(Btc));

        // Reconciled: the venue lists the second and not the first, which must be asked for by name.
        world.Engine.OnSession(Venue, true, DisconnectReason.None, world.NowNs + Ms);
        world.Report(ExecutionKind.OrderStatus, world.Outbox.Placed[1], OrderState.Working);
        world.Engine.OnReconciled(Venue, true, world.NowNs + Ms);
        Assert.Equal([OrderState.Unknown, OrderState.Working], world.Outbox.Placed.Select(o => world.Engine.Orders.Find(o.ClientOrderId)!.State));
        Assert.Contains(world.Outbox.Placed[0].ClientOrderId, world.Outbox.Queried);
        Assert.Equal(2, world.Outbox.Placed.Count);
    }

    [Fact]
    public void An_order_of_ours_that_only_the_venue_knows_is_taken_over_and_cancelled()
    {
        var world = new EngineWorld().Ready();
        var stray = new OrderRequest { ClientOrderId = ClientOrderId.Of(1, 999), Side = Side.Sell };
        world.Report(ExecutionKind.OrderStatus, stray, OrderState.Working);
        Assert.Equal(stray.ClientOrderId, Assert.Single(world.Outbox.Cancelled).ClientOrderId);
        world.Report(ExecutionKind.OrderStatus, default, OrderState.Working);
        Assert.Equal((1L, 1L), (world.Engine.Orders.Statistics.Adopted, world.Engine.Orders.Statistics.ExternalReports));
        world.Report(ExecutionKind.Cancelled, stray);
        Assert.Equal(Quantity.Zero, world.Engine.Orders.OpenSell(Btc));
    }

    [Fact]
    public void An_instrument_the_venue_halts_takes_no_order_until_it_trades_again()
    {
        var world = new EngineWorld().Ready();
        world.Engine.OnMarketEvents([Status(InstrumentStatus.Halted)]);
        world.Book(100m, 100.02m);
        Assert.Empty(world.Outbox.Placed);
        Assert.True(world.Engine.Risk.Rejects[(int)RiskRule.InstrumentStatus] > 0);
        world.Engine.OnMarketEvents([Status(InstrumentStatus.Trading)]);
        world.Timer(300);
        Assert.Equal(2, world.Outbox.Placed.Count);

        MarketEvent Status(InstrumentStatus status) => new()
        {
            Kind = MarketEventKind.Status, Instrument = Btc, Venue = Venue, UpdateId = (long)status, Received = new MonotonicTime(world.NowNs),
        };
    }

    [Fact]
    public void Every_order_is_in_the_journal_before_it_leaves()
    {
        var world = Quoting(out _, out _);
        var intents = world.Journal.Records.Where(r => r.Type == (ushort)EngineRecordType.OrderIntent).Select(r =>
        {
            Assert.True(EngineRecords.TryRead<OrderIntentRecord>(r.Payload, out var intent));
            return intent;
        });
        Assert.Equal(world.Outbox.Placed.Select(o => OrderIntentRecord.Of(o)), intents);
    }

    [Fact]
    public void Commands_are_journaled_with_who_and_why_and_bad_ones_change_nothing()
    {
        var world = new EngineWorld().Ready();
        Assert.True(world.Command(EngineCommandKind.SetLimits, text: """{"positionMax":3}""").Done);
        Assert.False(world.Command(EngineCommandKind.SetLimits, text: """{"positionMax":"x"}""").Done);
        Assert.False(world.Command((EngineCommandKind)200).Done);
        Assert.False(world.Command(EngineCommandKind.SetLimits, text: new string(' ', EngineCommand.TextLengthMax + 1)).Done);
        Assert.Equal(Quantity.From(3m), world.Engine.Risk.Limits.PositionMax);
        var commands = world.Journal.Records.Where(r => r.Type == (ushort)EngineRecordType.Command).Select(r => EngineRecords.DecodeCommand(r.Payload)!).ToList();
        Assert.Equal(3, commands.Count);
        Assert.All(commands, c => Assert.Equal(("test", "because"), (c.Who, c.Why)));
    }

    [Fact]
    public void The_catalog_knows_the_market_maker_and_its_configuration_is_validated()
    {
        var catalog = new StrategyCatalog(typeof(MarketMaker).Assembly);
        Assert.Contains("market-making", catalog.Names);
        Assert.True(catalog.TryCreate("market-making", out var maker));
        Assert.Null(maker!.Configure("""{"spreadBps":3}"""));
        Assert.NotNull(maker.Configure("""{"spreadBips":3}"""));
        Assert.NotNull(maker.Configure("""{"imbalanceLevels":0}"""));
        Assert.NotNull(maker.Configure("nonsense"));
        Assert.False(catalog.TryCreate("market-magic", out _));
    }

    [Theory, Trait("requirement", "R95")]
    [InlineData("""{"spreadBips":3}""", "There is no setting 'spreadBips'. Did you mean 'spreadBps'? Known: ", "size")]
    [InlineData("""{"zzz":3}""", "There is no setting 'zzz'. Known: ", "spreadBps")]
    [InlineData("""{"spreadBps":"wide"}""", "spreadBps is a number, not 'wide'.", "")]
    [InlineData("""{"imbalanceLevels":2.5}""", "imbalanceLevels is a whole number within range, not '2.5'.", "")]
    [InlineData("[3]", "Settings are keys with values.", "")]
    [InlineData("nonsense", "Not JSON: ", "")]
    public void Wrong_settings_are_told_in_the_words_of_who_wrote_them(string settings, string begins, string names)
    {
        var wrong = new MarketMaker().Configure(settings)!;
        Assert.StartsWith(begins, wrong, StringComparison.Ordinal);
        Assert.Contains(names, wrong, StringComparison.Ordinal);
        Assert.DoesNotContain(".NET", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(MarketMaker), wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void The_quoting_path_allocates_nothing()
    {
        var engine = EngineWorld.Create([EngineWorld.Maker()], checkpointInterval: 1_000_000, limits: new RiskLimits { MessagesMax = 100_000 });
        var venue = new EchoVenue();
        engine.BeginSession(new SessionInfo(1, 42, 0, "{}"), new NullJournal(), venue);
        engine.OnSession(Venue, true, DisconnectReason.None, 0);
        engine.OnReconciled(Venue, true, 0);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = 0 });
        var up = Snapshot(Btc, 100m, 100.02m, 0);
        var down = Snapshot(Btc, 100.10m, 100.12m, 0);
        Run(2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sentBefore = engine.Orders.Statistics.Sent;
        Run(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(engine.Orders.Statistics.Sent - sentBefore > 5_000, $"{engine.Orders.Statistics.Sent} sent");

        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                var events = i % 2 == 0 ? up : down;
                var now = engine.Now.Ns + 10 * Ms;
                events[0].Received = events[1].Received = new MonotonicTime(now);
                engine.OnMarketEvents(events);
                venue.Deliver(engine, now);
                engine.OnTimer(now);
            }
        }
    }

    private static EngineWorld Quoting(out OrderRequest bid, out OrderRequest ask)
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        (bid, ask) = (world.Outbox.Placed[0], world.Outbox.Placed[1]);
        world.Report(ExecutionKind.Accepted, bid);
        world.Report(ExecutionKind.Accepted, ask);
        return world;
    }
}
