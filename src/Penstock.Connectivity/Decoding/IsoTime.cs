using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>RFC 3339 in UTC, to the nanosecond: 2023-10-06T17:35:55.440295Z. DateTime would stop at 100 ns.</summary>
public static class IsoTime
{
    private static ReadOnlySpan<byte> DaysInMonth => [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>False for anything else than year 1970 to 2261, 0 to 9 digits of a second, and a final Z.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ExchangeTime time)
    {
        time = default;
        if (text.Length < 20 || text[^1] != (byte)'Z') return false;
        if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
        if (!Number(text[..4], out var year) || !Number(text.Slice(5, 2), out var month) || !Number(text.Slice(8, 2), out var day)
            || !Number(text.Slice(11, 2), out var hour) || !Number(text.Slice(14, 2), out var minute)
            || !Number(text.Slice(17, 2), out var second)) return false;
        if (year is < 1970 or > 2261 || month is < 1 or > 12 || day < 1 || day > LastDay(year, month)) return false;
        if (hour > 23 || minute > 59 || second > 60) return false; // 60: a leap second counts as the next minute's first

        long fraction = 0;
        if (text.Length > 20)
        {
            var digits = text[20..^1];
            if (text[19] != (byte)'.' || digits.Length is 0 or > 9 || !Number(digits, out fraction)) return false;
            for (var place = digits.Length; place < 9; place++) fraction *= 10;
        }

        var seconds = ((DaysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        time = new ExchangeTime(seconds * 1_000_000_000 + fraction);
        return true;
    }

    private static int LastDay(long year, long month) =>
        month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : DaysInMonth[(int)month - 1];

    /// <summary>Years counted from March, so that the leap day is the last of its year.</summary>
    private static long DaysSinceEpoch(long year, long month, long day)
    {
        if (month <= 2) year--;
        var marchMonth = (month + 9) % 12;
        return year * 365 + year / 4 - year / 100 + year / 400 + (marchMonth * 153 + 2) / 5 + day - 1 - 719_468;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        foreach (var c in digits)
        {
            var digit = (uint)(c - '0');
            if (digit > 9) return false;
            value = value * 10 + digit;
        }

        return true;
    }
}
