using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

public sealed class Crc32CAdvanceTests
{
    /// <summary>Every length a record can have up to a page, and the first ones beyond the table.</summary>
    [Fact]
    public void Advancing_a_register_equals_summing_zeros()
    {
        var random = new Random(5);
        var zeros = new byte[4_400];
        for (var bytes = 0; bytes <= zeros.Length; bytes++)
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
}
