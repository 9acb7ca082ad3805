using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

[Trait("requirement", "R88")]
public sealed class BreakerTests
{
    [Fact]
    public void Volatility_trips_beyond_ten_percent_stops_that_instrument_cancels_its_orders_and_waits_for_a_person()
    {
        var world = new ControlWorld("price-move node none").Price(Btc, 100m).Price(Eth, 100m);
        var live = world.Place(price: 100m).ClientOrderId;
        var elsewhere = world.Place(price: 100m, instrument: Eth).ClientOrderId;
        world.Pass(60_000).Price(Btc, 110m);
        Assert.Empty(world.Outbox.Cancelled);
        world.Price(Btc, 110.01m);
        Assert.Equal([live], world.Outbox.Cancelled.Select(c => c.ClientOrderId));
        Assert.Equal("volatility instrument:1: 1001 / 1000", world.Place(price: 110m).Reject.ToString());
        Assert.True(world.Place(price: 100m, instrument: Eth).IsPlaced);
        Assert.True(world.Engine.Orders.Find(elsewhere)!.IsLive);

        world.Pass(3_600_000).Price(Btc, 110m);
        Assert.Equal(RiskRule.Volatility, world.Place(price: 110m).Reject.Rule);
        Assert.False(world.Command(EngineCommandKind.ArmBreaker, "volatility instrument:2").Done);
        Assert.True(world.Command(EngineCommandKind.ArmBreaker, "volatility instrument:1").Done);
        Assert.True(world.Place(price: 110m).IsPlaced);
        Assert.Contains(world.Journal.Records, r => r.Type == (ushort)EngineRecordType.BreakerTripped);
    }

    [Fact]
    public void Eleven_percent_in_281_seconds_are_within_300()
    {
        var world = new ControlWorld("price-move node none").Pass(17_700).Price(Btc, 100m);
        Assert.Equal(18_700 * Ms, world.NowNs);
        world.Pass(281_300).Price(Btc, 111m);
        Assert.Equal("volatility instrument:1: 1100 / 1000", world.Place(price: 111m).Reject.ToString());
    }

    [Fact]
    public void A_move_stops_orders_for_its_window_also_where_no_price_comes_after_it()
    {
        var world = new ControlWorld("volatility node none", "price-move node 500", "price-move-window node 1600").Price(Btc, 100m).Pass(10).Price(Btc, 106m);
        Assert.Equal(RiskRule.PriceMove, world.Pass(1_580).Place(price: 106m).Reject.Rule);
        Assert.Equal(RiskRule.None, world.Pass(121).Place(price: 106m).Reject.Rule);
    }

    [Fact]
    public void A_loss_of_ten_thousand_passes_one_cent_more_stops_everything_and_a_new_day_alone_does_not_arm()
    {
        var world = new ControlWorld("volatility node none", "price-move node none").Price(Btc, 10_000m);
        Assert.True(world.Command(EngineCommandKind.BeginDay, "20261121").Done);
        world.Fill(world.Place(price: 10_000m, quantity: 10m).ClientOrderId, 10m);
        var live = world.Place(2, price: 10_000m, quantity: 1m).ClientOrderId;
        world.Price(Btc, 9_000m);
        Assert.False(world.Engine.Orders.Find(live)!.IsCancelPending);
        world.Price(Btc, 8_999.99m);
        Assert.True(world.Engine.Orders.Find(live)!.IsCancelPending);
        Assert.Equal("daily-loss: 10000.1 / 10000", world.Place(2, price: 9_000m).Reject.ToString());
        Assert.True(world.Command(EngineCommandKind.BeginDay, "20261122").Done);
        Assert.Equal(RiskRule.DailyLoss, world.Place(2, price: 9_000m).Reject.Rule);
        Assert.True(world.Command(EngineCommandKind.ArmBreaker, "daily-loss").Done);
        Assert.True(world.Place(2, price: 9_000m).IsPlaced);
        world.Price(Btc, 7_999.98m);
        Assert.Equal(RiskRule.DailyLoss, world.Place(2, price: 8_000m).Reject.Rule);
    }

