using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Gate writes times in three ways side by side: seconds, milliseconds, and milliseconds with digits after the point as a
/// string ("1606292218213.4578"). All go to nanoseconds; digits beyond are cut.
/// </summary>
internal static class GateioTime
{
    private const long MsMax = long.MaxValue / 1_000_000 - 1;

    /// <summary>False for anything but digits with at most one point between them, and for times after the year 2262.</summary>
    public static bool TryParseMs(ReadOnlySpan<byte> text, out ExchangeTime time) => Parse(text, out time) == QuarantineCause.None;

    /// <summary>Milliseconds as a number or a string, with or without a point.</summary>
    public static QuarantineCause Read(JsonValue value, out ExchangeTime time) =>
        Parse(value.IsString ? value.Text : value.IsNumber ? value.Raw : default, out time);

    private static QuarantineCause Parse(ReadOnlySpan<byte> text, out ExchangeTime time)
    {
        time = default;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? default : text[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty)) return QuarantineCause.Malformed;
        if (whole.ContainsAnyExceptInRange((byte)'0', (byte)'9') || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return QuarantineCause.Malformed;
        if (whole.Length > 16) return QuarantineCause.NumberOutOfRange;
        long ms = 0, ns = 0;
        foreach (var digit in whole) ms = ms * 10 + (digit - '0');
        if (ms > MsMax) return QuarantineCause.NumberOutOfRange;
        for (var i = 0; i < 6; i++) ns = ns * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
        time = new ExchangeTime(ms * 1_000_000 + ns);
        return QuarantineCause.None;
    }

    /// <summary>As <see cref="Read"/> for order messages: zero where the field is empty.</summary>
    public static ExchangeTime MsOrZero(this JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        cause.KeepFirst(Read(value, out var time));
        return time;
    }
}
