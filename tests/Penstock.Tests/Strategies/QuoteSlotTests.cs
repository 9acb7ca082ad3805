using Penstock.Connectivity.RateLimits;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading.Orders;

namespace Penstock.Tests.Strategies;

/// <summary>One declared bid, step by step: what leaves for what was wished, and for what the venue answers.</summary>
[Trait("requirement", "R97")]
public sealed class QuoteSlotTests
{
    private static readonly AmendRate Careful = new() { KeepsPostOnly = true };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_quote_that_follows_the_market_takes_one_message_a_move_where_the_venue_changes_orders_and_two_elsewhere(int seed)
    {
        var (changing, naive) = (new Quoting(Careful), new Quoting(null));
        var random = new Random(seed);
        var (wish, resting, moves) = (100m, 0m, 0);
        for (var step = 0; step < 200; step++)
        {
            wish += random.Next(-2, 3) / 100m;
            // The first is placed; a tick is not followed, two are.
            if (resting == 0 || Math.Abs(wish - resting) >= 0.02m) (resting, moves) = (wish, moves + 1);
            changing.Wish(wish).Answer();
            naive.Wish(wish).Answer();
            Assert.Equal((resting, resting), (changing.Resting.Request.Price.ToDecimal(), naive.Resting.Request.Price.ToDecimal()));
        }

        Assert.True(moves > 50);
        Assert.Equal((moves, 2 * moves - 1), (changing.Messages, naive.Messages));
        Assert.Equal((1, 0), (changing.Outbox.Placed.Count, changing.Outbox.Cancelled.Count));
    }

    [Fact]
    public void The_total_of_a_change_is_what_is_filled_and_what_is_wanted()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Fill(0.04m).Wish(100.05m);
        Assert.Equal((Price.From(100.05m), Quantity.From(0.14m)), Asked(world));
        Assert.Equal(Quantity.From(0.1m), world.Answer().Resting.Leaves);
    }

    [Fact]
    public void A_fill_on_its_way_leaves_less_than_was_wanted_and_never_more()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Fill(0.03m).Answer();
        Assert.Equal((Price.From(100.05m), Quantity.From(0.07m)), (world.Resting.Request.Price, world.Resting.Leaves));
        Assert.Equal(2, world.Messages);
    }

    [Fact]
    public void A_quote_that_only_becomes_smaller_keeps_its_price_and_with_it_its_place_in_the_queue()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.01m, 0.06m);
        Assert.Equal((Price.From(100m), Quantity.From(0.06m)), Asked(world));
        // Larger is not asked for: what rests is within the wish.
        world.Answer().Wish(100m, 0.1m);
        Assert.Equal(2, world.Messages);
    }

    [Fact]
    public void One_change_is_under_way_at_a_time_and_the_next_goes_to_the_newest_wish()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Wish(100.1m).Wish(100.2m);
        Assert.Single(world.Outbox.Amended);
        world.Answer();
        Assert.Equal(Price.From(100.2m), Asked(world).Price);
        Assert.Equal(2, world.Outbox.Amended.Count);
    }

    [Fact]
    public void A_quote_not_accepted_yet_is_changed_once_it_is()
    {
        var world = new Quoting(Careful).Wish(100m).Wish(100.05m);
        Assert.Equal(1, world.Messages);
        world.Answer();
        Assert.Equal(Price.From(100.05m), Asked(world).Price);
    }

    [Theory]
    [InlineData(RejectReason.WouldTakeLiquidity)]
    [InlineData(RejectReason.RateLimited)]
    [InlineData(RejectReason.NotSupported)]
    public void A_refused_change_becomes_a_cancel_and_another_order(RejectReason reason)
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Refuse(reason);
        Assert.Equal((1, 1), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
        world.Answer().Later(300).Wish(100.05m).Answer();
        Assert.Equal((2, Price.From(100.05m)), (world.Outbox.Placed.Count, world.Resting.Request.Price));
        // The pause is over: the new one is changed again.
        world.Wish(100.1m);
        Assert.Equal(2, world.Outbox.Amended.Count);
    }

    [Fact]
    public void A_refused_change_that_is_not_wanted_any_more_costs_nothing()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Wish(100m).Refuse(RejectReason.Transient);
        Assert.Equal(2, world.Messages);
        Assert.Equal(Price.From(100m), world.Resting.Request.Price);
    }

    [Fact]
    public void A_change_without_an_answer_is_waited_for_a_second_and_then_cancelled()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Later(900).Wish(100.05m);
        Assert.Empty(world.Outbox.Cancelled);
        world.Later(200).Wish(100.05m);
        Assert.Single(world.Outbox.Cancelled);
    }

    [Fact]
    public void An_order_whose_change_nobody_can_tell_is_cancelled_although_its_price_is_wanted()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Wish(100m).Later(6_000);
        Assert.Equal(OrderState.Unknown, world.Resting.State);
        world.Report(ExecutionKind.OrderStatus, OrderState.Working);
        Assert.Single(world.Outbox.Cancelled);
        Assert.Single(world.Outbox.Amended);
    }

    [Fact]
    public void Wanting_no_quote_cancels_at_once_also_while_a_change_is_under_way()
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(100.05m).Wish(null);
        Assert.Single(world.Outbox.Cancelled);
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(-1, 0.1)]
    [InlineData(100, 0)]
    [InlineData(100, 0.001)]
    public void A_price_or_a_size_that_is_none_is_no_wish_and_never_a_change_that_keeps_the_old(int price, double quantity)
    {
        var world = new Quoting(Careful).Wish(100m).Answer().Wish(price, (decimal)quantity);
        Assert.Equal((0, 1), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
    }

    [Theory]
    [InlineData(OrderFlags.PostOnly, 0)]
    [InlineData(OrderFlags.None, 1)]
    public void A_post_only_quote_is_replaced_where_the_changed_order_might_take(OrderFlags flags, int amends)
    {
        var world = new Quoting(new AmendRate(), flags).Wish(100m).Answer().Wish(100.05m);
        Assert.Equal((amends, 1 - amends), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void A_throttled_change_waits_a_little_for_its_permit_and_then_becomes_a_cancel_which_is_never_throttled()
    {
        var world = new Quoting(Careful with { Limits = [new RateLimit(1, TimeSpan.FromSeconds(1))] }).Wish(100m).Answer().Wish(100.05m).Answer();
        world.Wish(100.1m).Wish(100.1m).Wish(100.1m);
        Assert.Equal((1, 0), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
        world.Later(200).Wish(100.1m);
        Assert.Equal((1, 1), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
    }

    [Fact]
    [Trait("requirement", "R112")]
    public void A_throttled_change_leaves_as_soon_as_there_is_a_permit()
    {
        var world = new Quoting(Careful with { Limits = [new RateLimit(1, TimeSpan.FromSeconds(1))] }).Wish(100m).Answer().Wish(100.05m).Answer();
        world.Later(900).Wish(100.1m).Later(100).Wish(100.2m);
        Assert.Equal((2, 0), (world.Outbox.Amended.Count, world.Outbox.Cancelled.Count));
        Assert.Equal(Price.From(100.2m), Asked(world).Price);
    }

    private static (Price Price, Quantity Quantity) Asked(Quoting world) => (world.Outbox.Amended[^1].Price, world.Outbox.Amended[^1].Quantity);
}
