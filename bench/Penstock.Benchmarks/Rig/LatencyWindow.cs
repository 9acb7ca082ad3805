using Penstock.Infrastructure.Counters;

namespace Penstock.Benchmarks.Rig;

/// <summary>What a histogram of a running node took in during a window of time: by difference of what it held before and after.</summary>
internal sealed class LatencyWindow(long[] before, long[] after)
{
    private const int BoundsPerDoubling = 32;

    /// <summary>From 256 ns to a second, each bound 2 % beyond the one before.</summary>
    private static readonly long[] Bounds =
        [.. Enumerable.Range(8 * BoundsPerDoubling, 22 * BoundsPerDoubling).Select(i => (long)Math.Pow(2, (double)i / BoundsPerDoubling))];

    private readonly long[] _taken = [.. after.Zip(before, (a, b) => a - b)];

    public long Count => _taken[^1];

    /// <summary>What both windows took in, as if it had been one.</summary>
    public LatencyWindow With(LatencyWindow other) => new(new long[_taken.Length], [.. _taken.Zip(other._taken, (a, b) => a + b)]);

    public static long[] Read(CounterFile file, string name)
    {
        var id = file.ReadHistograms().First(h => h.Name == name).Id;
        var histogram = file.CopyHistogram(id)!;
        var counts = new long[Bounds.Length + 1];
        histogram.CountsUpTo(Bounds, counts.AsSpan(0, Bounds.Length));
        counts[^1] = histogram.Count;
        return counts;
    }

    /// <summary>Nanoseconds, within 2 %.</summary>
    public double Quantile(double q)
    {
        var rank = (long)Math.Ceiling(Count * q);
        var index = Array.FindIndex(_taken, 0, Bounds.Length, c => c >= rank);
        return index < 0 ? Bounds[^1] : Bounds[index];
    }
}
