using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

public sealed class LimitTests
{
    /// <summary>Each limit of each scope lets its cap pass and not one lot or tick more, and the refusal names limit, scope, used and cap.</summary>
    [Theory]
    [Trait("requirement", "R81")]
    [InlineData("order-quantity instrument:1 2", 100, 2, 100, 2.001, "order-quantity instrument:1: 2.001 / 2")]
    [InlineData("order-quantity strategy:1 2", 100, 2, 100, 2.001, "order-quantity strategy:1: 2.001 / 2")]
    [InlineData("order-quantity venue:1 2", 100, 2, 100, 2.001, "order-quantity venue:1: 2.001 / 2")]
    [InlineData("order-notional strategy:1 200", 100, 2, 100.01, 2, "order-notional strategy:1: 200.02 / 200")]
    [InlineData("order-notional venue:1 200", 100, 2, 100.01, 2, "order-notional venue:1: 200.02 / 200")]
    [InlineData("position strategy:1 2", 100, 2, 100, 2.001, "position strategy:1: 2.001 / 2")]
    [InlineData("position venue:1 2", 100, 2, 100, 2.001, "position venue:1: 2.001 / 2")]
    [InlineData("position node 2", 100, 2, 100, 2.001, "position: 2.001 / 2")]
    [InlineData("gross-exposure instrument:1 200", 100, 2, 100, 2.001, "gross-exposure instrument:1: 200.1 / 200")]
    [InlineData("gross-exposure strategy:1 200", 100, 2, 100, 2.001, "gross-exposure strategy:1: 200.1 / 200")]
    [InlineData("gross-exposure venue:1 200", 100, 2, 100, 2.001, "gross-exposure venue:1: 200.1 / 200")]
    [InlineData("price-collar strategy:1 100", 101, 2, 101.01, 2, "price-collar strategy:1: 101 / 100")]
    [InlineData("price-collar instrument:1 100", 99, 2, 98.99, 2, "price-collar instrument:1: 101 / 100")]
    public void Every_scope_passes_at_the_cap_and_not_one_unit_beyond(string limit, double price, double quantity, double badPrice, double badQuantity, string text)
    {
        var world = new ControlWorld().Price(Btc, 100m);
        world.Set(limit);
        var refused = world.Place(price: (decimal)badPrice, quantity: (decimal)badQuantity);
        Assert.Equal(text, refused.Reject.ToString());
        Assert.True(world.Place(price: (decimal)price, quantity: (decimal)quantity) is { IsPlaced: true });
        var record = world.Journal.Records.Single(r => r.Type == (ushort)EngineRecordType.OrderRefused);
        Assert.True(EngineRecords.TryRead<OrderRefusedRecord>(record.Payload, out var journaled));
        Assert.Equal(refused.Reject, journaled.Reject);
        Assert.Equal(refused.Reject, world.Engine.Desk.Controls.Refusals.Last().Single().Reject);
    }

    [Fact]
    [Trait("requirement", "R82")]
    public void Limits_of_one_scope_leave_the_others_alone_and_go_away_again()
    {
        var world = new ControlWorld("position strategy:1 0.5", "open-orders strategy:2 1").Price(Btc, 100m).Price(Eth, 100m).Price(Other, 100m);
        Assert.Equal(RiskRule.Position, world.Place(1).Reject.Rule);
        Assert.True(world.Place(2).IsPlaced);
        Assert.Equal("open-orders strategy:2: 2 / 1", world.Place(2, instrument: Other).Reject.ToString());
        world.Set("position strategy:1 none");
        Assert.True(world.Place(1).IsPlaced);
        world.Set("open-orders venue:1 2");
        Assert.Equal("open-orders venue:1: 3 / 2", world.Place(1, instrument: Eth).Reject.ToString());
        Assert.True(world.Place(1, instrument: Other).IsPlaced);
    }

    [Fact]
    public void Messages_of_a_strategy_are_counted_with_its_cancels_and_cancels_always_pass()
    {
        var world = new ControlWorld("message-rate strategy:1 3").Price(Btc, 100m);
        var first = world.Place(1);
        Assert.True(world.Place(1, price: 99m).IsPlaced);
        Assert.True(world.Engine.Desk.Cancel(world.Engine.Orders.Find(first.ClientOrderId)!, default, world.NowNs));
        Assert.Equal("message-rate strategy:1: 4 / 3", world.Place(1, price: 98m).Reject.ToString());
        Assert.True(world.Place(2, price: 98m).IsPlaced);
        Assert.Equal(2, world.Engine.Desk.CancelAll(0, world.NowNs));
        Assert.True(world.Pass(1_000).Place(1, price: 98m).IsPlaced);
    }

