using System.Diagnostics;

namespace Penstock.Benchmarks;

/// <summary>How a row's figures are compared. The ratio reads like the goal: "30 times as fast" or "1.5 times as long".</summary>
internal enum Better
{
    /// <summary>Rates: ours ÷ baseline, at least the goal.</summary>
    Higher,
    /// <summary>Times of work: baseline ÷ ours, how many times as fast, at least the goal.</summary>
    Faster,
    /// <summary>Latencies and amounts: ours ÷ baseline, at most the goal.</summary>
    Lower,
}

/// <summary>One line of the result: our figure and the baseline's of the same run. A null baseline is an absolute goal (zero bytes).</summary>
internal sealed record Row(string Name, string Unit, double Ours, double? Baseline, string BaselineName, double Goal, Better Better, string Note = "")
{
    public double? Ratio => Baseline is not { } b || b <= 0 || Ours <= 0 ? null : Better == Better.Faster ? b / Ours : Ours / b;

    public bool Met => Ratio is { } ratio
        ? Better == Better.Lower ? ratio <= Goal : ratio >= Goal
        : Better == Better.Lower ? Ours <= Goal : Ours >= Goal;
}

/// <summary>
/// Measures several things turn by turn in one process, so that the machine's mood falls on all of them. Before that each runs
/// long enough, unmeasured, for the optimising compiler, which waits 100 ms and works in the background; then the medians
/// are compared.
/// </summary>
internal static class Comparison
{
    private const int WarmUpMs = 700;
    private const int WarmUpRoundsMax = 30;

    public static (double Ours, double Baseline) Interleaved(int rounds, Func<double> ours, Func<double> baseline)
    {
        var medians = Medians(rounds, ours, baseline);
        return (medians[0], medians[1]);
    }

    public static double[] Medians(int rounds, params Func<double>[] measures)
    {
        var values = Array.ConvertAll(measures, _ => new List<double>());
        foreach (var measure in measures) WarmUp(measure);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < measures.Length; i++)
            {
                GC.Collect();
                values[i].Add(measures[i]());
            }
        }

        return Array.ConvertAll(values, Median);
    }

    private static void WarmUp(Func<double> measure)
    {
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < WarmUpRoundsMax; round++)
        {
            measure();
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > WarmUpMs) return;
        }
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        return values.Count % 2 == 1 ? values[values.Count / 2] : (values[values.Count / 2 - 1] + values[values.Count / 2]) / 2;
    }

    /// <summary>Sorts the samples.</summary>
    public static double Percentile(long[] samples, double q)
    {
        Array.Sort(samples);
        return samples[Math.Min(samples.Length - 1, (int)(q * samples.Length))];
    }
}
