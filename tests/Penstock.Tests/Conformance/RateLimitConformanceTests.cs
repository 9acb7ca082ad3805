using Penstock.Connectivity.RateLimits;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Conformance;

/// <summary>No venue is asked more often than it allows, however much is wanted: its own limits under a fake clock.</summary>
public class RateLimitConformanceTests
{
    public static TheoryData<string> Venues => FeedFixtures.Venues;

    [Theory, MemberData(nameof(Venues)), Trait("requirement", "R112")]
    public void C06_Neither_REST_nor_orders_nor_frames_ever_exceed_the_venues_windows(string venue)
    {
        var profile = FeedFixtures.Create(venue).Profile;
        Assert.NotEmpty(profile.RestLimits);
        Assert.NotEmpty(profile.OrderLimits);
        var random = new Random(20_261_121);
        foreach (var limits in (IReadOnlyList<RateLimit>[])[profile.RestLimits, profile.OrderLimits, profile.OutboundFrames is { } frames ? [frames] : []])
        {
            if (limits.Count > 0) AssertNeverExceeded(limits, random);
        }
    }

    private static void AssertNeverExceeded(IReadOnlyList<RateLimit> limits, Random random)
    {
        var limiter = new RateLimiter(limits);
        var granted = new List<(long Ns, int Weight)>();
        long now = 0;
        var horizon = 3 * limits.Max(l => (long)l.Window.TotalNanoseconds);
        var step = Math.Max(1, horizon / 20_000);
        for (; now < horizon; now += random.NextInt64(2 * step))
        {
            var weight = random.Next(1, Math.Min(20, limits.Min(l => l.Permits)) + 1);
            if (limiter.TryAcquire(weight, now)) granted.Add((now, weight));
        }

        Assert.NotEmpty(granted);
        foreach (var limit in limits) AssertWindows(limit, granted);
    }

    /// <summary>The naive twin: every window that begins with a grant is summed up.</summary>
    private static void AssertWindows(RateLimit limit, List<(long Ns, int Weight)> granted)
    {
        var windowNs = (long)limit.Window.TotalNanoseconds;
        long sum = 0;
        for (int first = 0, next = 0; first < granted.Count; sum -= granted[first++].Weight)
        {
            while (next < granted.Count && granted[next].Ns - granted[first].Ns < windowNs) sum += granted[next++].Weight;
            Assert.True(sum <= limit.Permits, $"{sum} granted within {limit.Window}, {limit.Permits} allowed");
        }
    }
}
