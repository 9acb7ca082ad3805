using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Tests.Trading.Controls;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Execution;

/// <summary>Reports whose figures no sum can hold: counted, applied in no part, and a person has to look.</summary>
[Trait("requirement", "R94")]
public sealed class UnbookableReportTests
{
    private static readonly long[] Absurd = [long.MinValue, long.MinValue + 1, -1, 0, 1, 1L << 40, 1L << 60, 6_000_000_000_000_000_000, long.MaxValue - 1, long.MaxValue];

    private long _trade;

    [Fact]
    public void Two_fills_of_sixty_billion_units_are_not_half_of_them_lost()
    {
        var world = new ControlWorld().Price(Btc, 100m);
        var order = world.Engine.Orders.Find(world.Place().ClientOrderId)!;
        var first = Fill(world, order, 6_000_000_000_000_000_000, 1);
        world.Engine.OnReport(first);
        world.Engine.OnReport(Fill(world, order, 6_000_000_000_000_000_000, 1));
        Assert.Equal((2L, 2L), (world.Engine.Orders.Statistics.ReportsBeyondBounds, world.Engine.Orders.Statistics.IllegalReports));
        Assert.Equal((0L, 0L), (order.Filled.Raw, world.Engine.Positions.Total(Btc).Raw));
        Assert.Equal(RiskRule.Unresolved, world.Place().Reject.Rule);
        Assert.True(world.Place(instrument: Eth, price: 100m).Reject.Rule != RiskRule.Unresolved);

        // What is right is booked as ever, balances that agree lift nothing, a person does.
        world.Fill(order.ClientOrderId, 0.5m);
        Assert.Equal(Quantity.From(0.5m), order.Filled);
        world.Engine.OnReconciled(order.Venue, true, world.NowNs);
        Assert.Equal(RiskRule.Unresolved, world.Place().Reject.Rule);
        Assert.True(Approve(world).Done);
        Assert.True(world.Place().IsPlaced);
        world.Engine.OnReport(Fill(world, order, 6_000_000_000_000_000_000, 1) with { TradeId = 5_002 }); // listed once more
        Assert.True(world.Place(price: 99m).IsPlaced);
        world.Engine.OnReport(first with { TradeId = 77_777 });
        Assert.Equal(RiskRule.Unresolved, world.Place().Reject.Rule);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_the_figures_nothing_throws_and_everything_is_booked_or_counted(int seed)
    {
        var random = new Random(seed);
        var world = new ControlWorld("volatility node none", "price-move node none", "error-rate node none", "venue-failures node none", "daily-loss node none").Price(Btc, 100m);
        var orders = new List<Order>();
        Int128 booked = 0;
        for (var step = 0; step < 3_000; step++)
        {
            if (random.Next(4) == 0 && world.Pass(200).Place(1 + random.Next(2), random.Next(2) == 0 ? Side.Buy : Side.Sell) is { IsPlaced: true } placed)
                orders.Add(world.Engine.Orders.Find(placed.ClientOrderId)!);
            var order = orders.Count > 0 ? orders[random.Next(orders.Count)] : null;
            var (before, total) = (world.Engine.Positions.Statistics.Fills, world.Engine.Positions.Total(Btc).Raw);
            var report = new ExecutionReport
            {
                Kind = random.Next(2) == 0 ? ExecutionKind.Fill : (ExecutionKind)random.Next(20), ClientOrderId = order is null || random.Next(5) == 0 ? new ClientOrderId(1_000_000 + step) : order.ClientOrderId,
                Instrument = Btc, Venue = new(1), Side = order?.Side ?? Side.Buy, State = (OrderState)random.Next(10), TradeId = random.Next(8) == 0 ? 0 : ++_trade,
                LastPrice = new Price(Any(random)), LastQuantity = new Quantity(Any(random)), CumulativeQuantity = new Quantity(Any(random)), FeeRaw = Any(random),
                FeeAsset = Text16.From(random.Next(3) switch { 0 => "BTC", 1 => "USDT", _ => "BNB" }), Received = new(world.NowNs),
            };
            world.Engine.OnReport(report);
            Assert.True(world.Engine.Positions.IsBalanced);
            if (world.Engine.Positions.Statistics.Fills == before) Assert.Equal(total, world.Engine.Positions.Total(Btc).Raw);
            else booked += (report.Side == Side.Buy ? report.LastQuantity.Raw : -report.LastQuantity.Raw) - (report.FeeAsset.Equals(Text16.From("BTC")) ? report.FeeRaw : 0);
            Assert.Equal(booked, world.Engine.Positions.Total(Btc).Raw);
            Assert.True(world.Engine.Orders.OpenBuy(Btc).Raw >= 0 && world.Engine.Orders.OpenSell(Btc).Raw >= 0);
            if (random.Next(50) == 0) Approve(world);
        }

        Assert.InRange(world.Engine.Orders.Statistics.ReportsBeyondBounds, 100, 3_000);
        Assert.InRange(world.Engine.Positions.Statistics.Fills, 20, 3_000);
    }

    private static long Any(Random random) => random.Next(4) switch
    {
        0 => Absurd[random.Next(Absurd.Length)],
        1 => random.NextInt64(1, 1L << random.Next(1, 63)),
        _ => random.Next(1, 100) * 10_000_000L,
    };

    private ExecutionReport Fill(ControlWorld world, Order order, long quantityRaw, long priceRaw) => new()
    {
        Kind = ExecutionKind.Fill, ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, Venue = order.Venue, Side = order.Side, TradeId = 5_000 + ++_trade,
        LastPrice = new Price(priceRaw), LastQuantity = new Quantity(quantityRaw), CumulativeQuantity = new Quantity(quantityRaw), Received = new(world.NowNs),
    };

    private static CommandResult Approve(ControlWorld world) => world.Engine.OnCommand(
        new EngineCommand { Kind = EngineCommandKind.ApproveDifference, Instrument = Btc, Who = "officer", Why = "compared", NowNs = world.NowNs });
}
