using System.Diagnostics;

namespace Penstock.Infrastructure.Time;

/// <summary>Nanoseconds that never go back; comparable on one host only. Passed in everywhere, faked in tests (R3).</summary>
public interface IMonotonicClock
{
    long NowNs { get; }
}

/// <summary>Nanoseconds since the Unix epoch. Only request signing and the control plane may ask for it.</summary>
public interface IWallClock
{
    long UnixNs { get; }
}

/// <summary>CLOCK_MONOTONIC through <see cref="Stopwatch"/>: about 24 ns a reading, so it is read once per socket read.</summary>
public sealed class MonotonicClock : IMonotonicClock
{
    public static readonly MonotonicClock Instance = new();

    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    public long NowNs => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * NsPerTick);
}

/// <summary>The machine's wall clock.</summary>
public sealed class SystemWallClock : IWallClock
{
    public static readonly SystemWallClock Instance = new();

    public long UnixNs => (TimeProvider.System.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) * 100;
}

/// <summary>How the two clocks of one machine stand to each other.</summary>
public static class ClockPair
{
    private const long GoodNs = 1_000;
    private const int TriesMax = 64;

    /// <summary>
    /// Unix time at which the monotonic clock read zero. A thread may lose its core between two readings, and the difference would be wrong by
    /// that long: the wall clock is read between two readings of the other, and the pair that lie closest count (as in NTP, RFC 5905).
    /// </summary>
    public static long UnixAtZeroNs(IWallClock wall, IMonotonicClock clock)
    {
        var (best, atZero) = (long.MaxValue, 0L);
        for (var i = 0; i < TriesMax && best > GoodNs; i++)
        {
            var before = clock.NowNs;
            var unixNs = wall.UnixNs;
            var between = clock.NowNs - before;
            if (between < best) (best, atZero) = (between, unixNs - before - (between / 2));
        }

        return atZero;
    }
}

/// <summary>Both clocks under a test's control: time moves only when told.</summary>
public sealed class ManualClock(long nowNs = 1_000_000_000, long unixNs = 1_700_000_000_000_000_000) : IMonotonicClock, IWallClock
{
    public long NowNs { get; private set; } = nowNs;

    public long UnixNs { get; private set; } = unixNs;

    public void AdvanceNs(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns);
        NowNs += ns;
        UnixNs += ns;
    }

    public void AdvanceMs(long ms) => AdvanceNs(ms * 1_000_000);
}
