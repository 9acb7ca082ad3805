using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>
/// Pairs of decimals, the bulk of every book message, sixteen bytes at a time. How many digits stand before and after the point
/// rarely changes from one level to the next, so each number is first taken for one of the last one's form:
/// <code>
///   bytes     6 1 8 3 7 . 6 4 0 0 0 0 0 0 " ,      the form "5 digits, point, 8 digits, quote"
///   − form    0 0 0 0 0 . 0 0 0 0 0 0 0 0 " 0      leaves digits 0-9 and, where the form fits, zeros
///   ≤ limit   9 9 9 9 9 0 9 9 9 9 9 9 9 9 0 ∞      says in one compare whether it fits: every byte is looked at
///   shuffled  0 0 0 6 1 8 3 7 6 4 0 0 0 0 0 0      whole and fraction, eight digits each, for three multiply-adds
/// </code>
/// The processor then guesses that branch, and a number's place does not wait for the length of the one before it.
/// </summary>
public ref partial struct JsonScanner
{
    /// <summary>A pair and the end of its second number's sixteen bytes lie within these; closer to the end of the text that load is made up.</summary>
    private const int PairBytesMin = 24;

    private const int WindowBytes = 16;
    private const int WholeDigitsMax = 6;
    private const int FormBytes = 64;

    // Within a form: what to subtract, what may remain, where the digits go, bytes with the quote, digits after the point.
    private const int LimitAt = 16;
    private const int ShuffleAt = 32;
    private const int LengthAt = 48;
    private const int DecimalsAt = 49;

    /// <summary>By digits before the point (1-6) and after it (1-8).</summary>
    private static readonly byte[] Forms = MakeForms();

    /// <summary>Moves a window that was loaded too far left: a shuffle's indices from 0 on, then such as give zero.</summary>
    private static ReadOnlySpan<byte> SlideLeft =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    ];

    private static bool HasForms => Ssse3.IsSupported && Sse41.IsSupported;

    /// <summary>The pair at the position, when both numbers have a form; else nothing is taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTakeFormedPair(out long first, out int firstDecimals, out long second, out int secondDecimals)
    {
        first = second = firstDecimals = secondDecimals = 0;
        var left = _text.Length - _position;
        ref var at = ref Unsafe.Add(ref MemoryMarshal.GetReference(_text), _position);
        if (left < PairBytesMin || Unsafe.ReadUnaligned<ushort>(ref at) != OpenPair) return false;
        if (!TryForm(Vector128.LoadUnsafe(ref at, 2), ref _firstForm, out var length, out first, out firstDecimals)) return false;

        // The first number and its quote take at most 16 bytes, so the two that follow lie before PairBytesMin.
        var second0 = 2 + length;
        if (Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref at, second0)) != CommaQuote) return false;
        second0 += 2;
        var window = left - second0 >= WindowBytes ? Vector128.LoadUnsafe(ref at, (nuint)second0) : LastWindow(ref at, left, left - second0);
        if (!TryForm(window, ref _secondForm, out length, out second, out secondDecimals)) return false;
        var close = second0 + length;
        if (close >= left || Unsafe.Add(ref at, close) != (byte)']') return false;
        _position += close + 1;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryForm(Vector128<byte> window, ref int form, out int length, out long raw, out int decimals)
    {
        ref var forms = ref MemoryMarshal.GetArrayDataReference(Forms);
        var guess = form;
        var rest = window - Vector128.LoadUnsafe(ref forms, (nuint)guess);
        if (Vector128.Min(rest, Vector128.LoadUnsafe(ref forms, (nuint)guess + LimitAt)) != rest)
        {
            if (!TryFindForm(window, ref form))
            {
                raw = length = decimals = 0;
                return false;
            }

            guess = form;
            rest = window - Vector128.LoadUnsafe(ref forms, (nuint)guess);
        }

        length = Unsafe.Add(ref forms, guess + LengthAt);
        decimals = Unsafe.Add(ref forms, guess + DecimalsAt);
        var digits = Ssse3.Shuffle(rest, Vector128.LoadUnsafe(ref forms, (nuint)guess + ShuffleAt));
        var pairs = Ssse3.MultiplyAddAdjacent(digits, Vector128.Create((short)0x010A).AsSByte());
        var fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(0x0001_0064).AsInt16());
        var packed = Sse41.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Sse2.MultiplyAddAdjacent(packed, Vector128.Create(0x0001_2710).AsInt16()).AsUInt64().ToScalar();
        raw = (long)((uint)eights * (ulong)FixedPoint.Scale + (eights >> 32));
        return true;
    }

    /// <summary>The form of the number the window begins with; false, and the form kept, when it has none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryFindForm(Vector128<byte> window, ref int form)
    {
        var digits = window - Vector128.Create((byte)'0');
        var others = ~Vector128.Equals(Vector128.Min(digits, Vector128.Create((byte)9)), digits).ExtractMostSignificantBits();
        var whole = BitOperations.TrailingZeroCount(others);
        var end = BitOperations.TrailingZeroCount(others & (others - 1));
        var fraction = end - whole - 1;
        if (whole is 0 or > WholeDigitsMax || fraction is 0 or > FixedPoint.Decimals || end >= WindowBytes) return false;
        if (window[whole] != (byte)'.' || window[end] != (byte)'"') return false;
        form = FormOf(whole, fraction);
        return true;
    }

    /// <summary>The last bytes of the text, fewer than a window, and zeros after them. At least <see cref="PairBytesMin"/> lie before the end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte> LastWindow(ref byte at, int left, int available)
    {
        var tooEarly = Vector128.LoadUnsafe(ref at, (nuint)(left - WindowBytes));
        return Ssse3.Shuffle(tooEarly, Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(SlideLeft), (nuint)(WindowBytes - available)));
    }

    private static int FormOf(int whole, int fraction) => (((whole - 1) << 3) | (fraction - 1)) * FormBytes;

    private static byte[] MakeForms()
    {
        var forms = new byte[WholeDigitsMax * 8 * FormBytes];
        for (var whole = 1; whole <= WholeDigitsMax; whole++)
        {
            for (var fraction = 1; fraction <= FixedPoint.Decimals; fraction++)
            {
                var form = forms.AsSpan(FormOf(whole, fraction), FormBytes);
                var end = whole + 1 + fraction;
                form[ShuffleAt..LengthAt].Fill(0x80);
                for (var i = 0; i < WindowBytes; i++)
                {
                    var isDigit = i < end && i != whole;
                    form[i] = isDigit ? (byte)'0' : i == whole ? (byte)'.' : i == end ? (byte)'"' : (byte)0;
                    form[LimitAt + i] = isDigit ? (byte)9 : i <= end ? (byte)0 : byte.MaxValue;
                }

                for (var i = 0; i < whole; i++) form[ShuffleAt + 8 - whole + i] = (byte)i;
                for (var i = 0; i < fraction; i++) form[ShuffleAt + 8 + i] = (byte)(whole + 1 + i);
                form[LengthAt] = (byte)(end + 1);
                form[DecimalsAt] = (byte)fraction;
            }
        }

        return forms;
    }
}
