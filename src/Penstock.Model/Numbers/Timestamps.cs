namespace Penstock.Model.Numbers;

/// <summary>Nanoseconds of this machine's monotonic clock: for measuring and ordering on one host. The hot path knows no other (R3).</summary>
public readonly record struct MonotonicTime(long Ns) : IComparable<MonotonicTime>
{
    public int CompareTo(MonotonicTime other) => Ns.CompareTo(other.Ns);

    /// <summary>Nanoseconds since <paramref name="earlier"/>.</summary>
    public long Since(MonotonicTime earlier) => Ns - earlier.Ns;

    public MonotonicTime PlusMs(long milliseconds) => new(Ns + milliseconds * 1_000_000);

    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Ns < right.Ns;

    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Ns > right.Ns;

    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Ns <= right.Ns;

    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Ns >= right.Ns;
}

/// <summary>
/// Nanoseconds since the Unix epoch by the exchange's clock; zero when the message carries none. There is no operator
/// that subtracts it from a <see cref="MonotonicTime"/>: the two clocks may disagree by more than a second (R11).
/// </summary>
public readonly record struct ExchangeTime(long UnixNs) : IComparable<ExchangeTime>
{
    public static ExchangeTime FromMs(long unixMs) => new(unixMs * 1_000_000);

    public int CompareTo(ExchangeTime other) => UnixNs.CompareTo(other.UnixNs);
}
