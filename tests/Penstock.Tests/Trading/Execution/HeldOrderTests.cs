using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

[Trait("requirement", "R79")]
public sealed class HeldOrderTests
{
    private readonly DeskWorld _world = new();

    [Theory]
    [InlineData(Side.Buy, 100.49, false)]
    [InlineData(Side.Buy, 100.5, true)]
    [InlineData(Side.Sell, 99.51, false)]
    [InlineData(Side.Sell, 99.5, true)]
    public void A_stop_wakes_at_a_trade_at_its_price_and_leaves_as_a_market_order(Side side, double price, bool wakes)
    {
        var stop = _world.Placed(Stop(side));
        Assert.Empty(_world.Outbox.Placed);
        Assert.Equal((OrderState.Held, Quantity.Zero, 0), (stop.State, _world.Orders.OpenBuy(Btc), _world.Orders.OpenOrders(Btc)));
        _world.Trade(Btc, (decimal)price);
        Assert.Equal(wakes ? OrderState.Sent : OrderState.Held, stop.State);
        if (!wakes) return;
        var sent = Assert.Single(_world.Outbox.Placed);
        Assert.Equal((OrderType.Market, stop.ClientOrderId, Price.From(side == Side.Buy ? 100m : 99.9m)), (sent.Type, sent.ClientOrderId, sent.Price));
        _world.Trade(Btc, (decimal)price);
        Assert.Single(_world.Outbox.Placed);
    }

    [Fact]
    public void A_buy_stop_wakes_when_the_bid_stands_at_its_price_and_not_when_only_the_ask_does()
    {
        var stop = _world.Placed(Stop(Side.Buy) with { Type = OrderType.StopLimit, Price = Price.From(101m) });
        _world.Book(Btc, 100.4m, 100.6m);
        Assert.Equal(OrderState.Held, stop.State);
        _world.Book(Btc, 100.5m, 100.6m);
        var sent = Assert.Single(_world.Outbox.Placed);
        Assert.Equal((OrderType.Limit, Price.From(101m)), (sent.Type, sent.Price));
    }

    [Fact]
    public void A_stop_that_wakes_while_it_may_not_leave_waits_and_one_that_risk_refuses_for_good_is_rejected()
    {
        var stop = _world.Placed(Stop(Side.Buy));
        _world.Blind(Btc);
        _world.Trade(Btc, 101m);
        Assert.Equal((OrderState.Held, true), (stop.State, stop.IsTriggered));
        _world.Book(Btc, 99m, 99.1m);
        _world.Timer(20);
        Assert.Equal(OrderState.Sent, stop.State);

        var large = _world.Placed(Stop(Side.Buy) with { Quantity = Quantity.From(11) });
        _world.Trade(Btc, 101m);
        Assert.Equal((OrderState.Rejected, RejectReason.RiskRefused), (large.State, large.Reason));
        Assert.Contains(_world.Desk.Told, told => told.Order == large.ClientOrderId && told.Kind == ExecutionKind.Rejected);
    }

    [Fact]
    public void Held_orders_are_live_can_be_changed_and_are_cancelled_with_the_others()
    {
        var stop = _world.Placed(Stop(Side.Sell) with { Type = OrderType.StopLimit, Price = Price.From(99m) });
        Assert.Same(stop, _world.Orders.Live.First);
        Assert.True(_world.Desk.Amend(stop, Price.From(98m), Quantity.From(2), false, default, _world.NowNs).IsSent);
        Assert.Equal((Price.From(98m), Quantity.From(2)), (stop.Request.Price, stop.Request.Quantity));
        Assert.Equal(1, _world.Desk.CancelAll(0, _world.NowNs));
        Assert.Equal(OrderState.Cancelled, stop.State);
        _world.Trade(Btc, 90m);
        Assert.Empty(_world.Outbox.Placed);
        Assert.Equal(0, _world.Desk.HeldCount);
    }

    [Fact]
    public void A_stop_takes_no_limit_price_and_its_stop_price_is_moved_until_it_has_woken()
    {
        var stop = _world.Placed(Stop(Side.Sell));
        Assert.Equal(RiskRule.Malformed, Amend(stop, price: 99m).Reject.Rule);
        Assert.Equal(RiskRule.QuantityMin, Amend(stop, quantity: 0.001m).Reject.Rule);
        Assert.Equal(RiskRule.Tick, Amend(stop, stop: 98.001m).Reject.Rule);
        Assert.Equal((Price.Zero, Price.From(99.5m)), (stop.Request.Price, stop.Request.StopPrice));
        Assert.True(Amend(stop, stop: 98m).IsSent);
        _world.Trade(Btc, 99m);
        Assert.Equal(OrderState.Held, stop.State);
        _world.Blind(Btc);
        _world.Trade(Btc, 98m);
        Assert.True(stop.IsTriggered);
        Assert.Equal(RiskRule.NotAmendable, Amend(stop, stop: 97m).Reject.Rule);
        _world.Book(Btc, 97.9m, 98m);
        _world.Timer(20);
        Assert.Equal(OrderState.Sent, stop.State);
        Assert.Equal(RiskRule.NotAmendable, Amend(stop, stop: 97m).Reject.Rule);
    }

