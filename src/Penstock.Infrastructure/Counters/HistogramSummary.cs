namespace Penstock.Infrastructure.Counters;

/// <summary>The figures of a <see cref="Histogram"/>; quantiles are at most 0.8 % above the true value, never below.</summary>
public readonly record struct HistogramSummary(long Count, long Sum, long Min, long P50, long P99, long P999, long P9999, long Max)
{
    public double Mean => Count == 0 ? 0 : (double)Sum / Count;
}
