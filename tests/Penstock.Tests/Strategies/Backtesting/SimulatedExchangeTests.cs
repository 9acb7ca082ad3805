using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies.Backtesting;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies.Backtesting;

/// <summary>The matching model of a back test, rule by rule.</summary>
public class SimulatedExchangeTests
{
    private static MarketBench Market(QueueModel queue = QueueModel.Pessimistic, FeeRates fees = default) => new MarketBench(queue, fees)
        .Book((Side.Buy, 100m, 10m), (Side.Buy, 99m, 5m), (Side.Sell, 101m, 4m), (Side.Sell, 102m, 6m));

    [Fact]
    public void An_order_waits_behind_what_is_displayed_and_is_filled_by_trades_alone()
    {
        var market = Market();
        Assert.Equal(ExecutionKind.Accepted, Assert.Single(market.Place(1, Side.Buy, 100m, 2m)).Kind);
        Assert.Equal(10m, market.Ahead(1));
        market.Trade(Side.Sell, 100m, 7m).Show(Side.Buy, 100m, 3m);
        Assert.Equal(3m, market.Ahead(1));
        Assert.Empty(market.Said());
        var fill = Assert.Single(market.Trade(Side.Sell, 100m, 4m).Said());
        Assert.Equal((ExecutionKind.Fill, 1m, true), (fill.Kind, fill.LastQuantity.ToDecimal(), fill.IsMaker));
        Assert.Equal(OrderState.PartiallyFilled, fill.State);
    }

    [Theory]
    [InlineData(QueueModel.Pessimistic, 10)]
    [InlineData(QueueModel.Proportional, 8)]
    [InlineData(QueueModel.Optimistic, 6)]
    public void A_cancel_of_others_counts_as_the_model_says(QueueModel model, int expected)
    {
        var market = Market(model);
        market.Place(1, Side.Buy, 100m, 2m);
        market.Show(Side.Buy, 100m, 20m); // ten joined behind us
        market.Show(Side.Buy, 100m, 16m); // four of twenty left
        Assert.Equal(expected, market.Ahead(1));
    }

    [Fact]
    public void A_trade_told_after_the_book_that_shows_it_is_not_counted_twice()
    {
        var market = Market();
        market.Place(1, Side.Buy, 100m, 2m);
        market.Show(Side.Buy, 100m, 4m);
        Assert.Equal(4m, market.Ahead(1));
        Assert.Empty(market.Trade(Side.Sell, 100m, 6m).Said());
        Assert.Equal(4m, market.Ahead(1));
    }

    [Fact]
    public void A_trade_below_a_bid_fills_it_first_but_never_with_more_than_was_traded()
    {
        var market = Market();
        market.Place(1, Side.Buy, 100m, 2m);
        market.Place(2, Side.Buy, 99m, 2m);
        var fill = Assert.Single(market.Trade(Side.Sell, 99m, 1.5m).Said());
        Assert.Equal((new ClientOrderId(1), 100m, 1.5m), (fill.ClientOrderId, fill.LastPrice.ToDecimal(), fill.LastQuantity.ToDecimal()));
    }

    [Fact]
    public void The_other_side_moving_through_an_order_fills_it_with_what_is_displayed_once()
    {
        var market = Market();
        market.Place(1, Side.Buy, 100m, 2m);
        market.Feed(market.Delta(Side.Buy, 100m, 0m), market.Delta(Side.Sell, 99.5m, 1.5m));
        var fill = Assert.Single(market.Said());
        Assert.Equal((100m, 1.5m, true), (fill.LastPrice.ToDecimal(), fill.LastQuantity.ToDecimal(), fill.IsMaker));
        Assert.Empty(market.Show(Side.Sell, 102m, 7m).Said());
    }

    [Fact]
    public void Taking_walks_the_levels_and_the_same_quantity_is_not_there_a_second_time()
    {
        var market = Market();
        var said = market.Place(1, Side.Buy, 102m, 6m);
        Assert.Equal([(101m, 4m), (102m, 2m)], said.Where(r => r.Kind == ExecutionKind.Fill).Select(r => (r.LastPrice.ToDecimal(), r.LastQuantity.ToDecimal())));
        Assert.All(said.Where(r => r.Kind == ExecutionKind.Fill), r => Assert.False(r.IsMaker));
        said = market.Place(2, Side.Buy, 102m, 6m, TimeInForce.ImmediateOrCancel);
        Assert.Equal(4m, said.Where(r => r.Kind == ExecutionKind.Fill).Sum(r => r.LastQuantity.ToDecimal()));
        Assert.Equal(ExecutionKind.Expired, said[^1].Kind);
        market.Show(Side.Sell, 101m, 0m).Show(Side.Sell, 101m, 3m); // gone, and new
        said = market.Place(3, Side.Buy, 101m, 6m, TimeInForce.ImmediateOrCancel);
        Assert.Equal(3m, said.Where(r => r.Kind == ExecutionKind.Fill).Sum(r => r.LastQuantity.ToDecimal()));
        Assert.Equal(4m, market.Books.TryBest(Side.Sell, out var best) ? best.Quantity.ToDecimal() + 1m : 0m);
    }

