using Penstock.MarketData.Quality;

namespace Penstock.Tests.MarketData.Quality;

public sealed class ArrivalRateTests
{
    private static readonly LivenessOptions Options = new()
    {
        ExpectedGaps = 10, SilenceFloor = TimeSpan.FromSeconds(2), SilenceCeiling = TimeSpan.FromSeconds(60),
    };

    [Theory]
    [InlineData(10, 2_000)]
    [InlineData(1_000, 10_000)]
    [InlineData(30_000, 60_000)]
    public void Patience_grows_with_the_usual_gap_between_a_floor_and_a_ceiling(long gapMs, long patienceMs)
    {
        var rate = new ArrivalRate();
        rate.Start(0);
        for (var i = 1; i <= 100; i++) rate.OnArrival(i * gapMs * 1_000_000);
        var last = 100 * gapMs;
        Assert.False(rate.IsSilent((last + patienceMs) * 1_000_000, Options));
        Assert.True(rate.IsSilent((last + patienceMs + 1) * 1_000_000, Options));
    }

    [Fact]
    public void An_unknown_rate_gets_the_longest_patience()
    {
        var rate = new ArrivalRate();
        rate.Start(0);
        for (var i = 1; i <= 7; i++) rate.OnArrival(i);
        Assert.False(rate.IsSilent(59_000_000_000, Options));
        Assert.True(rate.IsSilent(61_000_000_000, Options));
    }
}
