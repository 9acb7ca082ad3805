using System.Globalization;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Venues.Kraken;

/// <summary>
/// CRC-32 over the ten best asks, then the ten best bids: price and quantity digits as sent, without the point and without
/// leading zeros (docs.kraken.com, guides/spot-ws-book-v2, read 2026-09). Unsigned.
/// </summary>
internal sealed class KrakenChecksum : IBookChecksum
{
    private const int DigitsMax = 40;

    public int Depth => 10;

    public long Compute(ReadOnlySpan<ChecksumLevel> bids, ReadOnlySpan<ChecksumLevel> asks)
    {
        Span<byte> text = stackalloc byte[2 * 10 * 2 * DigitsMax];
        var length = 0;
        Append(asks[..Math.Min(asks.Length, Depth)], text, ref length);
        Append(bids[..Math.Min(bids.Length, Depth)], text, ref length);
        return IeeeCrc32.Compute(text[..length]);
    }

    private static void Append(ReadOnlySpan<ChecksumLevel> levels, Span<byte> text, ref int length)
    {
        foreach (ref readonly var level in levels)
        {
            Append(level.PriceRaw, level.PriceDecimals, text, ref length);
            Append(level.QuantityRaw, level.QuantityDecimals, text, ref length);
        }
    }

    /// <summary>
    /// 45285.2 sent with one decimal is 452852. Digits beyond the eighth decimal were zeros, or the number would not have
    /// been accepted, so they are put back as zeros; a price sent with nine of them is common on the BTC pairs.
    /// </summary>
    private static void Append(long raw, int decimals, Span<byte> text, ref int length)
    {
        var kept = Math.Min(decimals, FixedPoint.Decimals);
        var digits = raw / FixedPoint.PowerOfTen(FixedPoint.Decimals - kept);
        if (digits == 0) return;
        digits.TryFormat(text[length..], out var written, provider: CultureInfo.InvariantCulture);
        var zeros = Math.Min(decimals - kept, DigitsMax - written);
        text.Slice(length + written, zeros).Fill((byte)'0');
        length += written + zeros;
    }
}
