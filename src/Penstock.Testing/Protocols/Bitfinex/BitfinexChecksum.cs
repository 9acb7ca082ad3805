namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>Signed CRC32 (IEEE) over the 25 best levels as text: bid and ask in turn, asks with their minus, colons between.</summary>
internal static class BitfinexChecksum
{
    private const int LevelsMax = 25;

    private static readonly uint[] Table = MakeTable();

    public static int Of(IReadOnlyList<ViewLevel> bids, IReadOnlyList<ViewLevel> asks)
    {
        var text = new Utf8Text();
        for (var rank = 0; rank < LevelsMax; rank++)
        {
            if (rank < bids.Count) Add(text, bids[rank], 1);
            if (rank < asks.Count) Add(text, asks[rank], -1);
        }

        var crc = ~0u;
        foreach (var c in text.Span) crc = Table[(byte)crc ^ c] ^ (crc >> 8);
        return (int)~crc;
    }

    private static void Add(Utf8Text text, in ViewLevel level, int sign)
    {
        if (text.Length > 0) text.Raw(":");
        text.Number(level.Price.Raw).Raw(":").Number(sign * level.Quantity.Raw);
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
