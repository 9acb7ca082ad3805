using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Controls.ControlWorld;

namespace Penstock.Tests.Trading.Controls;

/// <summary>
/// The limits under interleaved load of two strategies on three instruments, against a twin that keeps a list of orders and a list of fills
/// and adds everything up again for every question.
/// </summary>
public sealed class LimitPropertyTests
{
    private const long Lot = 100_000;

    private readonly decimal[] _mids = [0m, 100m, 20m, 100m];

    private sealed class TwinOrder
    {
        public required ClientOrderId Id;
        public required int Strategy;
        public required InstrumentId Instrument;
        public required Side Side;
        public required long Quantity;
        public long Filled;
        public bool IsLive = true;

        public long Leaves => IsLive ? Math.Max(0, Quantity - Filled) : 0;

        public int Venue => Instrument == Other ? 2 : 1;

        public long Signed => Side == Side.Buy ? Filled : -Filled;
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 400 : 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("requirement", "R81")]
    [Trait("requirement", "R82")]
    public void Every_decision_is_the_twins_and_no_cap_is_ever_passed(int seed)
    {
        var random = new Random(seed);
        var world = new ControlWorld(
            "message-rate node 100000", "message-window node 1", "duplicate-orders node none", "repeated-fills node none", "daily-loss node none", "venue-failures node none",
            "error-rate node none", "volatility node none", "price-move node none", "price-collar node 10000", "order-quantity node 1000", "open-orders node 6", "open-orders strategy:1 9", "open-orders venue:1 11");
        for (var id = 1; id <= 3; id++) world.Price(new InstrumentId(id), _mids[id]);
        var orders = new List<TwinOrder>();
        var approved = 0;
        for (var step = 0; step < 1_500; step++)
        {
            world.Pass(2);
            switch (random.Next(12))
            {
                case > 9:
                    var priced = random.Next(1, 4);
                    _mids[priced] = Math.Clamp(_mids[priced] + random.Next(-200, 201) / 100m, 5m, 300m);
                    world.Price(new InstrumentId(priced), _mids[priced]);
                    break;
                case < 6:
                    approved += Place(world, orders, random) ? 1 : 0;
                    break;
                case < 8 when orders.Count > 0:
                    Fill(world, orders[random.Next(orders.Count)], random);
                    break;
                case 8 when orders.Count > 0:
                    End(world, orders[random.Next(orders.Count)]);
                    break;
                default:
                    SetSome(world, random);
                    break;
            }

            Agree(world, orders);
        }

        Assert.InRange(approved, 50, 900);
    }

    private bool Place(ControlWorld world, List<TwinOrder> orders, Random random)
    {
        var instrument = new InstrumentId(random.Next(1, 4));
        var order = new TwinOrder
        {
            Id = default, Strategy = random.Next(1, 3), Instrument = instrument, Side = random.Next(2) == 0 ? Side.Buy : Side.Sell, Quantity = random.Next(1, 3_000) * Lot,
        };
        // At a limit as often as not: the largest quantity that just fits, or one lot more.
        if (random.Next(2) == 0) Sharpen(world, orders, order, random);
        var price = Price.From(_mids[instrument.Value] + random.Next(-3, 4) / 100m);
        var expected = Violations(world, orders, order, price).ToList();
        var result = world.Engine.Desk.Place(new OrderRequest
        {
            Instrument = instrument, Strategy = (ushort)order.Strategy, Side = order.Side, Price = price, Quantity = new Quantity(order.Quantity),
        }, false, world.NowNs);
        Assert.Equal(expected.Count == 0, result.IsPlaced);
        if (!result.IsPlaced)
        {
            Assert.Contains(result.Reject, expected);
            return false;
        }

        orders.Add(new TwinOrder { Id = result.ClientOrderId, Strategy = order.Strategy, Instrument = instrument, Side = order.Side, Quantity = order.Quantity });
        return true;
    }