    [Fact]
    public void The_same_order_again_and_again_is_refused_until_the_window_has_passed()
    {
        var world = new ControlWorld("duplicate-orders node 3", "duplicate-orders strategy:2 1").Price(Btc, 100m);
        for (var i = 0; i < 3; i++) Assert.True(world.Place(1).IsPlaced);
        Assert.Equal("duplicate-orders: 4 / 3", world.Place(1).Reject.ToString());
        Assert.True(world.Place(1, price: 100.01m).IsPlaced);
        Assert.True(world.Place(1, quantity: 1.001m).IsPlaced);
        Assert.True(world.Place(1, Side.Sell).IsPlaced);
        Assert.True(world.Place(2).IsPlaced);
        Assert.Equal("duplicate-orders strategy:2: 2 / 1", world.Place(2).Reject.ToString());
        Assert.Equal(RiskRule.DuplicateOrder, world.Pass(999).Place(1).Reject.Rule);
        Assert.True(world.Pass(1).Place(1).IsPlaced);
    }

    [Fact]
    public void A_market_that_moved_too_far_takes_no_order_until_the_move_has_left_the_window()
    {
        var world = new ControlWorld("price-move node 200", "volatility node none").Price(Btc, 100m);
        world.Price(Btc, 102m);
        Assert.True(world.Place(price: 102m).IsPlaced);
        world.Price(Btc, 102.01m);
        Assert.Equal("price-move: 201 / 200", world.Place(price: 102m).Reject.ToString());
        world.Set("price-move instrument:1 300");
        Assert.True(world.Place(price: 102m).IsPlaced);
        world.Set("price-move instrument:1 none");
        world.Pass(1_100).Price(Btc, 102m);
        Assert.True(world.Place(price: 102m).IsPlaced);
    }

    [Theory]
    [InlineData("position node -1", "position must be a number")]
    [InlineData("position node 100000000000000000000", "fits 64 bits")]
    [InlineData("price-collar node 10001", "must be 0..10000")]
    [InlineData("price-collar node 1.5", "whole number")]
    [InlineData("message-rate node 0", "must be 1..")]
    [InlineData("position node none", "cannot be switched off")]
    [InlineData("error-rate strategy:1 5", "cannot be set for one strategy")]
    [InlineData("position strategy:3 1", "There is no strategy 3")]
    [InlineData("position instrument:4 1", "There is no instrument 4")]
    [InlineData("position venue:256 1", "There is no venue 256")]
    [InlineData("position planet:1 1", "is no scope")]
    [InlineData("positoin node 1", "There is no limit 'positoin'")]
    [InlineData("position 1", "NAME SCOPE VALUE")]
    public void A_limit_that_cannot_be_is_told_and_changes_nothing(string text, string message)
    {
        var world = new ControlWorld();
        var before = world.Engine.Desk.Risk.Caps.All().ToList();
        var result = world.Command(EngineCommandKind.SetLimit, text);
        // A sign is no digit to the parser of prices; what matters is that it is told.
        Assert.False(result.Done);
        if (!text.Contains('-', StringComparison.Ordinal) || text.Contains("error-rate", StringComparison.Ordinal)) Assert.Contains(message, result.Message, StringComparison.Ordinal);
        Assert.Equal(before, world.Engine.Desk.Risk.Caps.All());
    }

    [Fact]
    public void Sizes_no_market_has_are_refused_with_a_rule_and_overflow_nothing()
    {
        var world = new ControlWorld().Price(Btc, 100m);
        var huge = new OrderRequest { Instrument = Btc, Strategy = 1, Side = Side.Buy, Price = new(long.MaxValue / 1_000_000 * 1_000_000), Quantity = new(long.MaxValue / 100_000 * 100_000) };
        Assert.Equal(RiskRule.PriceCollar, world.Engine.Desk.Place(huge, false, world.NowNs).Reject.Rule);
        Assert.Equal(RiskRule.OrderQuantity, world.Engine.Desk.Place(huge with { Price = new(100 * 100_000_000L) }, false, world.NowNs).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, world.Engine.Desk.Place(huge with { Quantity = new(long.MinValue) }, false, world.NowNs).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, world.Engine.Desk.Place(huge with { Price = new(-1) }, false, world.NowNs).Reject.Rule);
        Assert.Equal(0, world.Engine.Desk.GrossExposure.Raw);
    }

    [Fact]
    public void A_strategy_that_asks_in_a_loop_does_not_flood_the_journal()
    {
        var world = new ControlWorld("position strategy:1 0").Price(Btc, 100m);
        for (var i = 0; i < 1_000; i++) Assert.False(world.Place(1).IsPlaced);
        Assert.Equal(100, world.Journal.Records.Count(r => r.Type == (ushort)EngineRecordType.OrderRefused));
        world.Pass(1_000).Place(1);
        Assert.True(EngineRecords.TryRead<OrderRefusedRecord>(world.Journal.Records[^1].Payload, out var record));
        Assert.Equal((900, 1_001), (record.Skipped, world.Engine.Desk.Controls.Statistics.Refusals));
    }
}
