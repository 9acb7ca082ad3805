using Penstock.Connectivity.RateLimits;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

/// <summary>Where held orders, changes and parent orders meet kills by scope, breakers and the rates of venues.</summary>
[Trait("requirement", "R88")]
public sealed class SeamTests
{
    private readonly DeskWorld _world = new();

    [Theory]
    [InlineData("strategy:1")]
    [InlineData("venue:1")]
    public void A_stop_of_what_is_killed_is_not_taken_and_one_that_is_held_never_wakes(string text)
    {
        Assert.True(LimitScope.TryParse(text, out var scope));
        var held = _world.Placed(Stop());
        Kill(scope);
        Assert.Equal(OrderState.Cancelled, held.State);
        var refused = _world.Desk.Place(Stop(), false, _world.NowNs).Reject;
        Assert.Equal((RiskRule.KillSwitch, scope), (refused.Rule, refused.Scope));
        Assert.Equal(RiskRule.KillSwitch, _world.Desk.Controls.Refusals.Last()[0].Rule);
        _world.Trade(Btc, 101m);
        _world.Timer(1_000);
        Assert.Empty(_world.Outbox.Placed);
        // Another strategy at another venue goes on.
        _world.Placed(Stop() with { Strategy = 2, Instrument = DeskWorld.BtcElsewhere });
    }

    [Fact]
    public void A_change_names_its_strategy_and_is_refused_and_written_down_while_that_is_killed()
    {
        var order = _world.Working(DeskWorld.Wish(price: 99m));
        Assert.True(Amend(order, 98m).IsSent);
        Assert.Equal(1, Assert.Single(_world.Outbox.Amended).Strategy);
        _world.Report(order, ExecutionKind.Amended, 98m, 1m);
        _world.Desk.Risk.Kills.TrySet(LimitScope.OfStrategy(1), true);
        var refused = Amend(order, 97m).Reject;
        Assert.Equal((RiskRule.KillSwitch, LimitScope.OfStrategy(1)), (refused.Rule, refused.Scope));
        var written = _world.Desk.Controls.Refusals.Last()[0];
        Assert.Equal((RiskRule.KillSwitch, Price.From(97m).Raw, (ushort)1), (written.Rule, written.PriceRaw, written.Strategy));
        Assert.Contains(_world.Journal.Records, r => r.Type == (ushort)EngineRecordType.OrderRefused);
        Assert.Single(_world.Outbox.Amended);
        Assert.True(_world.Desk.Cancel(order, default, _world.NowNs));
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void A_change_takes_one_of_the_venues_order_permits()
    {
        _world.Desk.Rates.Set(Venue, [new RateLimit(2, TimeSpan.FromSeconds(1))]);
        var order = _world.Working(DeskWorld.Wish(price: 99m));
        Assert.True(Amend(order, 98m).IsSent);
        _world.Report(order, ExecutionKind.Amended, 98m, 1m);
        Assert.Equal(RiskRule.VenueOrderRate, Amend(order, 97m).Reject.Rule);
        Assert.Equal(RiskRule.VenueOrderRate, _world.Desk.Place(DeskWorld.Wish(), false, _world.NowNs).Reject.Rule);
        _world.Timer(1_200);
        Assert.True(Amend(order, 97m).IsSent);
    }

    [Fact]
    public void A_killed_venue_ends_the_parents_that_have_only_it_and_the_others_go_elsewhere()
    {
        var only = Start(1);
        var both = Start(2);
        Assert.Equal([Btc, Btc], _world.Outbox.Placed.Select(o => o.Instrument));
        foreach (var placed in _world.Outbox.Placed.ToArray()) _world.Report(_world.Orders.Find(placed.ClientOrderId)!, ExecutionKind.Accepted);
        Kill(LimitScope.Of(Venue));
        Assert.Equal((ParentState.Cancelled, ParentState.Working), (Parent(only).State, Parent(both).State));
        Assert.Equal(2, _world.Outbox.Cancelled.Count);
        var refused = TryStart(1).Reject;
        Assert.Equal((RiskRule.KillSwitch, LimitScope.Of(Venue)), (refused.Rule, refused.Scope));
        Assert.Equal(RiskRule.KillSwitch, _world.Desk.Controls.Refusals.Last()[0].Rule);

        var third = Start(2);
        Assert.Equal(DeskWorld.BtcElsewhere, _world.Outbox.Placed[^1].Instrument);
        Assert.True(Parent(third).IsWorking);
        Kill(LimitScope.OfStrategy(1));
        Assert.Equal((ParentState.Cancelled, ParentState.Cancelled), (Parent(both).State, Parent(third).State));
        Assert.Equal(LimitScope.OfStrategy(1), TryStart(2).Reject.Scope);
    }

    [Fact]
    [Trait("requirement", "R89")]
    public void A_venue_behind_its_breaker_takes_no_children()
    {
        Assert.Null(_world.Desk.Risk.TrySetLimit(LimitName.VenueFailures, LimitScope.Node, 1));
        _world.Desk.Controls.OnSessionLost(Venue, _world.NowNs);
        _world.Desk.Controls.OnSessionLost(Venue, _world.NowNs);
        Start(2);
        Assert.Equal(DeskWorld.BtcElsewhere, Assert.Single(_world.Outbox.Placed).Instrument);
    }

    [Fact]
    public void What_refuses_a_stop_that_woke_or_a_parent_is_written_down()
    {
        var stop = _world.Placed(Stop() with { Quantity = Quantity.From(11m) });
        _world.Trade(Btc, 101m);
        Assert.Equal(OrderState.Rejected, stop.State);
        Assert.Equal(RiskRule.OrderQuantity, _world.Desk.Controls.Refusals.Last()[0].Rule);
        Assert.Equal(RiskRule.Malformed, _world.Desk.StartParent(Wish(1) with { Quantity = default }, false, _world.NowNs).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, _world.Desk.Controls.Refusals.Last()[0].Rule);
        Assert.Equal(2, _world.Journal.Records.Count(r => r.Type == (ushort)EngineRecordType.OrderRefused));
    }

    private static OrderRequest Stop() => DeskWorld.Wish() with { Type = OrderType.Stop, Price = default, StopPrice = Price.From(100.5m) };

    private static ParentRequest Wish(int markets)
    {
        var instruments = default(ParentInstruments);
        (instruments[0], instruments[1]) = (Btc, DeskWorld.BtcElsewhere);
        return new ParentRequest
        {
            Strategy = 1, Instruments = instruments, InstrumentCount = markets, Side = Side.Buy, Quantity = Quantity.From(1m), Algorithm = AlgorithmKind.Direct,
            Limit = Price.From(100.1m), TimeInForce = TimeInForce.GoodTillCancel,
        };
    }

    private void Kill(LimitScope scope)
    {
        Assert.True(_world.Desk.Risk.Kills.TrySet(scope, true));
        _world.Desk.CancelAll(scope, _world.NowNs);
    }

    private AmendResult Amend(Order order, decimal price) => _world.Desk.Amend(order, Price.From(price), default, false, default, _world.NowNs);

    private PlaceResult TryStart(int markets) => _world.Desk.StartParent(Wish(markets), false, _world.NowNs);

    private ClientOrderId Start(int markets)
    {
        var started = TryStart(markets);
        Assert.True(started.IsPlaced, started.Reject.ToString());
        return started.ClientOrderId;
    }

    private ParentOrder Parent(ClientOrderId id) => _world.Orders.Parents.Find(id);
}
