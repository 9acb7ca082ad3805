using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Times of KuCoin messages. The unit differs by message and, for `orderTime`, by the year of the message: milliseconds or
/// nanoseconds, as text or number (venues/kucoin.md §5). The size tells: in milliseconds 10^14 is the year 5138, in
/// nanoseconds it is the second day of 1970.
/// </summary>
internal static class KucoinTime
{
    private const long LeastNs = 100_000_000_000_000;

    public static QuarantineCause Read(JsonValue value, out ExchangeTime time)
    {
        time = default;
        var cause = value.GetInt64(out var number);
        if (cause != QuarantineCause.None) return cause;
        if (number < LeastNs) return value.GetUnixMs(out time);
        time = new ExchangeTime(number);
        return QuarantineCause.None;
    }

    /// <summary>As <see cref="Read"/>; zero where the field is empty.</summary>
    public static ExchangeTime OrZero(JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        cause.KeepFirst(Read(value, out var time));
        return time;
    }
}
