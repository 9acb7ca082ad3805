using System.Globalization;
using System.Text;

namespace Penstock.Benchmarks.Baselines;

/// <summary>Depth messages in the documented layout, about 600 bytes with 17 levels, seeded.</summary>
internal static class DepthMessages
{
    public static byte[][] Generate(int count, ulong seed, string symbol = "BTCUSDT", long firstId = 1_000_000)
    {
        var random = new Random((int)seed);
        var messages = new byte[count][];
        var id = firstId;
        for (var i = 0; i < count; i++)
        {
            var last = id + random.Next(1, 30);
            var text = new StringBuilder(700)
                .Append(CultureInfo.InvariantCulture, $"{{\"stream\":\"{symbol.ToLowerInvariant()}@depth@100ms\",\"data\":{{\"e\":\"depthUpdate\",\"E\":{1_672_515_782_136 + i * 100L},\"s\":\"{symbol}\",\"U\":{id + 1},\"u\":{last},\"b\":[");
            Levels(text, random, 9, 61_000, -1);
            text.Append("],\"a\":[");
            Levels(text, random, 8, 61_001, +1);
            text.Append("]}}");
            messages[i] = Encoding.ASCII.GetBytes(text.ToString());
            id = last;
        }

        return messages;
    }

    private static void Levels(StringBuilder text, Random random, int count, int start, int step)
    {
        for (var level = 0; level < count; level++)
        {
            if (level > 0) text.Append(',');
            var price = start + step * (level * 3 + random.Next(3)) + random.Next(100) / 100m;
            var quantity = random.Next(4) == 0 ? 0m : random.Next(1, 500_000_000) / 100_000_000m;
            text.Append(CultureInfo.InvariantCulture, $"[\"{price:F8}\",\"{quantity:F8}\"]");
        }
    }
}
