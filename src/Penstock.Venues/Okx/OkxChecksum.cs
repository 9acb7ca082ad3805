using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Okx;

/// <summary>
/// CRC-32 over the best 25 levels as text, bid and ask in turn, all joined by colons: <c>bid:size:ask:size:bid:…</c>; a side
/// that has run out is left out. Signed, as the message carries it. The live feed sends 0 since 2026; old captures are
/// checked with it (290 of 290 agree, venues/okx.md).
/// </summary>
internal sealed class OkxChecksum : IBookChecksum
{
    private const int TextBytesMax = 40;

    public int Depth => 25;

    public long Compute(ReadOnlySpan<ChecksumLevel> bids, ReadOnlySpan<ChecksumLevel> asks)
    {
        Span<byte> text = stackalloc byte[2 * 25 * 2 * (TextBytesMax + 1)];
        var length = 0;
        for (var index = 0; index < Depth; index++)
        {
            if (index < bids.Length) Append(in bids[index], text, ref length);
            if (index < asks.Length) Append(in asks[index], text, ref length);
        }

        return (int)IeeeCrc32.Compute(text[..Math.Max(0, length - 1)]);
    }

    private static void Append(in ChecksumLevel level, Span<byte> text, ref int length)
    {
        Append(level.PriceRaw, level.PriceDecimals, text, ref length);
        Append(level.QuantityRaw, level.QuantityDecimals, text, ref length);
    }

    /// <summary>The number as it was sent, and a colon. Digits beyond the eighth decimal can only have been zeros.</summary>
    private static void Append(long raw, int decimals, Span<byte> text, ref int length)
    {
        var kept = Math.Min(decimals, FixedPoint.Decimals);
        length += FixedPoint.Format(raw, kept, text[length..]);
        var zeros = Math.Min(decimals - kept, TextBytesMax - FixedPoint.TextBytesMax);
        text.Slice(length, zeros).Fill((byte)'0');
        length += zeros;
        text[length++] = (byte)':';
    }
}
