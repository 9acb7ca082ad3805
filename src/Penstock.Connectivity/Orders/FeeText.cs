using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Orders;

/// <summary>
/// Amounts that venues compute finer than 1e-8: fees and balances. Orders and trades are never rounded (R17); for these
/// two the error is at most 1e-8 and always to our disadvantage: fees paid go up, rebates and balances go down.
/// </summary>
public static class FeeText
{
    /// <summary>Digits beyond these only say whether something is left over.</summary>
    private const int DigitsMax = 30;

    /// <summary>Towards positive infinity: for a fee whose positive sign means paid.</summary>
    public static DecimalStatus TryParseRoundedUp(ReadOnlySpan<byte> text, out long raw) => TryParse(text, up: true, out raw);

    /// <summary>Towards negative infinity: for a balance, and for a fee whose negative sign means paid.</summary>
    public static DecimalStatus TryParseRoundedDown(ReadOnlySpan<byte> text, out long raw) => TryParse(text, up: false, out raw);

    private static DecimalStatus TryParse(ReadOnlySpan<byte> text, bool up, out long raw)
    {
        var status = FixedPoint.TryParse(text, out raw);
        // Overflow, too: 0.333… with forty digits is too long for the exact parser and yet an ordinary fee.
        if (status is not (DecimalStatus.Unrepresentable or DecimalStatus.Overflow)) return status;
        var negative = text[0] == (byte)'-';
        status = Truncate(negative ? text[1..] : text, out raw, out var inexact);
        if (status != DecimalStatus.Ok) return status;
        if (inexact && up != negative && raw < long.MaxValue) raw++;
        if (negative) raw = -raw;
        return DecimalStatus.Ok;
    }

    /// <summary>The text is known to be well formed: the exact parser went through it.</summary>
    private static DecimalStatus Truncate(ReadOnlySpan<byte> text, out long raw, out bool inexact)
    {
        raw = 0;
        inexact = false;
        UInt128 mantissa = 0;
        int significant = 0, scale = 0, index = 0;
        var afterPoint = false;
        for (; index < text.Length && (text[index] | 0x20) != 'e'; index++)
        {
            if (text[index] == (byte)'.')
            {
                afterPoint = true;
                continue;
            }

            var digit = (uint)(text[index] - '0');
            if (significant < DigitsMax)
            {
                mantissa = mantissa * 10 + digit;
                if (mantissa != 0) significant++;
                if (afterPoint) scale++;
            }
            else
            {
                inexact |= digit != 0;
                if (!afterPoint) scale--;
            }
        }

        if (index < text.Length) scale -= Exponent(text[(index + 1)..]);
        for (; scale > FixedPoint.Decimals && mantissa != 0; scale--)
        {
            (mantissa, var rest) = UInt128.DivRem(mantissa, 10);
            inexact |= rest != 0;
        }

        for (; scale < FixedPoint.Decimals && mantissa != 0; scale++)
        {
            if (mantissa > (UInt128)long.MaxValue) return DecimalStatus.Overflow;
            mantissa *= 10;
        }

        if (mantissa > (UInt128)long.MaxValue) return DecimalStatus.Overflow;
        raw = (long)mantissa;
        return DecimalStatus.Ok;
    }

    private static int Exponent(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var c in text)
        {
            if (c is >= (byte)'0' and <= (byte)'9') value = Math.Min(value * 10 + (c - '0'), 100_000);
        }

        return text.Length > 0 && text[0] == (byte)'-' ? -value : value;
    }
}
