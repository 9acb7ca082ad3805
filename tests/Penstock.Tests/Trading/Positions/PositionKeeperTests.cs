using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Positions;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Positions;

public sealed class PositionKeeperTests
{
    private readonly PositionKeeper _keeper = new(Instruments(), 2);

    [Fact]
    [Trait("requirement", "R83")]
    public void Profit_average_and_fees_of_a_round_trip_are_exact()
    {
        Trade(Side.Buy, 100m, 2m, 0.2m, "USDT");
        Trade(Side.Buy, 103m, 1m, 0.1m, "USDT");
        Assert.Equal(Price.From(101m), _keeper.Of(1, Btc).AveragePrice);
        Trade(Side.Sell, 110m, 4m, -0.05m, "USDT");
        var position = _keeper.Of(1, Btc);
        Assert.Equal((Quantity.From(-1m), Price.From(110m)), (position.Quantity, position.AveragePrice));
        Assert.Equal((27m, 0.25m), (position.Realised.ToDecimal(), position.FeesQuote.ToDecimal()));
        Assert.Equal(5m, position.Unrealised((Int128)Price.From(105m).Raw * 2).ToDecimal());
    }

    [Fact]
    public void A_fee_in_the_base_asset_comes_out_of_the_position()
    {
        Trade(Side.Buy, 100m, 1m, 0.001m, "BTC");
        var position = _keeper.Of(1, Btc);
        Assert.Equal((Quantity.From(0.999m), -0.1m), (position.Quantity, position.Realised.ToDecimal()));
        Assert.Equal(Notional.From(0.999m), _keeper.BaseAccount(Btc).Cash);
        Assert.Equal(Notional.From(-100m), _keeper.QuoteAccount(Btc).Cash);
        Trade(Side.Buy, 100m, 1m, 0.01m, "BNB");
        Assert.Equal(1, _keeper.Statistics.FeesInOtherAsset);
        Assert.True(_keeper.IsBalanced);
    }

    /// <summary>Against a twin that knows decimals only: cash, position and total profit agree to the last digit, always.</summary>
    [Theory]
    [Trait("requirement", "R83")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_ledger_is_conserved_and_equals_a_naive_decimal_one(int seed)
    {
        var random = new Random(seed);
        decimal cash = 0, held = 0, bnb = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            var price = random.Next(1, 10_000_000) / 100m;
            var quantity = random.Next(1, 1_000_000) / 1_000m;
            var fee = random.Next(-500, 1_000) / 100_000m;
            var asset = random.Next(3) switch { 0 => "USDT", 1 => "BTC", _ => "BNB" };
            Trade(side, price, quantity, fee, asset, trade: i);
            held += side == Side.Buy ? quantity : -quantity;
            cash -= side == Side.Buy ? price * quantity : -price * quantity;
            if (asset == "USDT") cash -= fee;
            if (asset == "BTC") held -= fee;
            if (asset == "BNB") bnb -= fee;

            var position = _keeper.Of(1, Btc);
            Assert.True(_keeper.IsBalanced);
            Assert.Equal(held, position.Quantity.ToDecimal());
            Assert.Equal(held, _keeper.BaseAccount(Btc).Cash.ToDecimal());
            Assert.Equal(cash, _keeper.QuoteAccount(Btc).Cash.ToDecimal());
            Assert.Equal(cash, (position.RealisedNet - position.Cost).ToDecimal());
            Assert.Equal(position.Quantity, _keeper.Total(Btc));
            Assert.True(position.Quantity.Raw != 0 || position.Cost.Raw == 0);
        }

        Assert.Equal(bnb, _keeper.Accounts[^1].Cash.ToDecimal());
    }

    [Fact]
    public void A_balance_is_compared_and_a_difference_is_shown_not_booked()
    {
        Balance(1_000m);
        Trade(Side.Buy, 100m, 1m, 0m, "USDT");
        Balance(900m);
        Assert.Equal(0L, _keeper.Statistics.BalanceDifferences);
        Balance(890m);
        Assert.Equal(Notional.From(-10m), _keeper.QuoteAccount(Btc).Difference);
        Balance(900m);
        Assert.Equal(Notional.Zero, _keeper.QuoteAccount(Btc).Difference);
        Assert.Equal(1L, _keeper.Statistics.BalanceDifferences);
    }

    private void Balance(decimal free) =>
        _keeper.Reconcile(new BalanceReport { Venue = Venue, Asset = Text16.From("USDT"), FreeRaw = Quantity.From(free).Raw });

    private void Trade(Side side, decimal price, decimal quantity, decimal fee, string asset, long trade = 1)
    {
        var fill = Fill(1, trade, quantity, price, side);
        fill.FeeRaw = Quantity.From(fee).Raw;
        fill.FeeAsset = Text16.From(asset);
        _keeper.Apply(1, fill);
    }
}
