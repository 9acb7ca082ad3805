using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Strategies.Backtesting;

namespace Penstock.Tests.Strategies.Backtesting;

/// <summary>The queue position against a twin that keeps every single unit of the queue in a list.</summary>
public class QueueTwinTests
{
    /// <summary>Front first; zero is a unit of somebody else, a number is a unit of that order of ours.</summary>
    private sealed class NaiveQueue
    {
        private readonly List<long> _units = [];

        public int Others => _units.Count(u => u == 0);

        public void Join(long id, int quantity) => _units.AddRange(Enumerable.Repeat(id, quantity));

        public void Leave(long id) => _units.RemoveAll(u => u == id);

        public Dictionary<long, int> Trade(int quantity)
        {
            var fills = _units.Take(quantity).Where(u => u != 0).GroupBy(u => u).ToDictionary(g => g.Key, g => g.Count());
            _units.RemoveRange(0, Math.Min(quantity, _units.Count));
            return fills;
        }

        /// <summary>New ones join at the back; who goes, goes from the back.</summary>
        public void Show(int others)
        {
            while (Others < others) _units.Add(0);
            while (Others > others) _units.RemoveAt(_units.LastIndexOf(0));
        }

        public int Ahead(long id) => _units.TakeWhile(u => u != id).Count(u => u == 0);

        public bool Holds(long id) => _units.Contains(id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Positions_and_fills_equal_those_of_the_naive_queue(int seed)
    {
        var random = new Random(seed);
        var steps = Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 300_000 : 3_000;
        var market = new MarketBench().Book((Side.Buy, 100m, 10m), (Side.Buy, 99m, 5m), (Side.Sell, 101m, 4m));
        var twin = new NaiveQueue();
        twin.Show(10);
        var ours = new List<long>();
        for (var step = 0; step < steps; step++)
        {
            switch (random.Next(5))
            {
                case 0 when ours.Count < 6:
                    var quantity = random.Next(1, 5);
                    ours.Add(step + 1);
                    market.Place(step + 1, Side.Buy, 100m, quantity);
                    twin.Join(step + 1, quantity);
                    break;
                case 1 when ours.Count > 0:
                    var gone = ours[random.Next(ours.Count)];
                    market.Cancel(gone);
                    twin.Leave(gone);
                    ours.Remove(gone);
                    break;
                case 2 when twin.Others > 0:
                    // The recording never saw our orders: what a trade of its own took from its level is all of it.
                    var traded = random.Next(1, twin.Others + 1);
                    var before = twin.Others;
                    var expected = twin.Trade(traded);
                    twin.Show(before - traded);
                    var fills = market.Feed(market.TradeEvent(Side.Sell, 100m, traded), market.Delta(Side.Buy, 100m, before - traded)).Said();
                    Assert.Equal(expected, fills.ToDictionary(f => f.ClientOrderId.Value, f => (int)f.LastQuantity.ToDecimal()));
                    break;
                default:
                    var shown = random.Next(0, 30);
                    twin.Show(shown);
                    market.Show(Side.Buy, 100m, shown);
                    break;
            }

            market.Said();
            ours.RemoveAll(id => !twin.Holds(id));
            Assert.Equal(ours.Count, market.Exchange.RestingOrders);
            foreach (var id in ours) Assert.Equal(twin.Ahead(id), market.Ahead(id));
        }

        Assert.True(market.Exchange.Statistics.FillsByTrade > steps / 100, "the walk filled next to nothing");
    }

    [Theory]
    [InlineData(QueueModel.Pessimistic, 11)]
    [InlineData(QueueModel.Proportional, 12)]
    [InlineData(QueueModel.Optimistic, 13)]
    public void Whatever_happens_nothing_is_filled_that_was_not_traded_or_displayed(QueueModel model, int seed)
    {
        var random = new Random(seed);
        var steps = Environment.GetEnvironmentVariable("PENSTOCK_LONG") == "1" ? 300_000 : 5_000;
        var market = new MarketBench(model).Book((Side.Buy, 100m, 10m), (Side.Sell, 101m, 10m));
        var orders = new Dictionary<long, (OrderRequest Order, decimal Filled, bool Ended)>();
        decimal displayed = 20m;
        decimal traded = 0m, made = 0m, taken = 0m;
        for (var step = 1; step <= steps; step++)
        {
            var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            var price = (side == Side.Buy ? 100m : 101m) + (side == Side.Buy ? -random.Next(0, 4) : random.Next(0, 4));
            switch (random.Next(4))
            {
                case 0:
                    var order = Trading.Fixtures.Order(step, side, price + (side == Side.Buy ? random.Next(0, 3) : -random.Next(0, 3)), random.Next(1, 8)) with
                    {
                        TimeInForce = (TimeInForce)random.Next(3), Flags = random.Next(4) == 0 ? OrderFlags.PostOnly : OrderFlags.None,
                    };
                    orders[step] = (order, 0m, false);
                    market.Exchange.Place(order, market.NowNs);
                    break;
                case 1 when orders.Count > 0:
                    market.Exchange.Cancel(new CancelRequest { ClientOrderId = new ClientOrderId(orders.Keys.ElementAt(random.Next(orders.Count))), Instrument = Trading.Fixtures.Btc }, market.NowNs);
                    break;
                case 2:
                    var size = random.Next(1, 10);
                    traded += size;
                    market.Trade(side == Side.Buy ? Side.Sell : Side.Buy, price, size);
                    break;
                default:
                    var quantity = random.Next(0, 12);
                    displayed += quantity;
                    market.Show(side, price, quantity);
                    break;
            }

            foreach (var report in market.Said())
            {
                if (!orders.TryGetValue(report.ClientOrderId.Value, out var known)) continue;
                if (report.Kind == ExecutionKind.Fill)
                {
                    Assert.False(known.Ended, "a fill after the end");
                    known.Filled += report.LastQuantity.ToDecimal();
                    var limit = known.Order.Price.ToDecimal();
                    Assert.True(known.Order.Side == Side.Buy ? report.LastPrice.ToDecimal() <= limit : report.LastPrice.ToDecimal() >= limit, "filled beyond its limit");
                    if (report.IsMaker) made += report.LastQuantity.ToDecimal();
                    else taken += report.LastQuantity.ToDecimal();
                    Assert.Equal(known.Filled, report.CumulativeQuantity.ToDecimal());
                }

                if (report.Kind is ExecutionKind.Cancelled or ExecutionKind.Expired or ExecutionKind.Rejected) known.Ended = true;
                if (known.Filled == known.Order.Quantity.ToDecimal()) known.Ended = true;
                Assert.True(known.Filled <= known.Order.Quantity.ToDecimal(), "filled more than ordered");
                orders[report.ClientOrderId.Value] = known;
            }

            // Fills of resting orders come from trades, or from what was displayed through them; takers' from what was displayed.
            Assert.True(made + taken <= traded + displayed, "more was filled than there ever was");
        }

        var statistics = market.Exchange.Statistics;
        Assert.True(statistics.FillsByTrade > 10 && statistics.FillsByTaking > 10, "the walk did not reach what it is about");
        Assert.Equal(orders.Values.Count(o => !o.Ended), market.Exchange.RestingOrders);
    }
}
