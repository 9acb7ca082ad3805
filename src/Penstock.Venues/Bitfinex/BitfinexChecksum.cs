using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// CRC-32 over the best 25 levels as text, bid and ask in turn, joined by colons: <c>bid:amount:ask:-amount:bid:…</c>; a side that has
/// run out is left out. Signed, as the message carries it. The text is JavaScript's of the number, not the digits sent.
/// </summary>
internal sealed class BitfinexChecksum : IBookChecksum
{
    /// <summary>Below this (1e-6) JavaScript writes an exponent.</summary>
    private const long ExponentBelow = 100;

    public int Depth => 25;

    public long Compute(ReadOnlySpan<ChecksumLevel> bids, ReadOnlySpan<ChecksumLevel> asks)
    {
        Span<byte> text = stackalloc byte[2 * 25 * 2 * (FixedPoint.TextBytesMax + 2)];
        var length = 0;
        for (var index = 0; index < Depth; index++)
        {
            if (index < bids.Length) Append(bids[index].PriceRaw, bids[index].QuantityRaw, text, ref length);
            if (index < asks.Length) Append(asks[index].PriceRaw, -asks[index].QuantityRaw, text, ref length);
        }

        return (int)IeeeCrc32.Compute(text[..Math.Max(0, length - 1)]);
    }

    private static void Append(long price, long amount, Span<byte> text, ref int length)
    {
        length += Format(price, text[length..]);
        text[length++] = (byte)':';
        length += Format(amount, text[length..]);
        text[length++] = (byte)':';
    }

    /// <summary>A number as JavaScript writes it: shortest, and below 1e-6 as 9.1e-7. Returns the bytes written.</summary>
    internal static int Format(long raw, Span<byte> destination)
    {
        if (raw is 0 or >= ExponentBelow or <= -ExponentBelow) return FixedPoint.Format(raw, destination);
        var length = 0;
        if (raw < 0) destination[length++] = (byte)'-';
        var (tens, ones) = Math.DivRem((int)Math.Abs(raw), 10);
        if (tens == 0)
        {
            destination[length++] = (byte)('0' + ones);
            "e-8"u8.CopyTo(destination[length..]);
            return length + 3;
        }

        destination[length++] = (byte)('0' + tens);
        if (ones != 0)
        {
            destination[length++] = (byte)'.';
            destination[length++] = (byte)('0' + ones);
        }

        "e-7"u8.CopyTo(destination[length..]);
        return length + 3;
    }
}
