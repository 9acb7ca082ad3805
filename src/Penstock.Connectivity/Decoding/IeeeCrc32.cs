using System.Buffers.Binary;

namespace Penstock.Connectivity.Decoding;

/// <summary>
/// CRC-32 of IEEE 802.3 (reflected 0xEDB88320), eight bytes a step. The runtime's own is in a package of its own
/// (System.IO.Hashing), and the processor's instruction computes another polynomial.
/// </summary>
public static class IeeeCrc32
{
    private static readonly uint[] Tables = BuildTables();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var tables = Tables;
        var crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = tables[0x700 + (low & 0xFF)] ^ tables[0x600 + (low >> 8 & 0xFF)]
                ^ tables[0x500 + (low >> 16 & 0xFF)] ^ tables[0x400 + (low >> 24)]
                ^ tables[0x300 + (high & 0xFF)] ^ tables[0x200 + (high >> 8 & 0xFF)]
                ^ tables[0x100 + (high >> 16 & 0xFF)] ^ tables[high >> 24];
        }

        foreach (var b in data) crc = tables[(crc ^ b) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    /// <summary>Table k answers for a byte followed by k zero bytes.</summary>
    private static uint[] BuildTables()
    {
        var tables = new uint[8 * 256];
        for (var index = 0u; index < 256; index++)
        {
            var crc = index;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            tables[index] = crc;
        }

        for (var index = 256; index < tables.Length; index++)
        {
            var shorter = tables[index - 256];
            tables[index] = tables[shorter & 0xFF] ^ (shorter >> 8);
        }

        return tables;
    }
}
