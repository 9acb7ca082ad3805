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
        if (CanFold && length >= 2 * FoldBytes)
        {
            index = length & ~(FoldBytes - 1);
            register = Fold(register, ref at, ref at, index, copies: false);
        }

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

    /// <summary>
    /// Copies and sums in one pass, zeros added up to a multiple of eight. <paramref name="to"/> has room for them. What is summed is
    /// what was read, not what was just stored: a load that spans fresh stores would wait for them.
    /// </summary>
    public static uint CopyPadded(uint register, ReadOnlySpan<byte> from, ref byte to)
    {
        ref byte at = ref MemoryMarshal.GetReference(from);
        nint index = 0;
        if (CanFold && from.Length >= 2 * FoldBytes)
        {
            index = from.Length & ~(FoldBytes - 1);
            register = Fold(register, ref at, ref to, index, copies: true);
        }

        var whole = from.Length & ~7;
        register = CopyWords(register, from[(int)index..whole], ref Unsafe.Add(ref to, index));
        return whole == from.Length ? register : CopyRest(register, from[whole..], ref Unsafe.Add(ref to, whole));
    }

    /// <summary>As <see cref="CopyPadded"/>, of a multiple of eight bytes, and best of few: eight bytes of sum a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CopyWords(uint register, ReadOnlySpan<byte> from, ref byte to)
    {
        ref byte at = ref MemoryMarshal.GetReference(from);
        nint index = 0;
        nint length = from.Length;
        // Copied in one go, summed by words: a store for each word would be a third of the work. The register stays 64 bits wide, or it would be
        // cut at each step.
        if (Sse42.X64.IsSupported)
        {
            ulong wide = register;
            for (; index <= length - 32; index += 32)
            {
                Vector256.LoadUnsafe(ref at, (nuint)index).StoreUnsafe(ref to, (nuint)index);
                wide = Sse42.X64.Crc32(wide, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index)));
                wide = Sse42.X64.Crc32(wide, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index + 8)));
                wide = Sse42.X64.Crc32(wide, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index + 16)));
                wide = Sse42.X64.Crc32(wide, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index + 24)));
            }

            register = (uint)wide;
        }

        for (; index < length; index += 8)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, index));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, index), word);
            register = BitOperations.Crc32C(register, word);
        }

        return register;
    }

    private static uint CopyRest(uint register, ReadOnlySpan<byte> rest, ref byte to)
    {
        ulong word = 0;
        for (var i = 0; i < rest.Length; i++) word |= (ulong)rest[i] << (8 * i);
        Unsafe.WriteUnaligned(ref to, word);
        return BitOperations.Crc32C(register, word);
    }

    private const int FoldBytes = 64;

    private static bool CanFold => Pclmulqdq.V512.IsSupported && Sse42.X64.IsSupported;

    /// <summary>How far before the copy its lines are asked for: ten small records.</summary>
    private const int AheadBytes = 1_024;

    // For each 128-bit lane: what its low half (the earlier bytes) and its high half are multiplied with, to stand where the
    // same lane stands 64 or 128 bytes on; and where the last lane of its 64 bytes stands, which itself stays.
    private static readonly Vector512<ulong> ToNext = Vector512.Create(FoldBy(512), FoldBy(512));

    private static readonly Vector512<ulong> ToNextButOne = Vector512.Create(FoldBy(1024), FoldBy(1024));

    private static readonly Vector512<ulong> ToLast = Vector512.Create(
        Vector256.Create(FoldBy(384).GetLower(), FoldBy(256).GetLower()), Vector256.Create(FoldBy(128).GetLower(), Vector128<ulong>.Zero));

    /// <summary>
    /// 64 bytes a step by carry-less multiplication (Gopal et al., Intel 2009): four lanes stand for all that went before, and only
    /// the end needs the CRC instruction, whose three cycles for eight bytes are otherwise the whole time. Even and odd steps have lanes of their
    /// own: neither waits for the other's product.
    /// </summary>
    /// <param name="length">A multiple of 64, at least 128.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Fold(uint register, ref byte from, ref byte to, nint length, bool copies)
    {
        var even = Take(ref from, ref to, 0, copies) ^ Vector512.CreateScalar((ulong)register);
        var sum = Take(ref from, ref to, FoldBytes, copies);
        nint index = 2 * FoldBytes;
        for (; index <= length - (2 * FoldBytes); index += 2 * FoldBytes)
        {
            even = Take(ref from, ref to, index, copies) ^ Carried(even, ToNextButOne);
            sum = Take(ref from, ref to, index + FoldBytes, copies) ^ Carried(sum, ToNextButOne);
        }

        sum ^= Carried(even, ToNext);
        if (index < length) sum = Take(ref from, ref to, index, copies) ^ Carried(sum, ToNext);
        var lanes = Carried(sum, ToLast);
        var halves = lanes.GetLower() ^ lanes.GetUpper();
        var last = halves.GetLower() ^ halves.GetUpper() ^ sum.GetUpper().GetUpper();
        return (uint)Sse42.X64.Crc32(Sse42.X64.Crc32(0, last.ToScalar()), last.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Take(ref byte from, ref byte to, nint index, bool copies)
    {
        var bytes = Vector512.LoadUnsafe(ref from, (nuint)index);
        if (!copies) return bytes.AsUInt64();
        Expect(ref to, index);
        bytes.StoreUnsafe(ref to, (nuint)index);
        return bytes.AsUInt64();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Carried(Vector512<ulong> sum, Vector512<ulong> by) =>
        Pclmulqdq.V512.CarrylessMultiply(sum, by, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(sum, by, 0x11);

    /// <summary>Asks for a line further on: stores to lines that are not there yet fill the processor's buffer, and what follows waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Expect(ref byte to, nint index)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref to, index + AheadBytes)));
    }

    /// <summary>Multipliers of a lane's halves that carry them over so many bits. The product of reflected numbers is one bit short.</summary>
    private static Vector256<ulong> FoldBy(int bits)
    {
        var lane = Vector128.Create((ulong)PowerOfX(bits + 63) << 32, (ulong)PowerOfX(bits - 1) << 32);
        return Vector256.Create(lane, lane);
    }

    /// <summary>x^n mod P, bit-reflected.</summary>
    private static uint PowerOfX(int exponent)
    {
        var power = 0x8000_0000u;
        for (; exponent > 0; exponent--) power = TimesX(power);
        return power;
    }

    private static uint TimesX(uint value) => (value >> 1) ^ ((value & 1) != 0 ? 0x82F6_3B78u : 0);
}
