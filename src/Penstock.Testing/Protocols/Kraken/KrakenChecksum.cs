using Penstock.Model.Numbers;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>CRC32 (IEEE) over the ten best asks, then bids: the digits as sent, without point and leading zeros.</summary>
internal static class KrakenChecksum
{
    private const int LevelsMax = 10;

    private static readonly uint[] Table = MakeTable();

    public static uint Of(IReadOnlyList<ViewLevel> asks, IReadOnlyList<ViewLevel> bids, SimulatedInstrument spec)
    {
        var crc = ~0u;
        crc = Add(crc, asks, spec);
        return ~Add(crc, bids, spec);
    }

    private static uint Add(uint crc, IReadOnlyList<ViewLevel> levels, SimulatedInstrument spec)
    {
        Span<byte> text = stackalloc byte[FixedPoint.TextBytesMax];
        for (var i = 0; i < levels.Count && i < LevelsMax; i++)
        {
            crc = Add(crc, text[..FixedPoint.Format(levels[i].Price.Raw, spec.PriceDecimals, text)]);
            crc = Add(crc, text[..FixedPoint.Format(levels[i].Quantity.Raw, spec.QuantityDecimals, text)]);
        }

        return crc;
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> digits)
    {
        var isLeading = true;
        foreach (var c in digits)
        {
            if (c == (byte)'.' || (isLeading && c == (byte)'0')) continue;
            isLeading = false;
            crc = Table[(byte)crc ^ c] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
