namespace Penstock.Connectivity.Network;

/// <summary>
/// How far a venue's clock is ahead of ours, as an interval that holds the truth, never as a single number. Every observation bounds it:
/// <code>
///   we ask at S, the venue writes E, we read at R      E − R ≤ offset ≤ E − S + the resolution of E      (as NTP, RFC 5905)
///   a frame stamped E is read at R                     E − R ≤ offset                                     (nothing known above)
/// </code>
/// The offset lies in all of them, so the bounds are the highest low and the lowest high. Two clocks drift apart, so an old bound is moved
/// outwards with its age: what is kept of all observations is one low and one high, each with its time, because all age alike. When no offset
/// fits any more, a clock was stepped (or two machines of the venue disagree): that is counted and estimation starts anew. One thread.
/// </summary>
/// <param name="driftPpm">The most two quartz clocks drift apart, parts per million.</param>
public sealed class ClockOffset(int driftPpm = ClockOffset.UsualDriftPpm)
{
    /// <summary>Two ordinary crystals of ±50 ppm each.</summary>
    public const int UsualDriftPpm = 100;

    /// <summary>No bound on that side.</summary>
    public const long NoLow = long.MinValue;

    /// <inheritdoc cref="NoLow"/>
    public const long NoHigh = long.MaxValue;

    private long _lowNs = NoLow;
    private long _highNs = NoHigh;
    private long _lowAtNs;
    private long _highAtNs;

    /// <summary>Observations taken.</summary>
    public long Samples { get; private set; }

    /// <summary>Times no offset explained everything observed.</summary>
    public long Steps { get; private set; }

    /// <param name="atNs">Monotonic, when the observation was made.</param>
    /// <param name="lowNs">The offset is at least this; <see cref="NoLow"/> where that is not known.</param>
    /// <param name="highNs">The offset is at most this; <see cref="NoHigh"/> where that is not known.</param>
    /// <returns>False when nothing fits both this and what was known: the clock was stepped.</returns>
    public bool Add(long atNs, long lowNs, long highNs)
    {
        Samples++;
        var (low, high) = At(atNs);
        var fits = Math.Max(low, lowNs) <= Math.Min(high, highNs);
        if (!fits)
        {
            Steps++;
            (_lowNs, _highNs) = (lowNs, highNs);
            (_lowAtNs, _highAtNs) = (atNs, atNs);
            return false;
        }

        if (lowNs >= low) (_lowNs, _lowAtNs) = (lowNs, atNs);
        if (highNs <= high) (_highNs, _highAtNs) = (highNs, atNs);
        return true;
    }

    /// <summary>The offset's bounds at a time, nanoseconds: theirs minus ours.</summary>
    public (long LowNs, long HighNs) At(long nowNs) => (
        _lowNs == NoLow ? NoLow : _lowNs - DriftNs(nowNs - _lowAtNs),
        _highNs == NoHigh ? NoHigh : _highNs + DriftNs(nowNs - _highAtNs));

    // Either way: an observation may be told a little after a later one. Divided first: weeks times parts per million would overflow.
    private long DriftNs(long ageNs) => Math.Abs(ageNs) / 1_000 * driftPpm / 1_000;
}