    [Fact]
    public void A_strategys_own_loss_limit_stops_that_strategy()
    {
        var world = new ControlWorld("daily-loss strategy:1 5", "price-move node none").Price(Btc, 100m);
        world.Fill(world.Place(1).ClientOrderId, 1m);
        world.Price(Btc, 94.99m);
        Assert.Equal("daily-loss strategy:1: 5.01 / 5", world.Place(1, price: 95m).Reject.ToString());
        Assert.True(world.Place(2, price: 95m).IsPlaced);
    }

    [Fact]
    public void Five_percent_errors_pass_and_one_more_trips()
    {
        var world = new ControlWorld("venue-failures node none").Price(Btc, 100m);
        var orders = Enumerable.Range(0, 60).Select(i =>
        {
            var id = world.Pass(20).Place(1 + i % 2, price: 100m + i / 100m, quantity: 0.1m).ClientOrderId;
            if (i >= 4) world.Report(ExecutionKind.Cancelled, id);
            return id;
        }).ToList();
        for (var i = 0; i < 3; i++) world.Report(ExecutionKind.Rejected, orders[i], RejectReason.InvalidParameter);
        Assert.True(world.Place(price: 99m).IsPlaced);
        world.Report(ExecutionKind.Rejected, orders[3], RejectReason.WouldTakeLiquidity);
        Assert.True(world.Place(price: 98m).IsPlaced);
        var last = world.Place(price: 97m).ClientOrderId;
        world.Report(ExecutionKind.Rejected, last, RejectReason.InsufficientFunds);
        Assert.Equal("error-rate: 635 / 500", world.Place(price: 99m).Reject.ToString());
        Assert.True(world.Command(EngineCommandKind.ArmBreaker, "error-rate node").Done);
        Assert.True(world.Place(price: 99m).IsPlaced);
    }

    [Fact]
    public void Fills_that_go_round_in_circles_halt_the_strategy_that_asked_for_them()
    {
        var world = new ControlWorld("repeated-fills node 4").Price(Btc, 100m);
        // Up and down: the position is where it was, at another price each time.
        for (var i = 0; i < 4; i++)
            world.Fill(world.Pass(10).Place(1, i % 2 == 0 ? Side.Buy : Side.Sell, 100m + i / 100m).ClientOrderId, 1m);
        Assert.False(world.Engine.Desk.Controls.Breakers.IsTripped(LimitName.RepeatedFills, LimitScope.OfStrategy(1)));
        for (var i = 4; i < 6; i++)
            world.Fill(world.Pass(10).Place(1, i % 2 == 0 ? Side.Buy : Side.Sell, 100m + i / 100m).ClientOrderId, 1m);
        Assert.Equal("repeated-fills strategy:1: 6 / 4", world.Place(1).Reject.ToString());
        Assert.True(world.Place(2).IsPlaced);
        Assert.True(world.Command(EngineCommandKind.ArmBreaker, "repeated-fills strategy:1").Done);

        // One order filled in many parts at one price is one execution.
        var order = world.Place(1, price: 100m, quantity: 2m).ClientOrderId;
        for (var i = 0; i < 10; i++) world.Fill(order, 0.1m);
        Assert.True(world.Place(1, price: 99m).IsPlaced);
    }

    [Fact]
    public void A_venue_that_fails_is_left_alone_then_probed_by_one_order()
    {
        var world = new ControlWorld("venue-failures node 2", "error-rate node none", "open-orders node 100").Price(Btc, 100m).Price(Other, 100m);
        var live = world.Place(price: 90m, quantity: 0.1m, instrument: Btc);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(world.Engine.Desk.Controls.Venues.StateOf(new VenueId(1)) == VenueBreakerState.Closed);
            world.Report(ExecutionKind.Rejected, world.Place(price: 99m - i).ClientOrderId, RejectReason.Maintenance);
        }

