namespace Penstock.Connectivity.Network;

/// <summary>Where a venue tells its time by REST, as data: one public GET, one number in its answer.</summary>
/// <param name="PathAndQuery">Of the call.</param>
/// <param name="Field">Name of the member that holds the time; its value is a whole number, in quotes or not.</param>
/// <param name="UnitNs">What one unit of that number is, and so its resolution: the truth lies within one unit above it.</param>
public sealed record ServerTime(string PathAndQuery, string Field, long UnitNs)
{
    public const long SecondNs = 1_000_000_000;
    public const long MillisecondNs = 1_000_000;
    public const long NanosecondNs = 1;

    /// <summary>What the call costs of the venue's REST limits.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The time in Unix nanoseconds; false when the body says none. Never throws, allocates nothing.</summary>
    public bool TryRead(ReadOnlySpan<byte> body, out long unixNs)
    {
        unixNs = 0;
        for (var at = 0; body.Length - at > Field.Length + 3; at++)
        {
            if (body[at] != '"' || body[at + 1 + Field.Length] != '"' || !IsField(body.Slice(at + 1, Field.Length))) continue;
            return TryNumber(body[(at + 2 + Field.Length)..], out unixNs);
        }

        return false;
    }

    private bool IsField(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != Field[i]) return false;
        }

        return true;
    }

    private bool TryNumber(ReadOnlySpan<byte> after, out long unixNs)
    {
        unixNs = 0;
        var at = 0;
        while (at < after.Length && after[at] is (byte)':' or (byte)' ' or (byte)'"') at++;
        var (value, digits) = (0L, 0);
        for (; at < after.Length && (uint)(after[at] - '0') <= 9; at++, digits++)
        {
            if (digits == 19) return false;
            value = unchecked(value * 10 + (after[at] - '0'));
        }

        // A time this side of the year 2262, or no time at all.
        if (digits == 0 || value <= 0 || value > long.MaxValue / UnitNs) return false;
        unixNs = value * UnitNs;
        return true;
    }
}