    private void Sharpen(ControlWorld world, List<TwinOrder> orders, TwinOrder order, Random random)
    {
        var caps = world.Engine.Risk.Caps;
        var room = caps.Of(LimitName.Position, order.Instrument) - Worst(orders, order, _ => true);
        if (caps.OfStrategy(LimitName.Position, order.Strategy) is var own && own >= 0) room = Int128.Min(room, own - Worst(orders, order, o => o.Strategy == order.Strategy));
        room = room / Lot * Lot + random.Next(2) * Lot;
        if (room > 0 && room < 100_000 * Lot) order.Quantity = (long)room;
    }

    private IEnumerable<RiskReject> Violations(ControlWorld world, List<TwinOrder> orders, TwinOrder order, Price price)
    {
        var caps = world.Engine.Risk.Caps;
        var venue = new VenueId((byte)order.Venue);
        var strategy = LimitScope.OfStrategy(order.Strategy);
        var notional = (Int128)price.Raw * order.Quantity;
        RiskReject? Check(RiskRule rule, Int128 used, Int128 cap, LimitScope scope) => cap >= 0 && used > cap ? new RiskReject(rule, used, cap) { Scope = scope } : null;
        var node = Worst(orders, order, _ => true) + order.Quantity;
        var own = Worst(orders, order, o => o.Strategy == order.Strategy) + order.Quantity;
        RiskReject?[] all =
        [
            Check(RiskRule.OrderQuantity, order.Quantity, caps.OfStrategy(LimitName.OrderQuantity, order.Strategy), strategy),
            Check(RiskRule.OrderNotional, notional, caps.Of(LimitName.OrderNotional, order.Instrument), caps.ScopeOf(LimitName.OrderNotional, order.Instrument)),
            Check(RiskRule.Position, node, caps.Of(LimitName.Position, order.Instrument), caps.ScopeOf(LimitName.Position, order.Instrument)),
            Check(RiskRule.Position, node, caps.OfVenue(LimitName.Position, venue), LimitScope.Of(venue)),
            Check(RiskRule.Position, own, caps.OfStrategy(LimitName.Position, order.Strategy), strategy),
            node <= 0 ? null : Check(RiskRule.GrossExposure, Gross(orders, _ => true) + notional, caps.Of(LimitName.GrossExposure), LimitScope.Node),
            node <= 0 ? null : Check(RiskRule.GrossExposure, Gross(orders, o => o.Instrument == order.Instrument) + notional, caps.OwnOf(LimitName.GrossExposure, order.Instrument), LimitScope.Of(order.Instrument)),
            node <= 0 ? null : Check(RiskRule.GrossExposure, Gross(orders, o => o.Venue == order.Venue) + notional, caps.OfVenue(LimitName.GrossExposure, venue), LimitScope.Of(venue)),
            own <= 0 ? null : Check(RiskRule.GrossExposure, Gross(orders, o => o.Strategy == order.Strategy) + notional, caps.OfStrategy(LimitName.GrossExposure, order.Strategy), strategy),
            Check(RiskRule.OpenOrders, orders.Count(o => o.IsLive && o.Instrument == order.Instrument) + 1, caps.Of(LimitName.OpenOrders, order.Instrument), LimitScope.Node),
            Check(RiskRule.OpenOrders, orders.Count(o => o.IsLive && o.Strategy == order.Strategy) + 1, caps.OfStrategy(LimitName.OpenOrders, order.Strategy), strategy),
            Check(RiskRule.OpenOrders, orders.Count(o => o.IsLive && o.Venue == order.Venue) + 1, caps.OfVenue(LimitName.OpenOrders, venue), LimitScope.Of(venue)),
        ];
        return all.OfType<RiskReject>();
    }

    private static Int128 Worst(List<TwinOrder> orders, TwinOrder order, Func<TwinOrder, bool> counts)
    {
        var same = orders.Where(o => o.Instrument == order.Instrument && counts(o)).ToList();
        var position = same.Sum(o => o.Signed);
        return (order.Side == Side.Buy ? position : -position) + same.Where(o => o.Side == order.Side).Sum(o => o.Leaves);
    }

