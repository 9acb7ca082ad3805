namespace Penstock.Connectivity.Network;

/// <summary>What one connection's path to its venue is like (R50, R56). Written by the connection's thread; nanoseconds.</summary>
public sealed class PathStatistics
{
    /// <summary>Name look-up of the newest connection.</summary>
    public long ResolveNs;

    /// <summary>TCP connect of the newest connection.</summary>
    public long ConnectNs;

    /// <summary>TLS handshake of the newest connection.</summary>
    public long SecureNs;

    /// <summary>WebSocket upgrade of the newest connection.</summary>
    public long UpgradeNs;

    /// <summary>Ping frames of our own sent to measure, beside those that keep the connection alive.</summary>
    public long ProbesSent;

    /// <summary>Of these, answered by a pong with the same payload.</summary>
    public long ProbesAnswered;

    /// <summary>Of these, not answered within the patience, or before the connection ended.</summary>
    public long ProbesUnanswered;

    /// <summary>Pongs nobody asked for.</summary>
    public long PongsUnmatched;

    /// <summary>Answers to the venue's own JSON pings, measured where ping frames are not answered.</summary>
    public long VenuePongs;

    /// <summary>Smoothed round trip of pings.</summary>
    public long RoundTripNs;

    /// <summary>The shortest of them.</summary>
    public long RoundTripNsMin;

    /// <summary>How much they differ from one to the next, smoothed.</summary>
    public long JitterNs;

    /// <summary>Bounds of the venue's clock: 0 nothing known, 1 only the lower one, 2 both.</summary>
    public long ClockBounds;

    /// <summary>The venue's clock is ahead of ours by at least this.</summary>
    public long ClockOffsetNsMin;

    /// <summary>The venue's clock is ahead of ours by at most this; meaningful with two bounds.</summary>
    public long ClockOffsetNsMax;

    /// <summary>Observations of the venue's clock.</summary>
    public long ClockSamples;

    /// <summary>Times no offset fitted all observations: a clock was stepped, or the venue's machines disagree.</summary>
    public long ClockSteps;

    /// <summary>Calls for the venue's time that were not answered with one.</summary>
    public long ClockFailures;

    /// <summary>From the venue's stamp to our read, of the fastest frame in the last second: at least this.</summary>
    public long DelayNsMin;

    /// <summary>And at most this; meaningful with two bounds.</summary>
    public long DelayNsMax;
}
