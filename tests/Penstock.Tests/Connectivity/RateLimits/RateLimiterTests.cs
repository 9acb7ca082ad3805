using Penstock.Connectivity.RateLimits;

namespace Penstock.Tests.Connectivity.RateLimits;

public class RateLimiterTests
{
    private const long Second = 1_000_000_000;

    /// <summary>Goal: exactly what a list of all grants ever would allow. Method: seeded requests around the window's edges.</summary>
    [Fact]
    [Trait("requirement", "R112")]
    public void Grants_equal_those_of_a_naive_twin_and_no_window_ever_holds_more()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            RateLimit[] limits = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new RateLimit(random.Next(1, 30), TimeSpan.FromTicks(random.Next(1, 200))))];
            var limiter = new RateLimiter(limits);
            var granted = new List<(long At, int Weight)>();
            long now = 0;
            for (var i = 0; i < 300; i++)
            {
                now += random.Next(4) == 0 ? 0 : random.Next(1, 3000);
                var weight = random.Next(1, 6);
                var expected = limits.All(l => Sum(granted, now - (long)l.Window.TotalNanoseconds, now) + weight <= l.Permits);
                var next = limiter.NextPermitNs(weight, now);
                Assert.True(expected == limiter.TryAcquire(weight, now), $"Seed {seed}, request {i}.");
                Assert.True(expected == (next <= now), $"Seed {seed}, request {i}: NextPermitNs says otherwise.");
                if (expected) granted.Add((now, weight));
                else if (next != long.MaxValue)
                {
                    var early = next - 1;
                    var tooLate = limits.All(l => Sum(granted, early - (long)l.Window.TotalNanoseconds, early) + weight <= l.Permits);
                    Assert.False(tooLate, $"Seed {seed}, request {i}: an earlier time would have done.");
                    Assert.All(limits, l => Assert.True(Sum(granted, next - (long)l.Window.TotalNanoseconds, next) + weight <= l.Permits));
                }
            }

            foreach (var limit in limits)
            {
                foreach (var (at, _) in granted) Assert.True(Sum(granted, at - (long)limit.Window.TotalNanoseconds, at) <= limit.Permits, $"Seed {seed}.");
            }
        }
    }

    [Fact]
    public void A_refused_request_takes_nothing_from_any_limit()
    {
        var limiter = new RateLimiter([new(10, TimeSpan.FromSeconds(1)), new(3, TimeSpan.FromSeconds(10))]);
        Assert.True(limiter.TryAcquire(3, 0));
        Assert.False(limiter.TryAcquire(1, Second));
        Assert.Equal((0, 3), (limiter.Used(0, Second), limiter.Used(1, Second)));
        Assert.Equal(10 * Second, limiter.NextPermitNs(1, Second));
    }

    [Fact]
    public void Retry_after_blocks_and_a_shorter_one_does_not_shorten_it()
    {
        var limiter = new RateLimiter([new(10, TimeSpan.FromSeconds(1))]);
        limiter.BlockUntil(5 * Second);
        limiter.BlockUntil(2 * Second);
        Assert.False(limiter.TryAcquire(1, 5 * Second - 1));
        Assert.True(limiter.TryAcquire(1, 5 * Second));
    }

    [Fact]
    public void More_than_a_limit_is_never_granted_and_a_clock_that_goes_back_frees_nothing()
    {
        var limiter = new RateLimiter([new(2, TimeSpan.FromSeconds(1))]);
        Assert.Equal(long.MaxValue, limiter.NextPermitNs(3, 0));
        Assert.True(limiter.TryAcquire(2, 10 * Second));
        Assert.False(limiter.TryAcquire(1, 0));
        Assert.True(limiter.TryAcquire(1, 11 * Second));
    }

    [Fact]
    public void Acquiring_allocates_nothing()
    {
        var limiter = new RateLimiter([new(50, TimeSpan.FromMicroseconds(100)), new(10_000, TimeSpan.FromSeconds(1))]);
        for (var i = 0; i < 1000; i++) limiter.TryAcquire(1, i * 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1000; i < 100_000; i++) limiter.TryAcquire(1, i * 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(limiter is { Granted: > 1000, Refused: > 1000 });
    }

    /// <summary>Weights granted in the half-open window (from, to].</summary>
    private static int Sum(List<(long At, int Weight)> granted, long from, long to)
    {
        var sum = 0;
        foreach (var (at, weight) in granted) if (at > from && at <= to) sum += weight;
        return sum;
    }
}
