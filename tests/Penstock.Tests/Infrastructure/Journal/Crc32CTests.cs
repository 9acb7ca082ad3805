using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

public sealed class Crc32CTests
{
    /// <summary>Short sums, folded sums and the seam between them, at any alignment, against the definition bit by bit.</summary>
    [Fact]
    public void Summing_and_copying_equal_the_bitwise_definition()
    {
        var random = new Random(7);
        var source = new byte[1_600];
        random.NextBytes(source);
        for (var length = 0; length <= 1_400; length += length < 300 ? 1 : 13)
        {
            var from = source.AsSpan(random.Next(100), length);
            var register = (uint)random.NextInt64(uint.MaxValue + 1L);
            Assert.Equal(Naive(register, from), Crc32C.Update(register, from));

            var padded = (length + 7) & ~7;
            var target = new byte[padded + 16];
            target.AsSpan().Fill(0xEE);
            var at = random.Next(8);
            var sum = Crc32C.CopyPadded(register, from, ref target[at]);
            var copy = target.AsSpan(at, padded);
            Assert.True(copy[..length].SequenceEqual(from));
            Assert.False(copy[length..].ContainsAnyExcept((byte)0));
            Assert.False(target.AsSpan(0, at).ContainsAnyExcept((byte)0xEE));
            Assert.False(target.AsSpan(at + padded).ContainsAnyExcept((byte)0xEE));
            Assert.Equal(Naive(register, copy), sum);
        }
    }

    private static uint Naive(uint register, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            register ^= b;
            for (var bit = 0; bit < 8; bit++) register = (register & 1) != 0 ? (register >> 1) ^ 0x82F6_3B78 : register >> 1;
        }

        return register;
    }
}
