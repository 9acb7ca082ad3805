using Penstock.Connectivity.RateLimits;
using Penstock.Model.Instruments;
using Penstock.Trading.Execution;

namespace Penstock.Tests.Trading.Execution;

public sealed class VenueOrderRatesTests
{
    private const long SecondNs = 1_000_000_000;

    [Fact]
    [Trait("requirement", "R112")]
    public void A_venue_takes_as_many_orders_as_it_said_and_another_is_not_concerned()
    {
        var (limited, free) = (new VenueId(1), new VenueId(2));
        var rates = new VenueOrderRates();
        rates.Set(limited, [new RateLimit(2, TimeSpan.FromSeconds(1))]);
        for (var order = 0; order < 2; order++)
        {
            Assert.True(rates.Allows(limited, SecondNs));
            rates.Count(limited, SecondNs);
        }

        Assert.False(rates.Allows(limited, SecondNs));
        Assert.True(rates.Allows(free, SecondNs));
        // Not before the venue's window and the margin for the way to the socket have passed.
        Assert.False(rates.Allows(limited, 2 * SecondNs));
        Assert.True(rates.Allows(limited, 2 * SecondNs + 100_000_000));
    }

    /// <summary>The naive twin sums up what left within the window.</summary>
    [Theory]
    [Trait("requirement", "R112")]
    [InlineData(0)] // counted apart: three of their own
    [InlineData(1)]
    [InlineData(3)]
    public void A_change_takes_of_the_order_permits_what_the_venue_counts_it_for(int permits)
    {
        var (venue, random) = (new VenueId(1), new Random(5));
        var rates = new VenueOrderRates();
        var apart = permits == 0 ? new[] { new RateLimit(3, TimeSpan.FromSeconds(1)) } : [];
        rates.Set(venue, [new RateLimit(6, TimeSpan.FromSeconds(1))], new AmendRate { OrderPermits = permits, Limits = apart });
        var left = new List<(long Ns, int Permits, bool IsChange)>();
        var (changes, refused) = (0, 0);
        for (var (step, now) = (0, SecondNs); step < 1_000; step++, now += random.Next(250) * 1_000_000L)
        {
            var isChange = random.Next(2) == 0;
            var inWindow = left.Where(l => now - l.Ns < SecondNs + 100_000_000).ToList();
            var fitsApart = !isChange || permits > 0 || inWindow.Count(l => l.IsChange) < 3;
            var fits = fitsApart && inWindow.Sum(l => l.Permits) + (isChange ? permits : 1) <= 6;
            Assert.Equal(fits, isChange ? rates.AllowsAmend(venue, now) : rates.Allows(venue, now));
            if (!fits) refused++;
            if (!fits) continue;
            left.Add((now, isChange ? permits : 1, isChange));
            if (isChange) rates.CountAmend(venue, now);
            else rates.Count(venue, now);
            if (isChange) changes++;
        }

        Assert.True(changes > 50 && refused > 50, $"{changes} {refused}");
    }

    [Fact]
    public void A_new_session_begins_with_a_clean_window_and_may_have_an_earlier_clock()
    {
        var venue = new VenueId(1);
        var rates = new VenueOrderRates();
        rates.Set(venue, [new RateLimit(1, TimeSpan.FromSeconds(1))]);
        rates.Count(venue, 100 * SecondNs);
        rates.BeginSession();
        Assert.True(rates.Allows(venue, SecondNs));
    }
}
