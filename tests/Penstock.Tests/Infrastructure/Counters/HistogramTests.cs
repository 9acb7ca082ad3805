using Penstock.Infrastructure.Counters;

namespace Penstock.Tests.Infrastructure.Counters;

/// <summary>The histogram against its naive twin: a sorted array of everything.</summary>
public sealed class HistogramTests
{
    private static readonly double[] Quantiles = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(3, 100)]
    [InlineData(4, 5_000)]
    [InlineData(5, 20_000)]
    [Trait("requirement", "R51")]
    public void Quantiles_are_at_most_one_bucket_above_those_of_a_sorted_array(int seed, int count)
    {
        var values = Values(seed, count);
        var histogram = new Histogram();
        foreach (var value in values) histogram.Record(value);
        Agree(values, histogram);
    }

    [Fact]
    [Trait("requirement", "R51")]
    public void Merged_histograms_equal_one_that_saw_everything()
    {
        var first = Values(6, 3_000);
        var second = Values(7, 2_000);
        var merged = new Histogram();
        foreach (var part in new[] { first, second, [] })
        {
            var histogram = new Histogram();
            foreach (var value in part) histogram.Record(value);
            merged.Merge(histogram);
        }

        Agree([.. first, .. second], merged);
        var together = new Histogram();
        foreach (var value in first.Concat(second)) together.Record(value);
        Assert.Equal(together.Summarize(), merged.Summarize());
    }

    [Fact]
    public void Every_power_of_two_and_its_neighbours_stay_within_the_promised_error()
    {
        for (var bit = 0; bit < 63; bit++)
        {
            foreach (var value in new[] { (1L << bit) - 1, 1L << bit, (1L << bit) + 1 })
            {
                var histogram = new Histogram();
                histogram.Record(value);
                histogram.Record(long.MaxValue);
                var low = histogram.ValueAt(0.5);
                Assert.True(low >= value && low - value <= value / 128, $"{value} became {low}");
                Assert.Equal(long.MaxValue, histogram.ValueAt(1));
            }
        }
    }

    [Fact]
    public void Empty_and_reset_histograms_are_zero_and_negative_values_are_counted()
    {
        var histogram = new Histogram();
        Assert.Equal(default, histogram.Summarize());
        histogram.Record(-5);
        histogram.Record(10);
        Assert.Equal((2, 1, 0, 10, 10), (histogram.Count, histogram.Negative, histogram.Min, histogram.Max, histogram.Sum));
        histogram.Reset();
        Assert.Equal(default, histogram.Summarize());
        Assert.Equal(0, histogram.Negative);
        histogram.Record(7);
        Assert.Equal((7, 7, 7), (histogram.Min, histogram.Max, histogram.ValueAt(0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.ValueAt(1.1));
    }

    private static void Agree(long[] values, Histogram histogram)
    {
        var sorted = values.Order().ToArray();
        Assert.Equal((sorted.Length, sorted[0], sorted[^1], sorted.Sum()), (histogram.Count, histogram.Min, histogram.Max, histogram.Sum));
        foreach (var quantile in Quantiles)
        {
            var exact = sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length), 1, sorted.Length) - 1];
            var found = histogram.ValueAt(quantile);
            Assert.True(found >= exact && found - exact <= exact / 128, $"p{quantile * 100}: {found} for {exact}");
        }
    }

    /// <summary>Spread over all magnitudes up to minutes, as latencies with a long tail are.</summary>
    private static long[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.NextInt64(1L << random.Next(1, 38))).ToArray();
    }
}
