namespace Penstock.Model.Numbers;

/// <summary>What became of a decimal text. Foreign numbers never throw: an unusable one is a value of this kind (R94).</summary>
public enum DecimalStatus : byte
{
    Ok,
    Empty,
    Malformed,
    /// <summary>More significant decimals than 1e-8 can hold. Quarantined by the caller, never rounded (R17).</summary>
    Unrepresentable,
    Overflow,
}

/// <summary>
/// The one fixed-point scale of the platform: signed 64-bit, 1e-8 (R17). Text is parsed from bytes and written back
/// exactly; no path goes through <see cref="double"/>, because 0.29 / 0.01 is not 29 there (P11).
/// </summary>
public static class FixedPoint
{
    public const int Decimals = 8;
    public const long Scale = 100_000_000;

    /// <summary>The finest scale an instrument's market data may be kept with (Instrument.PriceScale): 1e-14.</summary>
    public const int ScaleMax = 14;

    /// <summary>The longest text <see cref="Format(long, Span{byte})"/> writes: sign, 11 digits, point, 8 digits.</summary>
    public const int TextBytesMax = 21;

    private static readonly long[] PowersOfTen =
        [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>10^<paramref name="exponent"/> for 0..8.</summary>
    public static long PowerOfTen(int exponent) => PowersOfTen[exponent];

    public static DecimalStatus TryParse(ReadOnlySpan<byte> text, out long raw) => TryParse(text, out raw, out _);

    /// <summary>
    /// Parses <c>[-]digits[.digits][(e|E)[+|-]digits]</c> exactly.
    /// </summary>
    /// <param name="text">UTF-8 digits; no spaces, no leading '+'.</param>
    /// <param name="raw">Value × 1e8; zero unless the status is Ok.</param>
    /// <param name="decimals">Digits after the point as they were sent, trailing zeros counted: some venues'
    /// checksums are over that text. Zero for exponent forms.</param>
    public static DecimalStatus TryParse(ReadOnlySpan<byte> text, out long raw, out int decimals)
    {
        raw = 0;
        decimals = 0;
        if (text.IsEmpty) return DecimalStatus.Empty;

        var index = 0;
        var negative = text[0] == (byte)'-';
        if (negative) index++;

        // At most 18 digits are taken without any check: 10^18 < 2^63. What is longer takes the careful path.
        ulong mantissa = 0;
        var digits = 0;
        var point = -1;
        for (; index < text.Length; index++)
        {
            var digit = (uint)(text[index] - '0');
            if (digit <= 9)
            {
                if (digits >= 18) return ParseCarefully(text, negative, Decimals, out raw, out decimals);
                mantissa = mantissa * 10 + digit;
                digits++;
            }
            else if (text[index] == (byte)'.' && point < 0)
            {
                if (digits == 0) return DecimalStatus.Malformed;
                point = digits;
            }
            else if ((text[index] | 0x20) == 'e' && digits > 0)
            {
                return ParseCarefully(text, negative, Decimals, out raw, out decimals);
            }
            else
            {
                return DecimalStatus.Malformed;
            }
        }

        if (digits == 0 || point == digits) return DecimalStatus.Malformed;
        decimals = point < 0 ? 0 : digits - point;
        return Scaled(mantissa, decimals, negative, out raw);
    }

    /// <summary>As <see cref="TryParse(ReadOnlySpan{byte}, out long, out int)"/>, with raw = value × 10^<paramref name="scale"/>.</summary>
    public static DecimalStatus TryParse(ReadOnlySpan<byte> text, int scale, out long raw, out int decimals)
    {
        if (scale == Decimals || text.IsEmpty) return TryParse(text, out raw, out decimals);
        return ParseCarefully(text, text[0] == (byte)'-', scale, out raw, out decimals);
    }

    /// <summary>
    /// As above, but digits finer than the scale are cut off; what is above zero stays at least one unit, so that it never reads as
    /// nothing. For venues whose quantities are binary doubles written out (HTX); never for prices, orders or fills.
    /// </summary>
    public static DecimalStatus TryParseCut(ReadOnlySpan<byte> text, int scale, out long raw)
    {
        raw = 0;
        if (text.IsEmpty) return DecimalStatus.Empty;
        var status = ParseCarefully(text, text[0] == (byte)'-', scale, out raw, out _, cut: true);
        if (status == DecimalStatus.Ok && raw == 0 && text.ContainsAnyInRange((byte)'1', (byte)'9')) raw = 1;
        return status;
    }

    /// <summary>Writes the shortest exact text: no exponent, no trailing zeros. Returns the bytes written.</summary>
    public static int Format(long raw, Span<byte> destination) => FormatShortest(raw, Decimals, destination);

    private static int FormatShortest(long raw, int decimals, Span<byte> destination)
    {
        var magnitude = Magnitude(raw);
        while (decimals > 0 && magnitude % 10 == 0)
        {
            magnitude /= 10;
            decimals--;
        }

        return Write(magnitude, decimals, raw < 0, destination);
    }

    /// <summary>
    /// Writes with exactly <paramref name="decimals"/> digits after the point (0..8). The caller has made sure the value
    /// is a multiple of that step; a finer remainder is cut, and asserted in debug builds.
    /// </summary>
    public static int Format(long raw, int decimals, Span<byte> destination)
    {
        var step = (ulong)PowersOfTen[Decimals - decimals];
        var magnitude = Magnitude(raw);
        System.Diagnostics.Debug.Assert(magnitude % step == 0, "The value is finer than the decimals it is written with.");
        return Write(magnitude / step, decimals, raw < 0, destination);
    }

    public static string ToText(long raw) => ToText(raw, Decimals);

    /// <summary>The shortest exact text of a value kept with another scale (Instrument.PriceScale).</summary>
    public static string ToText(long raw, int scale)
    {
        Span<byte> buffer = stackalloc byte[TextBytesMax];
        return System.Text.Encoding.ASCII.GetString(buffer[..FormatShortest(raw, scale, buffer)]);
    }

    private static ulong Magnitude(long raw) => raw < 0 ? (ulong)-(raw + 1) + 1 : (ulong)raw;

    private static DecimalStatus Scaled(ulong mantissa, int decimals, bool negative, out long raw)
    {
        raw = 0;
        if (decimals <= Decimals)
        {
            var power = (ulong)PowersOfTen[Decimals - decimals];
            var high = Math.BigMul(mantissa, power, out var low);
            if (high != 0 || low > long.MaxValue) return DecimalStatus.Overflow;
            raw = negative ? -(long)low : (long)low;
            return DecimalStatus.Ok;
        }

        for (var extra = decimals - Decimals; extra > 0; extra--)
        {
            if (mantissa % 10 != 0) return DecimalStatus.Unrepresentable;
            mantissa /= 10;
        }

        if (mantissa > long.MaxValue) return DecimalStatus.Overflow;
        raw = negative ? -(long)mantissa : (long)mantissa;
        return DecimalStatus.Ok;
    }

    /// <summary>Long digit strings and exponent forms (`1e-08`): rare, so clarity before speed.</summary>
    private static DecimalStatus ParseCarefully(
        ReadOnlySpan<byte> text, bool negative, int scale, out long raw, out int decimals, bool cut = false)
    {
        raw = 0;
        decimals = 0;
        UInt128 mantissa = 0;
        int digits = 0, point = -1, exponent = 0;
        var index = negative ? 1 : 0;
        for (; index < text.Length; index++)
        {
            var digit = (uint)(text[index] - '0');
            if (digit <= 9)
            {
                // 37 digits fit UInt128; leading zeros do not count towards them.
                if (mantissa > UInt128.MaxValue / 100) return IsNumber(text[(negative ? 1 : 0)..]) ? DecimalStatus.Overflow : DecimalStatus.Malformed;
                mantissa = mantissa * 10 + digit;
                digits++;
            }
            else if (text[index] == (byte)'.' && point < 0 && digits > 0)
            {
                point = digits;
            }
            else if ((text[index] | 0x20) == 'e' && digits > 0 && point != digits)
            {
                if (!TryParseExponent(text[(index + 1)..], out exponent)) return DecimalStatus.Malformed;
                break;
            }
            else
            {
                return DecimalStatus.Malformed;
            }
        }

        if (digits == 0 || point == digits) return DecimalStatus.Malformed;
        var sent = point < 0 ? 0 : digits - point;
        var places = sent - exponent;
        if (mantissa == 0)
        {
            decimals = exponent == 0 ? sent : 0;
            return DecimalStatus.Ok;
        }

        for (; places > scale && mantissa != 0; places--)
        {
            if (!cut && mantissa % 10 != 0) return DecimalStatus.Unrepresentable;
            mantissa /= 10;
        }

        for (places = Math.Min(places, scale); places < scale; places++)
        {
            if (mantissa > (UInt128)long.MaxValue) return DecimalStatus.Overflow;
            mantissa *= 10;
        }

        if (mantissa > (UInt128)long.MaxValue) return DecimalStatus.Overflow;
        raw = negative ? -(long)mantissa : (long)mantissa;
        decimals = exponent == 0 ? sent : 0;
        return DecimalStatus.Ok;
    }

    /// <summary>digits[.digits][e[+|-]digits]; of any length, for texts whose value is not computed.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        if (!SkipDigits(ref text)) return false;
        if (text.Length > 0 && text[0] == (byte)'.')
        {
            text = text[1..];
            if (!SkipDigits(ref text)) return false;
        }

        return text.IsEmpty || ((text[0] | 0x20) == 'e' && TryParseExponent(text[1..], out _));
    }

    private static bool SkipDigits(ref ReadOnlySpan<byte> text)
    {
        var count = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count < 0) count = text.Length;
        text = text[count..];
        return count > 0;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty) return false;
        var negative = text[0] == (byte)'-';
        if (negative || text[0] == (byte)'+') text = text[1..];
        if (text.IsEmpty || text.Length > 4) return false;
        foreach (var c in text)
        {
            var digit = (uint)(c - '0');
            if (digit > 9) return false;
            exponent = exponent * 10 + (int)digit;
        }

        if (negative) exponent = -exponent;
        return true;
    }

    private static int Write(ulong magnitude, int decimals, bool negative, Span<byte> destination)
    {
        Span<byte> reversed = stackalloc byte[TextBytesMax + 1];
        var length = 0;
        for (var place = 0; place <= decimals || magnitude != 0; place++)
        {
            if (place == decimals && decimals > 0) reversed[length++] = (byte)'.';
            (magnitude, var digit) = Math.DivRem(magnitude, 10);
            reversed[length++] = (byte)('0' + digit);
        }

        if (negative) reversed[length++] = (byte)'-';
        for (var i = 0; i < length; i++) destination[i] = reversed[length - 1 - i];
        return length;
    }
}