    [Fact]
    public void What_is_added_to_a_level_may_be_taken_and_no_more()
    {
        var market = Market();
        market.Place(1, Side.Buy, 101m, 4m);
        market.Show(Side.Sell, 101m, 5m);
        var said = market.Place(2, Side.Buy, 101m, 3m, TimeInForce.ImmediateOrCancel);
        Assert.Equal(1m, said.Where(r => r.Kind == ExecutionKind.Fill).Sum(r => r.LastQuantity.ToDecimal()));
    }

    [Fact]
    public void Fill_or_kill_takes_all_or_leaves_everything_as_it_was()
    {
        var market = Market();
        Assert.Equal(ExecutionKind.Expired, Assert.Single(market.Place(1, Side.Buy, 101m, 5m, TimeInForce.FillOrKill)).Kind);
        Assert.Equal(4m, market.Place(2, Side.Buy, 101m, 4m, TimeInForce.FillOrKill).Where(r => r.Kind == ExecutionKind.Fill).Sum(r => r.LastQuantity.ToDecimal()));
    }

    [Fact]
    public void A_market_order_takes_what_there_is_and_never_rests()
    {
        var said = Market().Place(1, Side.Sell, 100m, 20m, type: OrderType.Market);
        Assert.Equal(15m, said.Where(r => r.Kind == ExecutionKind.Fill).Sum(r => r.LastQuantity.ToDecimal()));
        Assert.Equal(ExecutionKind.Expired, said[^1].Kind);
    }

    [Theory]
    [InlineData(100.001, 1, OrderFlags.None, RejectReason.PriceOutOfRange)]
    [InlineData(100, 0.0015, OrderFlags.None, RejectReason.QuantityOutOfRange)]
    [InlineData(100, 0.001, OrderFlags.None, RejectReason.QuantityOutOfRange)]
    [InlineData(100, 0.002, OrderFlags.None, RejectReason.QuantityOutOfRange)]
    [InlineData(101, 1, OrderFlags.PostOnly, RejectReason.WouldTakeLiquidity)]
    public void What_a_venue_refuses_is_refused_with_its_reason(double price, double quantity, OrderFlags flags, RejectReason reason)
    {
        var said = Assert.Single(Market().Place(1, Side.Buy, (decimal)price, (decimal)quantity, flags: flags));
        Assert.Equal((ExecutionKind.Rejected, reason), (said.Kind, said.Reason));
    }

    [Fact]
    public void An_id_is_taken_once_even_after_its_order_has_ended()
    {
        var market = Market();
        market.Place(1, Side.Buy, 100m, 1m);
        Assert.Equal(RejectReason.DuplicateClientOrderId, Assert.Single(market.Place(1, Side.Buy, 100m, 1m)).Reason);
        Assert.Equal(ExecutionKind.Cancelled, Assert.Single(market.Cancel(1)).Kind);
        Assert.Equal(ExecutionKind.CancelRejected, Assert.Single(market.Cancel(1)).Kind);
        Assert.Equal(RejectReason.DuplicateClientOrderId, Assert.Single(market.Place(1, Side.Buy, 100m, 1m)).Reason);
    }

    [Fact]
    public void Less_at_the_same_price_keeps_its_place_and_anything_else_goes_to_the_back()
    {
        var market = Market();
        market.Place(1, Side.Buy, 100m, 2m);
        market.Show(Side.Buy, 100m, 15m);
        Amend(market, 100m, 1m);
        Assert.Equal(10m, market.Ahead(1));
        Amend(market, 100m, 3m);
        Assert.Equal(15m, market.Ahead(1));
        Amend(market, 99m, 3m);
        Assert.Equal(5m, market.Ahead(1));
        var said = Amend(market, 101m, 3m);
        Assert.Equal([ExecutionKind.Amended, ExecutionKind.Fill], said.Select(r => r.Kind));
    }

    [Fact]
    public void Fees_are_those_of_the_role_and_rounded_up()
    {
        var market = Market(fees: FeeRates.FromBps(-1m, 5m));
        var taken = market.Place(1, Side.Buy, 101m, 0.333m).Single(r => r.Kind == ExecutionKind.Fill);
        Assert.Equal(1681650, taken.FeeRaw); // 101 × 0.333 × 5 bps = 0.01681650
        market.Place(2, Side.Buy, 100.5m, 1m);
        var made = Assert.Single(market.Trade(Side.Sell, 100.5m, 1m).Said());
        Assert.Equal(-1005000, made.FeeRaw);
        Assert.Equal(Text16.From("USDT"), made.FeeAsset);
    }

    private static List<ExecutionReport> Amend(MarketBench market, decimal price, decimal quantity)
    {
        market.Exchange.Amend(new AmendRequest { ClientOrderId = new ClientOrderId(1), Instrument = Btc, Side = Side.Buy, Price = Price.From(price), Quantity = Quantity.From(quantity) }, market.NowNs);
        return market.Said();
    }
}
