using Penstock.Connectivity.Network;

namespace Penstock.Tests.Connectivity.Network;

[Trait("requirement", "R11")]
[Trait("requirement", "R50")]
public sealed class ClockOffsetTests
{
    private const long Ms = 1_000_000;

    /// <summary>
    /// A venue's clock with an offset and a drift below the limit is observed at random, with random delays there and back: the bounds always hold
    /// the truth, never contradict each other, and are those of a twin that keeps every observation.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_bounds_hold_the_truth_and_equal_those_of_a_twin_that_forgets_nothing(int seed)
    {
        var random = new Random(seed);
        var (clock, twin) = (new ClockOffset(), new Twin());
        var (startNs, driftPpm) = ((long)random.Next(-5_000, 5_000) * Ms, random.Next(-90, 90));
        long Truth(long now) => startNs + now / 1_000_000 * driftPpm;
        var now = 0L;
        for (var i = 0; i < 1_500; i++)
        {
            now += random.Next(1, 3_000) * Ms;
            var (there, back) = (random.Next(1, 300) * Ms / 10, random.Next(1, 300) * Ms / 10);
            var stamp = now - back + Truth(now - back);
            var low = stamp - now;
            // A frame bounds one side; an answer both, and its clock shows whole milliseconds.
            var high = random.Next(3) == 0 ? low + there + back + Ms : ClockOffset.NoHigh;
            if (high != ClockOffset.NoHigh) low -= random.Next(0, (int)Ms);
            Assert.True(clock.Add(now, low, high));
            twin.Add(now, low, high);
            var (lowNs, highNs) = clock.At(now);
            var (twinLow, twinHigh) = twin.At(now);
            Assert.InRange(lowNs - twinLow, -2, 2);
            Assert.InRange(highNs - twinHigh, -2, 2);
            Assert.InRange(Truth(now), lowNs - 200, highNs);
        }

        Assert.Equal((1_500L, 0L), (clock.Samples, clock.Steps));
    }

    [Fact]
    public void A_clock_that_is_stepped_is_noticed_and_measured_anew()
    {
        var clock = new ClockOffset();
        Assert.True(clock.Add(0, 10 * Ms, 12 * Ms));
        Assert.True(clock.Add(1_000 * Ms, 11 * Ms, ClockOffset.NoHigh));
        Assert.False(clock.Add(2_000 * Ms, 1_310 * Ms, ClockOffset.NoHigh));
        Assert.Equal((1_310 * Ms, ClockOffset.NoHigh), clock.At(2_000 * Ms));
        Assert.True(clock.Add(3_000 * Ms, 1_309 * Ms, 1_312 * Ms));
        Assert.Equal((1L, 4L), (clock.Steps, clock.Samples));
    }

    [Fact]
    public void An_old_bound_widens_by_the_drift_of_two_clocks()
    {
        var clock = new ClockOffset(driftPpm: 100);
        clock.Add(0, 0, Ms);
        Assert.Equal((-1 * Ms, 2 * Ms), clock.At(10_000 * Ms));
    }

    /// <summary>Keeps every observation and asks all of them.</summary>
    private sealed class Twin
    {
        private readonly List<(long At, long Low, long High)> _samples = [];

        public void Add(long at, long low, long high) => _samples.Add((at, low, high));

        public (long Low, long High) At(long now) => (
            _samples.Where(s => s.Low != ClockOffset.NoLow).Select(s => s.Low - Drift(now - s.At)).DefaultIfEmpty(ClockOffset.NoLow).Max(),
            _samples.Where(s => s.High != ClockOffset.NoHigh).Select(s => s.High + Drift(now - s.At)).DefaultIfEmpty(ClockOffset.NoHigh).Min());

        private static long Drift(long age) => (long)((Int128)age * ClockOffset.UsualDriftPpm / 1_000_000);
    }
}