    private AmendResult Amend(Order order, decimal price = 0m, decimal quantity = 0m, decimal stop = 0m) =>
        _world.Desk.Amend(order, Price.From(price), Quantity.From(quantity), false, default, _world.NowNs, stop: Price.From(stop));

    [Fact]
    public void What_a_venue_says_of_a_held_order_makes_it_the_venues_and_it_is_not_sent_again()
    {
        var stop = _world.Placed(Stop(Side.Buy));
        _world.Report(stop, ExecutionKind.OrderStatus, state: OrderState.Working);
        Assert.Equal(OrderState.Working, stop.State);
        _world.Trade(Btc, 101m);
        Assert.Empty(_world.Outbox.Placed);
    }

    [Fact]
    public void A_date_that_has_come_cancels_the_order_again_every_second_until_it_has_ended()
    {
        var order = _world.Placed(Until(1_000));
        Assert.Equal(TimeInForce.GoodTillCancel, _world.Outbox.Placed[0].TimeInForce);
        _world.Report(order, ExecutionKind.Accepted);
        _world.Timer(990);
        Assert.Empty(_world.Outbox.Cancelled);
        _world.Timer(20);
        Assert.Single(_world.Outbox.Cancelled);
        _world.Report(order, ExecutionKind.CancelRejected, reason: RejectReason.Transient);
        _world.Timer(1_000);
        Assert.Equal(2, _world.Outbox.Cancelled.Count);
        var held = _world.Placed(Stop(Side.Buy) with { TimeInForce = TimeInForce.GoodTillDate, Expires = new MonotonicTime(_world.NowNs + 5 * Ms) });
        _world.Timer(10);
        Assert.Equal(OrderState.Expired, held.State);
        Assert.False(_world.Desk.Place(Until(0), false, _world.NowNs).IsPlaced);
    }

    [Fact]
    public void After_a_restart_dated_orders_are_cancelled_and_held_ones_stay()
    {
        var stop = _world.Placed(Stop(Side.Buy));
        var dated = _world.Working(Until(60_000));
        _world.Desk.BeginSession(2, 5 * Ms, _world.Journal, _world.Outbox);
        _world.NowNs = 5 * Ms;
        _world.Timer(20);
        Assert.Equal((OrderState.Held, true), (stop.State, dated.IsCancelPending));
        _world.Trade(Btc, 101m);
        Assert.Equal(OrderState.Sent, stop.State);
    }

    [Fact]
    public void Reduce_only_orders_are_cut_to_what_is_left_to_reduce_and_refused_without_it()
    {
        Assert.Equal(RiskRule.ReduceOnly, _world.Desk.Place(Reduce(1m), false, _world.NowNs).Reject.Rule);
        _world.Fill(_world.Working(DeskWorld.Wish(quantity: 3m)), 1, 3m);
        var first = _world.Placed(Reduce(2m));
        var second = _world.Placed(Reduce(2m));
        Assert.Equal((Quantity.From(2), Quantity.From(1)), (first.Request.Quantity, second.Request.Quantity));
        Assert.Equal(OrderFlags.None, _world.Outbox.Placed[^1].Flags); // no spot venue here has the flag
        Assert.Equal(RiskRule.ReduceOnly, _world.Desk.Place(Reduce(1m), false, _world.NowNs).Reject.Rule);

        // The position shrinks by another order: what could turn it round is cancelled.
        _world.Report(first, ExecutionKind.Accepted);
        _world.Report(second, ExecutionKind.Accepted);
        _world.Fill(_world.Working(DeskWorld.Wish(Side.Sell, 99.9m, 2m)), 2, 2m);
        Assert.True(first.IsCancelPending || second.IsCancelPending);
    }

    [Fact]
    public void A_market_order_without_a_price_is_judged_by_the_best_price_of_the_other_side()
    {
        _world.Placed(DeskWorld.Wish() with { Type = OrderType.Market, Price = Price.Zero });
        Assert.Equal(Price.From(100m), _world.Outbox.Placed[0].Price);
    }

    private static OrderRequest Stop(Side side) =>
        DeskWorld.Wish(side) with { Type = OrderType.Stop, Price = Price.Zero, StopPrice = Price.From(side == Side.Buy ? 100.5m : 99.5m) };

    private static OrderRequest Reduce(decimal quantity) => DeskWorld.Wish(Side.Sell, 100m, quantity) with { Flags = OrderFlags.ReduceOnly };

    private OrderRequest Until(long ms) => DeskWorld.Wish() with { TimeInForce = TimeInForce.GoodTillDate, Expires = new MonotonicTime(_world.NowNs + ms * Ms) };
}