    private Int128 Gross(List<TwinOrder> orders, Func<TwinOrder, bool> counts)
    {
        Int128 gross = 0;
        foreach (var group in orders.Where(counts).GroupBy(o => o.Instrument))
            gross += (Int128)Price.From(_mids[group.Key.Value]).Raw * (Math.Abs(group.Sum(o => o.Signed)) + group.Sum(o => o.Leaves));
        return gross;
    }

    private void Fill(ControlWorld world, TwinOrder order, Random random)
    {
        if (world.Engine.Orders.Find(order.Id) is null) return;
        // Now and then after its end, and more than was asked for.
        var quantity = random.Next(20) == 0 ? random.Next(1, 100) * Lot : Math.Min(order.Leaves, random.Next(1, 2_000) * Lot);
        if (quantity <= 0) return;
        world.Fill(order.Id, new Quantity(quantity).ToDecimal(), _mids[order.Instrument.Value]);
        order.Filled += quantity;
        if (order.Filled >= order.Quantity) order.IsLive = false;
    }

    private static void End(ControlWorld world, TwinOrder order)
    {
        if (!order.IsLive) return;
        world.Report(ExecutionKind.Cancelled, order.Id);
        order.IsLive = false;
    }

    private static void SetSome(ControlWorld world, Random random)
    {
        string[] names = ["position", "gross-exposure", "order-notional", "order-quantity"];
        string[] scopes = ["node", "instrument:1", "strategy:1", "strategy:2", "venue:1", "venue:2"];
        var name = names[random.Next(names.Length)];
        var scope = scopes[random.Next(scopes.Length)];
        if (name == "order-quantity") scope = "strategy:2";
        if (name == "order-notional") scope = scope is "instrument:1" ? scope : "node";
        var value = name switch { "position" => random.Next(1, 8), "gross-exposure" => random.Next(100, 2_000), "order-notional" => random.Next(50, 400), _ => random.Next(1, 3) };
        world.Set($"{name} {scope} {(scope != "node" && random.Next(3) == 0 ? "none" : value.ToString(System.Globalization.CultureInfo.InvariantCulture))}");
    }

    private void Agree(ControlWorld world, List<TwinOrder> orders)
    {
        var (desk, positions) = (world.Engine.Desk, world.Engine.Positions);
        for (var id = 1; id <= 3; id++)
        {
            var instrument = new InstrumentId(id);
            Assert.Equal(orders.Where(o => o.Instrument == instrument).Sum(o => o.Signed), positions.Total(instrument).Raw);
            for (var strategy = 1; strategy <= 2; strategy++)
            {
                var own = orders.Where(o => o.Instrument == instrument && o.Strategy == strategy).ToList();
                Assert.Equal(own.Where(o => o.Side == Side.Buy).Sum(o => o.Leaves), desk.Orders.InFlight.Buy(strategy, instrument).Raw);
                Assert.Equal(own.Sum(o => o.Signed), positions.Of(strategy, instrument).Quantity.Raw);
            }

            Assert.Equal(Gross(orders, o => o.Instrument == instrument), desk.Controls.Exposures.Of(instrument).Raw);
        }

        Assert.Equal(Gross(orders, _ => true), desk.GrossExposure.Raw);
        Assert.Equal(Gross(orders, o => o.Venue == 2), desk.Controls.Exposures.Of(new VenueId(2)).Raw);
        Assert.Equal(Gross(orders, o => o.Strategy == 2), desk.Controls.Exposures.OfStrategy(2).Raw);
        Assert.Equal(orders.Count(o => o.IsLive && o.Venue == 1), desk.Orders.InFlight.OrdersOf(new VenueId(1)));
        Assert.True(positions.IsBalanced);
    }
}
