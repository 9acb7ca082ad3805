namespace Penstock.Control.Sidecar;

/// <summary>
/// Where the buckets of exported histograms end: 1, 2, 5 of every decade from 1 µs to 10 s. The file's own are 7,296, too many for a
/// time series each.
/// </summary>
internal static class LatencyBounds
{
    /// <summary>Nanoseconds, rising.</summary>
    public static readonly long[] Ns =
    [
        1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000,
        100_000_000, 200_000_000, 500_000_000, 1_000_000_000, 2_000_000_000, 5_000_000_000, 10_000_000_000,
    ];
}
