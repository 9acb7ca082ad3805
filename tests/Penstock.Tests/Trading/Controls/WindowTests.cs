using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;

namespace Penstock.Tests.Trading.Controls;

/// <summary>The windows the controls remember with, each against a list that is searched from the beginning.</summary>
public sealed class WindowTests
{
    private const long Ms = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Price_moves_are_those_of_every_price_whose_slice_is_in_the_window(int seed)
    {
        var random = new Random(seed);
        var window = new PriceWindow(2);
        var prices = new List<(long Slice, ulong Price)>();
        var now = 5_000 * Ms;
        for (var i = 0; i < 5_000; i++)
        {
            now += random.Next(random.Next(20) == 0 ? 2_000 : 40) * Ms;
            var price = (ulong)random.Next(1_000, 2_000);
            window.Add(1, price, now, 1_600);
            window.Add(2, price * 2, now, 1_600);
            prices.Add((now / (100 * Ms), price));
            prices.RemoveAll(p => now / (100 * Ms) - p.Slice >= 16);
            var (low, high) = (prices.Min(p => p.Price), prices.Max(p => p.Price));
            Assert.Equal((high - low, low), window.MoveOf(1));
            Assert.Equal(2 * low, window.MoveOf(2).Low);
        }

        window.Forget(1);
        Assert.Equal((0UL, 0UL), window.MoveOf(1));
        Assert.NotEqual(0UL, window.MoveOf(2).Low);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Equal_orders_are_counted_as_a_list_would_count_them(int seed)
    {
        var random = new Random(seed);
        var recent = new RecentOrders();
        var all = new List<(OrderRequest Order, long AtNs)>();
        var now = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            now += random.Next(3) * Ms;
            var order = new OrderRequest
            {
                Instrument = new InstrumentId(random.Next(1, 3)), Strategy = (ushort)random.Next(1, 3), Side = random.Next(2) == 0 ? Side.Buy : Side.Sell,
                Price = new Price(random.Next(1, 4)), Quantity = new Quantity(random.Next(1, 3)),
            };
            Assert.Equal(Math.Min(10, all.Count(o => o.Order == order && now - o.AtNs < 200 * Ms)), recent.Count(order, now, 200 * Ms, 10));
            recent.Add(order, now);
            all.Add((order, now));
            if (all.Count > 400) all.RemoveRange(0, 100);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Executions_without_effect_are_counted_as_a_list_would_count_them(int seed)
    {
        var random = new Random(seed);
        var repeated = new RepeatedFills(1);
        var executions = new List<(long AtNs, long Price, long Before, long Order)>();
        var (now, position) = (0L, 0L);
        for (var i = 1; i <= 5_000; i++)
        {
            now += random.Next(30) * Ms;
            var fill = new ExecutionReport
            {
                Instrument = new InstrumentId(1), Side = random.Next(2) == 0 ? Side.Buy : Side.Sell, LastPrice = new Price(random.Next(1, 4)), LastQuantity = new Quantity(random.Next(1, 3)),
                ClientOrderId = new ClientOrderId(random.Next(3) == 0 && executions.Count > 0 ? executions[^1].Order : i),
            };
            var before = position;
            position += fill.Side == Side.Buy ? fill.LastQuantity.Raw : -fill.LastQuantity.Raw;
            if (executions.Count > 0 && executions[^1].Order == fill.ClientOrderId.Value && executions[^1].Price == fill.LastPrice.Raw) executions[^1] = executions[^1] with { AtNs = now };
            else executions.Add((now, fill.LastPrice.Raw, before, fill.ClientOrderId.Value));

            var inside = executions.AsEnumerable().Reverse().TakeWhile(e => now - e.AtNs < 500 * Ms).ToList();
            var run = inside.TakeWhile(e => e.Price == fill.LastPrice.Raw).Count();
            var unmoved = inside.FindLastIndex(e => e.Before == position) + 1;
            Assert.Equal(Math.Max(1, Math.Max(run, unmoved)), repeated.Add(1, fill, before, position, now, 500 * Ms));
        }
    }

    [Fact]
    public void Outcomes_are_those_of_the_slices_in_the_window()
    {
        var random = new Random(4);
        var window = new OutcomeWindow();
        var all = new List<(long Slice, int Orders, int Errors)>();
        var now = 0L;
        for (var i = 0; i < 5_000; i++)
        {
            now += random.Next(random.Next(30) == 0 ? 3_000 : 60) * Ms;
            var (orders, errors) = (random.Next(2), random.Next(2));
            window.Add(orders, errors, now, 1_600);
            all.Add((now / (100 * Ms), orders, errors));
            all.RemoveAll(o => now / (100 * Ms) - o.Slice >= 16);
            Assert.Equal((all.Sum(o => o.Orders), all.Sum(o => o.Errors)), (window.Orders, window.Errors));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_venue_breaker_is_the_state_machine_a_person_would_draw(int seed)
    {
        var random = new Random(seed);
        var breakers = new VenueBreakers();
        var venue = new VenueId(1);
        string state = "closed";
        int failures = 0, opened = 0, probe = 0, id = 0;
        var now = 0;
        for (var i = 0; i < 20_000; i++)
        {
            now += random.Next(40);
            var order = new ClientOrderId(random.Next(4) == 0 ? probe : ++id);
            switch (random.Next(3))
            {
                case 0:
                    var allows = state == "closed" || (state == "open" && now - opened >= 100);
                    Assert.Equal(allows, breakers.Allows(venue, now, 100));
                    if (!allows) break;
                    breakers.OnPlaced(venue, order);
                    if (state == "open") (state, probe) = ("probing", (int)order.Value);
                    break;
                case 1:
                    breakers.OnAnswer(venue, order);
                    if (state == "closed") failures = 0;
                    else if (state == "probing" && order.Value == probe) (state, failures, probe) = ("closed", 0, 0);
                    break;
                default:
                    if (random.Next(5) == 0) order = default;
                    breakers.OnFailure(venue, order, 3, now);
                    failures++;
                    if ((state == "closed" && failures > 3) || (state == "probing" && (order.IsNone || order.Value == probe))) (state, opened, probe) = ("open", now, 0);
                    break;
            }

            Assert.Equal(state, breakers.StateOf(venue).ToString().ToLowerInvariant());
            Assert.Equal(failures, breakers.FailuresOf(venue));
        }

        Assert.True(breakers.OpeningsOf(venue) > 100);
    }
}
