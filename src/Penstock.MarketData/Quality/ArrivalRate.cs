namespace Penstock.MarketData.Quality;

/// <summary>
/// How often application data comes, as a moving average of the gaps between it, and therefore how long a silence may
/// last. Heartbeats and pongs must not be fed in: they come from a zombie, too (P1).
/// </summary>
public struct ArrivalRate
{
    private const int SamplesBeforeTrusted = 8;
    private const int AverageShift = 4;

    private long _gapNs;
    private long _lastNs;
    private int _samples;

    public readonly long LastNs => _lastNs;

    /// <summary>Average gap; zero before the second arrival.</summary>
    public readonly long ExpectedGapNs => _gapNs;

    /// <summary>Starts to wait: a new connection owes its first data from now on. The learned rate is kept.</summary>
    public void Start(long nowNs) => _lastNs = nowNs;

    public void OnArrival(long nowNs)
    {
        var gap = nowNs - _lastNs;
        _lastNs = nowNs;
        if (gap < 0) return;
        // Plain mean first, then exponential with weight 1/16.
        if (_samples < 1 << AverageShift) _samples++;
        _gapNs += (gap - _gapNs) / _samples;
    }

    public readonly long SilenceMaxNs(LivenessOptions options)
    {
        var ceiling = options.SilenceCeiling.Ticks * 100;
        if (_samples < SamplesBeforeTrusted) return ceiling;
        return Math.Clamp(_gapNs * options.ExpectedGaps, options.SilenceFloor.Ticks * 100, ceiling);
    }

    public readonly bool IsSilent(long nowNs, LivenessOptions options) => nowNs - _lastNs > SilenceMaxNs(options);
}
