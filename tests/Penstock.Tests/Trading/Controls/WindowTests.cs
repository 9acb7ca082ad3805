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

    /// <summary>What a window of W promises: everything of the last W counts, nothing older than W and a sixteenth does.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_window_covers_what_was_configured_and_at_most_a_sixteenth_more(int seed)
    {
        var random = new Random(seed);
        var (moves, outcomes) = (new PriceWindow(1), new OutcomeWindow());
        var windowMs = random.Next(1, 5_000) * 16;
        var all = new List<(long AtNs, ulong Price, int Errors)>();
        var now = 12_345L;
        for (var i = 0; i < 5_000; i++)
        {
            now += random.NextInt64(random.Next(20) == 0 ? windowMs * 2 * Ms : windowMs * Ms / 10);
            var (price, errors) = ((ulong)random.Next(1_000, 2_000), random.Next(3));
            moves.Add(1, price, now, windowMs);
            outcomes.Add(1, errors, now, windowMs);
            all.Add((now, price, errors));
            var must = all.Where(e => e.AtNs > now - windowMs * Ms).ToList();
            var may = all.Where(e => e.AtNs > now - windowMs * Ms * 17 / 16).ToList();
            var (move, low) = moves.MoveOf(1);
            Assert.InRange(low, may.Min(e => e.Price), must.Min(e => e.Price));
            Assert.InRange(low + move, must.Max(e => e.Price), may.Max(e => e.Price));
            Assert.InRange(outcomes.Errors, must.Sum(e => e.Errors), may.Sum(e => e.Errors));
            Assert.InRange(outcomes.Orders, must.Count, may.Count);

            // Asked later, without a price in between.
            var later = now + random.NextInt64(windowMs * 2 * Ms);
            var still = all.Where(e => e.AtNs > later - windowMs * Ms).Select(e => e.Price).ToList();
            var seen = moves.MoveAt(1, later, windowMs);
            if (still.Count > 0) Assert.InRange(seen.Move, still.Max() - still.Min(), ulong.MaxValue);
            if (later - now > windowMs * Ms * 17 / 16) Assert.Equal((0UL, 0UL), seen);
            all.RemoveAll(e => e.AtNs < now - windowMs * Ms * 2);
        }
    }

    [Fact]
    public void What_a_session_of_before_format_5_measured_it_measures_in_its_replay()
    {
        var (price, outcomes) = (new PriceWindow(1) { IsWhole = false }, new OutcomeWindow { IsWhole = false });
        price.Add(1, 100, 18_700 * Ms, 300_000);
        price.Add(1, 111, 300_000 * Ms, 300_000);
        Assert.Equal((0UL, 111UL), price.MoveOf(1));
        outcomes.Add(1, 1, 18_700 * Ms, 300_000);
        outcomes.Add(1, 1, 300_000 * Ms, 300_000);
        Assert.Equal(1, outcomes.Errors);
    }

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
            prices.RemoveAll(p => now / (100 * Ms) - p.Slice > 16);
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
            all.RemoveAll(o => now / (100 * Ms) - o.Slice > 16);
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
