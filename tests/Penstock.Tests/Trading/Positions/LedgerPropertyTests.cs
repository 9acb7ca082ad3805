using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Trading.Controls;
using Penstock.Trading.Positions;

namespace Penstock.Tests.Trading.Positions;

/// <summary>Spot, contracts, fees in three assets and funding at random, against sums kept in another way: by trade, never by position.</summary>
public sealed class LedgerPropertyTests
{
    private static readonly Int128 Unit = FixedPoint.Scale;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 300 : 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("requirement", "R83")]
    public void Every_unit_is_accounted_for_at_every_instant(int seed)
    {
        var random = new Random(seed);
        var (table, keeper) = World();
        var spot = new Dictionary<string, Int128>();
        Int128 contractCash = 0, contractValue = 0;
        var held = new long[5];
        for (var step = 1; step <= 1_000; step++)
        {
            var id = new InstrumentId(random.Next(1, 5));
            var instrument = table[id];
            if (instrument.Kind == InstrumentKind.LinearPerpetual && random.Next(5) == 0)
            {
                var amount = random.NextInt64(-5_000_000_000, 5_000_000_000);
                Assert.True(keeper.Apply(new FundingReport { Venue = instrument.Venue, Instrument = id, AmountRaw = amount, PaymentId = step }));
                contractCash += amount * Unit;
            }
            else
            {
                var fill = Fill(random, instrument, step);
                keeper.Apply(random.Next(0, 3), fill);
                var signed = fill.Side == Side.Buy ? fill.LastQuantity.Raw : -fill.LastQuantity.Raw;
                var value = instrument.ValueOf(fill.LastPrice, new Quantity(signed)).Raw;
                held[id.Value] += signed;
                if (instrument.Kind == InstrumentKind.Spot)
                {
                    Add(spot, instrument.Base.ToString(), signed * Unit);
                    Add(spot, instrument.Quote.ToString(), -value);
                    Add(spot, fill.FeeAsset.ToString(), -fill.FeeRaw * Unit);
                }
                else
                {
                    contractValue -= value;
                    contractCash -= fill.FeeRaw * Unit;
                }
            }

            // Double entry: cash, market, fees and funding of each asset cancel out.
            Assert.True(keeper.IsBalanced);
            foreach (var account in keeper.Accounts.ToArray().Where(a => a.Venue.Value == 1))
                Assert.Equal(spot.GetValueOrDefault(account.Asset.ToString()), account.Cash.Raw);
            CheckContracts(table, keeper, contractCash, contractValue);
            for (var i = 1; i <= 4; i++) Assert.Equal(keeper.Total(new InstrumentId(i)).Raw, Enumerable.Range(0, 3).Sum(s => keeper.Of(s, new InstrumentId(i)).Quantity.Raw));
            for (var i = 3; i <= 4; i++)
            {
                Assert.Equal(held[i], keeper.Contract(new InstrumentId(i)).Quantity.Raw);
                Assert.Equal(held[i] * Unit, keeper.BaseAccount(new InstrumentId(i)).Cash.Raw);
            }
        }

        Assert.DoesNotContain(keeper.Accounts.ToArray(), a => a.Venue.Value == 2 && a.Asset.ToString() != "USDT");
    }

    [Fact]
    [Trait("requirement", "R83")]
    public void A_contract_moves_the_settle_balance_by_what_it_realises_its_fee_and_its_funding_and_nothing_else()
    {
        var (table, keeper) = World();
        var perpetual = table[new InstrumentId(4)]; // a contract is a hundredth of the base asset
        keeper.Apply(1, Trade(perpetual, Side.Buy, 60_000m, 10m, 1, fee: 0.3m));
        Assert.Equal(-0.3m, Settle(keeper).Cash.ToDecimal());
        Assert.Equal(60_000m, keeper.Of(1, perpetual.Id).AveragePriceOf(perpetual.ContractSize).ToDecimal());
        Assert.Equal(100m, keeper.Of(1, perpetual.Id).Unrealised((Int128)Price.From(61_000m).Raw * 2, perpetual.ContractSize).ToDecimal());

        keeper.Apply(2, Trade(perpetual, Side.Sell, 61_000m, 4m, 2));
        Assert.Equal(39.7m, Settle(keeper).Cash.ToDecimal()); // the venue nets: 4 × 0.01 × 1,000 realised
        Assert.Equal(0m, keeper.Of(1, perpetual.Id).Realised.ToDecimal());

        keeper.Apply(new FundingReport { Venue = perpetual.Venue, Instrument = perpetual.Id, AmountRaw = -600_000_000, PaymentId = 1 });
        Assert.Equal(33.7m, Settle(keeper).Cash.ToDecimal());
        Assert.Equal((-10m, 4m), (keeper.Of(1, perpetual.Id).Funding.ToDecimal(), keeper.Of(2, perpetual.Id).Funding.ToDecimal()));
        Assert.False(keeper.Apply(new FundingReport { Instrument = new InstrumentId(99), AmountRaw = 1, PaymentId = 2 }));
        Assert.Equal((1L, 1L), (keeper.Statistics.Fundings, keeper.Statistics.FundingIgnored));
    }

    [Fact]
    public void A_difference_to_the_venue_has_a_tolerance_and_an_age()
    {
        var (table, keeper) = World();
        var perpetual = table[new InstrumentId(3)];
        keeper.Reconcile(Balance(1_000m), 1);
        keeper.Apply(1, Trade(perpetual, Side.Buy, 100m, 1m, 1, fee: 0.1m));
        keeper.Reconcile(Balance(999.9m), 2);
        Assert.Equal(0, Settle(keeper).Difference.Raw);
        keeper.Reconcile(Balance(999.90000001m), 3);
        Assert.True(Settle(keeper).IsWithinTolerance);
        keeper.Reconcile(Balance(999.90000002m), 4);
        Assert.False(Settle(keeper).IsWithinTolerance);
        Assert.Equal(3, Settle(keeper).DifferenceSinceNs);
    }

    /// <summary>What fills realise depends on their order, and a lost one comes late: what is compared must not.</summary>
    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 2, 1)]
    [InlineData(2, 0, 1)]
    [Trait("requirement", "R83")]
    public void A_venue_that_tells_positions_is_compared_by_them_and_by_the_wallet_less_their_cost_in_any_order_of_fills(params int[] order)
    {
        var (table, keeper) = World();
        var perpetual = table[new InstrumentId(3)];
        ExecutionReport[] fills =
        [
            Trade(perpetual, Side.Buy, 100m, 1m, 1), Trade(perpetual, Side.Buy, 110m, 1m, 2), Trade(perpetual, Side.Sell, 120m, 1m, 3),
        ];
        keeper.Reconcile(Position(0m), 1);
        keeper.Reconcile(Balance(1_000m), 1);
        foreach (var i in order) keeper.Apply(1, fills[i]);
        // One is left at an average of 105: the wallet has 15 more, less 105.
        keeper.Reconcile(Position(1m), 2);
        keeper.Reconcile(Balance(1_000m + 15m - 105m), 2);
        Assert.Equal((0, 0), ((long)Settle(keeper).Difference.Raw, (long)keeper.BaseAccount(perpetual.Id).Difference.Raw));
        keeper.Reconcile(Position(2m), 3);
        Assert.Equal(1m, keeper.BaseAccount(perpetual.Id).Difference.ToDecimal());

        BalanceReport Position(decimal quantity) =>
            new() { Venue = perpetual.Venue, Asset = perpetual.PositionAsset(), FreeRaw = Quantity.From(quantity).Raw };
    }

    private static (InstrumentTable Table, PositionKeeper Keeper) World()
    {
        var table = new InstrumentTable();
        table.Add(ControlWorld.Instrument(1, "BTC"));
        table.Add(ControlWorld.Instrument(1, "ETH"));
        table.Add(ControlWorld.Instrument(2, "BTC", InstrumentKind.LinearPerpetual));
        table.Add(ControlWorld.Instrument(2, "ETH", InstrumentKind.LinearPerpetual, 0.01m));
        return (table, new PositionKeeper(table, 2));
    }

    /// <summary>All trades at their value, plus the cost of what is open, is what was realised; fees and funding come to it.</summary>
    private static void CheckContracts(InstrumentTable table, PositionKeeper keeper, Int128 cash, Int128 value)
    {
        Int128 open = 0, strategies = 0;
        foreach (var instrument in table.All.Where(i => i.Kind == InstrumentKind.LinearPerpetual))
        {
            open += keeper.Contract(instrument.Id).Cost.Raw;
            for (var strategy = 0; strategy <= 2; strategy++)
            {
                ref readonly var position = ref keeper.Of(strategy, instrument.Id);
                strategies += position.RealisedNet.Raw - position.Cost.Raw;
            }
        }

        Assert.Equal(cash + value + open, Settle(keeper).Cash.Raw);
        Assert.Equal(cash + value, strategies);
    }

    private static AssetAccount Settle(PositionKeeper keeper) => keeper.Accounts.ToArray().Single(a => a.Venue.Value == 2 && a.Asset.ToString() == "USDT");

    private static BalanceReport Balance(decimal free) => new() { Venue = new VenueId(2), Asset = Text16.From("USDT"), FreeRaw = Quantity.From(free).Raw };

    private static ExecutionReport Fill(Random random, Instrument instrument, int step)
    {
        string[] assets = instrument.Kind == InstrumentKind.Spot ? ["USDT", instrument.Base.ToString(), "BNB"] : ["USDT"];
        var fill = Trade(instrument, random.Next(2) == 0 ? Side.Buy : Side.Sell, random.Next(1, 10_000_000) / 100m, random.Next(1, 50_000) / 1_000m, step);
        fill.FeeRaw = random.Next(-1_000, 100_000);
        fill.FeeAsset = Text16.From(assets[random.Next(assets.Length)]);
        return fill;
    }

    private static ExecutionReport Trade(Instrument instrument, Side side, decimal price, decimal quantity, long trade, decimal fee = 0m) => new()
    {
        Kind = ExecutionKind.Fill, Venue = instrument.Venue, Instrument = instrument.Id, Side = side, TradeId = trade, LastPrice = Price.From(price), LastQuantity = Quantity.From(quantity),
        FeeRaw = Quantity.From(fee).Raw, FeeAsset = Text16.From("USDT"),
    };

    private static void Add(Dictionary<string, Int128> sums, string asset, Int128 amount) => sums[asset] = sums.GetValueOrDefault(asset) + amount;
}
