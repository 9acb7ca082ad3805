using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the polynomial the processors of both families compute in one instruction;
/// <see cref="BitOperations"/> falls back to tables where there is none. Eight bytes a step, little endian.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>; "123456789" gives 0xE3069283.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>Continues a raw register (start with all ones, invert at the end), so one checksum can span two places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        nint index = 0;
        nint length = bytes.Length;
        for (; index <= length - 8; index += 8)
        {
            register = BitOperations.Crc32C(register, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index)));
        }

        for (; index < length; index++)
        {
            register = BitOperations.Crc32C(register, Unsafe.Add(ref at, index));
        }

        return register;
    }

    /// <summary>Zero bytes that <see cref="Advance"/> knows by table; more of them are summed one word after the other.</summary>
    private const int AdvanceBytesMax = 4096 + 64;

    /// <summary>x^(8n − 33) mod P for every n, bit-reflected: what a register is multiplied with to pass n zero bytes.</summary>
    private static readonly uint[] AdvanceBy = Powers();

    /// <summary>
    /// The register after <paramref name="bytes"/> zero bytes. A checksum is linear: the sum of a message that starts with an
    /// unknown word is the sum with zero in its place, XOR that word advanced over the rest. One carry-less multiplication
    /// and one reduction by the CRC instruction, whatever the length (Gopal et al., Intel 2011).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Advance(uint register, int bytes)
    {
        if (Pclmulqdq.IsSupported && Sse42.X64.IsSupported && bytes >= AdvanceBytesMin && bytes < AdvanceBytesMax)
        {
            var product = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)register), Vector128.CreateScalar((ulong)AdvanceBy[bytes]), 0);
            return (uint)Sse42.X64.Crc32(0, product.ToScalar());
        }

        return AdvanceInWords(register, bytes);
    }

    private const int AdvanceBytesMin = 5;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint AdvanceInWords(uint register, int bytes)
    {
        for (; bytes >= 8; bytes -= 8) register = BitOperations.Crc32C(register, 0ul);
        for (; bytes > 0; bytes--) register = BitOperations.Crc32C(register, (byte)0);
        return register;
    }

    private static uint[] Powers()
    {
        // Reflected: bit 31 is x^0. The product of two reflected 32-bit numbers is one bit short, and the reduction multiplies by x^32.
        var powers = new uint[AdvanceBytesMax];
        var power = 0x8000_0000u;
        for (var exponent = 1; exponent <= 8 * AdvanceBytesMin - 33; exponent++) power = TimesX(power);
        for (var bytes = AdvanceBytesMin; bytes < powers.Length; bytes++)
        {
            powers[bytes] = power;
            for (var bit = 0; bit < 8; bit++) power = TimesX(power);
        }

        return powers;
    }

    private static uint TimesX(uint value) => (value >> 1) ^ ((value & 1) != 0 ? 0x82F6_3B78u : 0);
}
