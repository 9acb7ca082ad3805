using System.Runtime.CompilerServices;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>Numbers as Java writes doubles: 61837.64, 9.7E-4, 1.734165192452E8, 436947.11845272494.</summary>
public ref partial struct JsonScanner
{
    /// <summary>What so many digits count is exact in the sums below, and a double has no more.</summary>
    private const int DoubleDigitsMax = 17;

    /// <summary>Two steps of 10^8.</summary>
    private const int ShiftMax = 2 * FixedPoint.Decimals;

    /// <summary>As <see cref="TryTakeNumber"/>, quick for exponents too, and for other scales than 1e-8 (Instrument.PriceScale).</summary>
    /// <param name="scale">raw = value × 10^scale.</param>
    /// <param name="raw">Zero unless true is returned.</param>
    /// <param name="decimals">Digits after the point as sent; zero with an exponent.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeDouble(int scale, out long raw, out int decimals)
    {
        var text = _text;
        var at = _position;
        var wholeDigits = DigitRun(text, at, out var whole);
        at += wholeDigits;
        if (wholeDigits is 0 or 8 || at >= text.Length || text[at] != (byte)'.' || (wholeDigits > 1 && text[_position] == (byte)'0'))
            return TakeNumber(scale, out raw, out decimals);
        decimals = DigitRun(text, ++at, out var fraction);
        at += decimals;
        if (decimals is 0 or 8 || scale != FixedPoint.Decimals || (at < text.Length && IsNumberByte(text[at])))
            return TakeDouble(wholeDigits, whole, scale, out raw, out decimals);
        raw = (long)(whole * FixedPoint.Scale) + (long)fraction * FixedPoint.PowerOfTen(FixedPoint.Decimals - decimals);
        _position = at;
        return true;
    }

    /// <summary>The whole part is read: all digits behind the point, and the exponent.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeDouble(int wholeDigits, ulong mantissa, int scale, out long raw, out int decimals)
    {
        var text = _text;
        var at = _position + wholeDigits + 1;
        decimals = 0;
        int run;
        do
        {
            run = DigitRun(text, at, out var part);
            decimals += run;
            if (wholeDigits + decimals > DoubleDigitsMax) return TakeNumber(scale, out raw, out decimals);
            mantissa = mantissa * (ulong)FixedPoint.PowerOfTen(run) + part;
            at += run;
        }
        while (run == 8);

        var shift = scale - decimals;
        if (decimals > 0 && at < text.Length && text[at] == (byte)'E' && TryExponent(text, ref at, out var exponent))
        {
            shift += exponent;
            if (exponent != 0) decimals = 0;
        }

        // A point without a digit behind it is no number.
        if (text[at - 1] == (byte)'.' || (at < text.Length && IsNumberByte(text[at])) || !TryShift(mantissa, shift, out raw))
            return TakeNumber(scale, out raw, out decimals);
        _position = at;
        return true;
    }

    /// <summary>What is no double of the usual form; in another scale it is left to the careful path.</summary>
    private bool TakeNumber(int scale, out long raw, out int decimals)
    {
        if (scale == FixedPoint.Decimals) return TryTakeNumber(out raw, out decimals);
        raw = decimals = 0;
        return false;
    }

    /// <summary>E8, E-4: one or two digits, as a double's are where its value is any use here.</summary>
    private static bool TryExponent(ReadOnlySpan<byte> text, ref int at, out int exponent)
    {
        var start = at + 1;
        var isNegative = start < text.Length && text[start] == (byte)'-';
        if (isNegative) start++;
        var digits = DigitRun(text, start, out var value);
        exponent = isNegative ? -(int)value : (int)value;
        if (digits is not (1 or 2)) return false;
        at = start + digits;
        return true;
    }

    /// <summary>mantissa × 10^shift, where that is a whole number of 64 bits.</summary>
    private static bool TryShift(ulong mantissa, int shift, out long raw)
    {
        raw = 0;
        if (mantissa == 0) return true;
        if (shift is < -ShiftMax or > ShiftMax) return false;
        if (shift >= 0)
        {
            var first = Math.Min(shift, FixedPoint.Decimals);
            if (Math.BigMul(mantissa, (ulong)FixedPoint.PowerOfTen(first), out mantissa) != 0) return false;
            if (Math.BigMul(mantissa, (ulong)FixedPoint.PowerOfTen(shift - first), out mantissa) != 0) return false;
        }
        else
        {
            var first = Math.Min(-shift, FixedPoint.Decimals);
            (mantissa, var rest) = Math.DivRem(mantissa, (ulong)FixedPoint.PowerOfTen(first));
            if (rest != 0) return false;
            (mantissa, rest) = Math.DivRem(mantissa, (ulong)FixedPoint.PowerOfTen(-shift - first));
            if (rest != 0) return false;
        }

        raw = (long)mantissa;
        return mantissa <= long.MaxValue;
    }
}