        Assert.Equal("venue-failures venue:1: 3 / 2", world.Place(price: 98m).Reject.ToString());
        Assert.True(world.Place(instrument: Other).IsPlaced);
        if (live.IsPlaced) Assert.True(world.Engine.Desk.Cancel(world.Engine.Orders.Find(live.ClientOrderId)!, default, world.NowNs));

        Assert.Equal(RiskRule.VenueBreaker, world.Pass(4_999).Place(price: 98m).Reject.Rule);
        var probe = world.Pass(1).Place(price: 98m);
        Assert.True(probe.IsPlaced);
        Assert.Equal(RiskRule.VenueBreaker, world.Place(price: 97m).Reject.Rule);
        world.Report(ExecutionKind.NotSent, probe.ClientOrderId, RejectReason.Transient);
        Assert.Equal(RiskRule.VenueBreaker, world.Place(price: 97m).Reject.Rule);
        var second = world.Pass(5_000).Place(price: 98m).ClientOrderId;
        world.Report(ExecutionKind.Accepted, second);
        Assert.True(world.Place(price: 97m).IsPlaced);
        Assert.Equal(2, world.Engine.Desk.Controls.Statistics.VenueBreakersOpened);
    }

    [Theory]
    [InlineData(ExecutionKind.NotSent, RejectReason.RateLimited)]
    [InlineData(ExecutionKind.NotSent, RejectReason.Killed)]
    [InlineData(ExecutionKind.NotSent, RejectReason.StaleSignal)]
    [InlineData(ExecutionKind.NotSent, RejectReason.InvalidParameter)]
    [InlineData(ExecutionKind.NotSent, RejectReason.NotSupported)]
    public void A_probe_that_never_left_says_nothing_of_the_venue_and_the_next_order_is_the_probe(ExecutionKind kind, RejectReason reason)
    {
        var world = BehindAnOpenBreaker();
        var probe = world.Pass(5_000).Place(price: 98m).ClientOrderId;
        world.Report(kind, probe, reason);
        Assert.Equal(VenueBreakerState.Open, world.Engine.Desk.Controls.Venues.StateOf(new VenueId(1)));
        var second = world.Place(price: 97m);
        Assert.True(second.IsPlaced); // the pause is over: it was the probe that was missing
        Assert.Equal(RiskRule.VenueBreaker, world.Place(price: 96m).Reject.Rule);
        world.Report(ExecutionKind.Accepted, second.ClientOrderId);
        Assert.True(world.Place(price: 96m).IsPlaced);
    }

    [Theory]
    [InlineData(OrderState.Working, true)]
    [InlineData(OrderState.Cancelled, true)]
    [InlineData(OrderState.Rejected, true)]
    [InlineData(OrderState.None, false)]
    public void A_probe_whose_fate_is_asked_for_ends_too(OrderState status, bool closes)
    {
        var world = BehindAnOpenBreaker();
        var probe = world.Pass(5_000).Place(price: 98m).ClientOrderId;
        // Its cancel comes back as "no such order": what is live here and unknown there is asked for.
        Assert.True(world.Engine.Desk.Cancel(world.Engine.Orders.Find(probe)!, default, world.NowNs));
        world.Report(ExecutionKind.CancelRejected, probe, RejectReason.OrderNotFound);
        Assert.Equal(VenueBreakerState.Open, world.Engine.Desk.Controls.Venues.StateOf(new VenueId(1)));
        var second = world.Pass(5_000).Place(price: 97m).ClientOrderId;
        if (status == OrderState.None)
        {
            world.Engine.Desk.Reconcile(new VenueId(1), world.NowNs);
            world.Engine.OnReconciled(new VenueId(1), true, world.NowNs); // sent before the question, and not in the answer
        }
        else
        {
            world.Engine.OnReport(new ExecutionReport
            {
                Kind = ExecutionKind.OrderStatus, ClientOrderId = second, Instrument = Btc, Venue = new VenueId(1), Side = Side.Buy, State = status, Received = new(world.NowNs),
            });
        }

        Assert.Equal(closes ? VenueBreakerState.Closed : VenueBreakerState.Open, world.Engine.Desk.Controls.Venues.StateOf(new VenueId(1)));
    }

    private static ControlWorld BehindAnOpenBreaker()
    {
        var world = new ControlWorld("venue-failures node 2", "error-rate node none", "open-orders node 100").Price(Btc, 100m);
        for (var i = 0; i < 3; i++) world.Report(ExecutionKind.Rejected, world.Place(price: 99m - i).ClientOrderId, RejectReason.Maintenance);
        Assert.Equal(RiskRule.VenueBreaker, world.Pass(4_999).Place(price: 98m).Reject.Rule);
        return world.Pass(-4_999);
    }

    [Fact]
    [Trait("requirement", "R92")]
    public void What_latched_stays_latched_in_the_replay_of_the_journal_and_the_session_after_it()
    {
        var limits = new[] { "volatility node none", "price-move node none" };
        var world = new ControlWorld(limits).Price(Btc, 100m);
        world.Command(EngineCommandKind.BeginDay, "20261121");
        world.Set("daily-loss node 10");
        var order = world.Engine.Desk; // placed by hand: the replay is fed the inputs only, so the fill is an orphan in both
        Assert.NotNull(order);
        world.Engine.OnReport(new ExecutionReport
        {
            Kind = ExecutionKind.Fill, Instrument = Btc, Venue = new VenueId(1), Side = Side.Buy, TradeId = 7, ClientOrderId = new ClientOrderId(5), LastPrice = Model.Numbers.Price.From(100m),
            LastQuantity = Model.Numbers.Quantity.From(1m), Received = new Model.Numbers.MonotonicTime(world.NowNs),
        });
        world.Price(Btc, 89m);
        world.Command(EngineCommandKind.Kill, "venue:2");
        for (var i = 0; i < 40; i++)
        {
            world.Pass(20);
            world.Timer();
        }

        var hash = world.Engine.EndSession();
        var replay = new EngineReplay(_ => Create(limits));
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(hash, replay.Engine!.StateHash);
        Assert.True(replay.Hashes >= 2);

        replay.Engine.BeginSession(new SessionInfo(2, 1, 5, "{}"), new NullJournal(), new RecordingOutbox());
        Assert.True(replay.Engine.Desk.Controls.Breakers.IsTripped(LimitName.DailyLoss, LimitScope.Node));
        Assert.True(replay.Engine.Risk.Kills.Has(new VenueId(2)));
        Assert.Equal(20261121, replay.Engine.Desk.Controls.Profits.Day);
    }

    [Fact]
    public void A_kill_of_one_scope_stops_and_cancels_that_scope_only()
    {
        var world = new ControlWorld().Price(Btc, 100m).Price(Other, 100m);
        var first = world.Place(1).ClientOrderId;
        var second = world.Place(2).ClientOrderId;
        Assert.Equal("Killed strategy:1; 1 cancels sent.", world.Command(EngineCommandKind.Kill, "strategy:1").Message);
        Assert.Equal(LimitScope.OfStrategy(1), world.Place(1).Reject.Scope);
        Assert.True(world.Engine.Orders.Find(first)!.IsCancelPending);
        Assert.False(world.Engine.Orders.Find(second)!.IsCancelPending);
        world.Command(EngineCommandKind.Kill, "venue:1");
        Assert.Equal(RiskRule.KillSwitch, world.Place(2).Reject.Rule);
        Assert.True(world.Place(2, instrument: Other).IsPlaced);
        Assert.False(world.Command(EngineCommandKind.Kill, "strategy:9").Done);
        Assert.Contains("still killed: venue:1", world.Command(EngineCommandKind.Resume, "strategy:1").Message, StringComparison.Ordinal);
        Assert.Equal(RiskRule.KillSwitch, world.Place(1).Reject.Rule);
        world.Command(EngineCommandKind.Resume, "venue:1");
        Assert.True(world.Place(1, price: 99m).IsPlaced);
    }
}
