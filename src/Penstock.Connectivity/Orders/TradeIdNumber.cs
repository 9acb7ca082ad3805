using System.Buffers.Text;

namespace Penstock.Connectivity.Orders;

/// <summary>Trade ids as 64-bit numbers: the venue's own where it is one, else a hash that is the same in every process.</summary>
public static class TradeIdNumber
{
    /// <summary>Never zero, which means "no trade"; zero only for an empty text.</summary>
    public static long Of(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return 0;
        if (text[0] is >= (byte)'1' and <= (byte)'9'
            && Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length)
        {
            return number;
        }

        // FNV-1a, 64 bits; the sign bit is kept out so that venue numbers and hashes look alike in reports.
        var hash = 14695981039346656037ul;
        foreach (var b in text) hash = (hash ^ b) * 1099511628211ul;
        return Math.Max(1, (long)(hash & long.MaxValue));
    }
}
