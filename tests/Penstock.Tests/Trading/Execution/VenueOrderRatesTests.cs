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
