using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

[Trait("requirement", "R79")]
public sealed class AmendTests
{
    private readonly DeskWorld _world = new(new RiskLimits { PositionMax = Quantity.From(5), MessagesMax = 1_000 });

    [Fact]
    public void An_amend_is_journaled_before_it_leaves_and_counts_as_the_worst_of_old_and_new_until_it_is_answered()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        Assert.True(Amend(order, 99.5m, 4m).IsSent);
        var sent = Assert.Single(_world.Outbox.Amended);
        Assert.Equal((order.ClientOrderId, Price.From(99.5m), Quantity.From(4)), (sent.ClientOrderId, sent.Price, sent.Quantity));
        Assert.Equal(EngineRecordType.AmendIntent, (EngineRecordType)_world.Journal.Records[^1].Type);
        Assert.Equal(Quantity.From(4), _world.Orders.OpenBuy(Btc));
        Assert.Equal(Quantity.From(2), order.Request.Quantity);

        _world.Report(order, ExecutionKind.Amended, 99.5m, 4m);
        Assert.Equal((Price.From(99.5m), Quantity.From(4), false), (order.Request.Price, order.Request.Quantity, order.IsAmendPending));

        // Down: the old quantity counts until the venue has confirmed.
        Assert.True(Amend(order, 0, 1m).IsSent);
        Assert.Equal(Quantity.From(4), _world.Orders.OpenBuy(Btc));
        _world.Report(order, ExecutionKind.Amended, 99.5m, 1m);
        Assert.Equal(Quantity.From(1), _world.Orders.OpenBuy(Btc));
    }

    [Theory]
    [InlineData(5.0, true)]
    [InlineData(5.001, false)]
    public void An_amend_passes_at_the_limit_and_not_one_lot_beyond(double quantity, bool isSent)
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        _world.Fill(order, 1, 1m);
        var result = Amend(order, 0, (decimal)quantity);
        Assert.Equal((isSent, isSent ? RiskRule.None : RiskRule.Position), (result.IsSent, result.Reject.Rule));
    }

    [Fact]
    public void A_refused_amend_leaves_the_order_as_it_was()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        Amend(order, 99m, 3m);
        Assert.Equal(RiskRule.NotAmendable, Amend(order, 99m, 4m).Reject.Rule);
        Assert.Equal(ReportOutcome.Applied, _world.Report(order, ExecutionKind.AmendRejected, reason: RejectReason.InvalidParameter));
        Assert.Equal((OrderState.Working, Quantity.From(2), Quantity.From(2)), (order.State, order.Request.Quantity, _world.Orders.OpenBuy(Btc)));
        Assert.Equal(ReportOutcome.Unchanged, _world.Report(order, ExecutionKind.AmendRejected, reason: RejectReason.InvalidParameter));
    }

    [Fact]
    public void Fills_that_race_an_amend_end_the_order_only_when_its_quantity_is_known()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        Amend(order, 0, 1m);
        _world.Fill(order, 1, 1m);
        Assert.Equal(OrderState.PartiallyFilled, order.State); // 1 of 1, or 1 of 2
        _world.Report(order, ExecutionKind.Amended, 100m, 1m, cumulative: 1m);
        Assert.Equal(OrderState.Filled, order.State);

        var grown = _world.Working(DeskWorld.Wish(quantity: 1m));
        Amend(grown, 0, 2m);
        _world.Fill(grown, 2, 1m);
        _world.Report(grown, ExecutionKind.AmendRejected, reason: RejectReason.InvalidParameter);
        Assert.Equal(OrderState.Filled, grown.State);
        Assert.Equal(0, _world.Orders.Statistics.Overfills);
    }

    [Fact]
    [Trait("requirement", "R90")]
    public void An_amend_without_an_answer_is_asked_for_and_never_sent_again_and_both_quantities_count_on()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        Amend(order, 99m, 4m);
        _world.Timer(5_000);
        Assert.Equal(OrderState.Unknown, order.State);
        Assert.Single(_world.Outbox.Queried);
        _world.Report(order, ExecutionKind.OrderStatus, state: OrderState.Working);
        Assert.Equal((OrderState.Working, Quantity.From(4)), (order.State, _world.Orders.OpenBuy(Btc)));
        Assert.Single(_world.Outbox.Amended);
        Assert.Equal(1, _world.Orders.Statistics.AmendsUncertain);

        // The smaller of both possible quantities is filled: whether that was all is asked, not guessed.
        _world.Fill(order, 1, 2m);
        Assert.Equal(OrderState.Unknown, order.State);
        _world.Report(order, ExecutionKind.OrderStatus, state: OrderState.Filled, cumulative: 2m);
        Assert.Equal((OrderState.Filled, Quantity.Zero), (order.State, _world.Orders.OpenBuy(Btc)));
    }

    [Fact]
    public void A_status_with_the_new_figures_confirms_the_amend_and_a_late_confirmation_changes_nothing()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        Amend(order, 99m, 4m);
        _world.Timer(5_000);
        _world.Report(order, ExecutionKind.OrderStatus, 99m, 4m, state: OrderState.Working);
        Assert.Equal((Price.From(99m), Quantity.From(4)), (order.Request.Price, order.Request.Quantity));
        _world.Report(order, ExecutionKind.Amended, 99m, 4m);
        Assert.Equal(Quantity.From(4), _world.Orders.OpenBuy(Btc));
    }

    [Fact]
    public void A_venue_told_what_shall_be_left_confirms_a_total_larger_by_what_was_filled_meanwhile_and_by_no_more()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        _world.Fill(order, 1, 0.5m);
        Amend(order, 99m, 2.5m);
        _world.Fill(order, 2, 0.25m);
        _world.Report(order, ExecutionKind.Amended, 99m, 2.75m, cumulative: 0.75m);
        Assert.Equal((Quantity.From(2.75m), false, Quantity.From(2)), (order.Request.Quantity, order.IsAmendPending, _world.Orders.OpenBuy(Btc)));

        Amend(order, 98m, 1m);
        _world.Report(order, ExecutionKind.Amended, 98m, 1.76m, cumulative: 0.75m);
        Assert.True(order.IsAmendPending);
    }

    [Fact]
    public void A_venue_that_gives_a_new_id_is_followed_and_fills_under_the_old_one_still_find_the_order()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        _world.Report(order, ExecutionKind.Accepted, venueOrderId: "old");
        Amend(order, 99m, 3m);
        _world.Report(order, ExecutionKind.Amended, 99m, 3m, venueOrderId: "new");
        Assert.Equal("new", order.VenueOrderId.ToString());
        var fill = Fixtures.Fill(0, 9, 1m);
        fill.VenueOrderId = Text40.From("old");
        _world.Desk.Apply(fill, _world.NowNs, out var found);
        Assert.Same(order, found);
        Assert.Equal(Quantity.From(1), order.Filled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_a_venue_cannot_amend_the_order_is_replaced_only_if_that_was_asked_for(bool orReplace)
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 2m));
        _world.Desk.Amend(order, Price.From(99m), Quantity.From(3), false, default, _world.NowNs, orReplace);
        _world.Fill(order, 1, 0.5m);
        _world.Report(order, ExecutionKind.AmendRejected, reason: RejectReason.NotSupported);
        Assert.Equal(orReplace ? 1 : 0, _world.Outbox.Cancelled.Count);
        Assert.Single(_world.Outbox.Placed);
        if (!orReplace) return;
        _world.Report(order, ExecutionKind.Cancelled, cumulative: 1m); // one more fill is on its way
        Assert.Single(_world.Outbox.Placed);
        _world.Fill(order, 2, 0.5m);
        var replacement = _world.Orders.Find(order.ReplacedBy)!;
        Assert.Equal((Price.From(99m), Quantity.From(2)), (replacement.Request.Price, replacement.Request.Quantity));
    }

    [Fact]
    public void What_cannot_be_amended_is_refused_with_the_rule()
    {
        var order = _world.Placed(DeskWorld.Wish(quantity: 2m));
        Assert.Equal(RiskRule.NotAmendable, Amend(order, 99m, 3m).Reject.Rule); // not yet known to the venue
        _world.Report(order, ExecutionKind.Accepted);
        _world.Fill(order, 1, 1m);
        Assert.Equal(RiskRule.QuantityMin, Amend(order, 0, 1m).Reject.Rule);
        Assert.Equal(RiskRule.NotAmendable, Amend(order, 0, 0).Reject.Rule);
        Assert.Equal(RiskRule.Tick, Amend(order, 99.001m, 0).Reject.Rule);
        Assert.Equal(RiskRule.PriceCollar, Amend(order, 10m, 0).Reject.Rule);
        _world.Desk.Risk.SetKilled(true);
        Assert.Equal(RiskRule.KillSwitch, Amend(order, 99m, 0).Reject.Rule);
        Assert.Empty(_world.Outbox.Amended);
    }

    private Penstock.Trading.Execution.AmendResult Amend(Order order, decimal price, decimal quantity) =>
        _world.Desk.Amend(order, Price.From(price), Quantity.From(quantity), false, default, _world.NowNs);
}
