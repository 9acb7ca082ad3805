using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

public sealed class Crc32CAdvanceTests
{
    /// <summary>Every length a record can have up to a page, and the first ones beyond the table.</summary>
    [Fact]
    public void Advancing_a_register_equals_summing_zeros()
    {
        var random = new Random(5);
        var zeros = new byte[13_000];
        for (var bytes = 0; bytes <= zeros.Length; bytes += bytes < 4_400 ? 1 : 97)
        {
            var register = (uint)random.NextInt64(uint.MaxValue + 1L);
            Assert.Equal(Crc32C.Update(register, zeros.AsSpan(0, bytes)), Crc32C.Advance(register, bytes));
        }
    }

    [Fact]
    public void A_word_at_the_front_may_enter_the_sum_last()
    {
        var random = new Random(6);
        var message = new byte[200];
        for (var round = 0; round < 500; round++)
        {
            random.NextBytes(message);
            var whole = Crc32C.Update(uint.MaxValue, message);
            var first = BitConverter.ToUInt32(message);
            message.AsSpan(0, 4).Clear();
            Assert.Equal(whole, Crc32C.Update(uint.MaxValue, message) ^ Crc32C.Advance(first, message.Length));
        }
    }

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
