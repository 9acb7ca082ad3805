namespace Penstock.Connectivity.Network;

/// <summary>
/// Round-trip times, smoothed. The mean is TCP's own (RFC 6298 §2: an eighth of every new sample); the jitter is RTP's (RFC 3550 §6.4.1: a
/// sixteenth of every new difference between two samples in a row). Both in integers with four more bits, so that small steps add up. One thread.
/// </summary>
public sealed class RoundTrip
{
    private const int Bits = 4;

    private long _smoothed;
    private long _jitter;

    public long Count { get; private set; }

    /// <summary>Nanoseconds, as all figures here; zero before the first sample.</summary>
    public long LastNs { get; private set; }

    public long MinNs { get; private set; }

    public long SmoothedNs => _smoothed >> Bits;

    public long JitterNs => _jitter >> Bits;

    public void Add(long ns)
    {
        var sample = Math.Max(ns, 0);
        if (Count++ == 0)
        {
            (LastNs, MinNs, _smoothed) = (sample, sample, sample << Bits);
            return;
        }

        _smoothed += ((sample << Bits) - _smoothed) / 8;
        _jitter += ((Math.Abs(sample - LastNs) << Bits) - _jitter) / 16;
        LastNs = sample;
        MinNs = Math.Min(MinNs, sample);
    }
}
