using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>The fast members: each takes exactly what it names and returns false on anything else.</summary>
public ref partial struct JsonScanner
{
    // The texts around the two numbers of a pair, as the bytes stand in a little-endian word.
    private const ushort OpenPair = 0x225B; // ["
    private const uint BetweenPair = 0x222C22; // ","
    private const ushort ClosePair = 0x5D22; // "]
    private const ushort CommaQuote = 0x222C; // ,"

    private static readonly SearchValues<byte> TextEnds =
        SearchValues.Create([.. Enumerable.Range(0, 256).Where(c => c is '"' or '\\' or < 0x20 or >= 0x7F).Select(c => (byte)c)]);

    /// <summary>No byte past this is looked at by <see cref="TryTakePairByWords"/>: 2 + 16 + 3 + 16 + 2 and the end of an 8-byte load.</summary>
    private const int PairBytesMax = 48;

    /// <summary>True when every byte was taken.</summary>
    public readonly bool AtEnd => _position == _text.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(ReadOnlySpan<byte> template)
    {
        if (!_text[_position..].StartsWith(template)) return false;
        _position += template.Length;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(byte expected)
    {
        if (_position >= _text.Length || _text[_position] != expected) return false;
        _position++;
        return true;
    }

    /// <summary>Text up to the closing quote, which is taken too: printable ASCII without escapes.</summary>
    public bool TryTakeText(out ReadOnlySpan<byte> text)
    {
        var rest = _text[_position..];
        // The first byte that ends or forbids the text: a quote, a backslash, anything outside printable ASCII.
        var length = rest.IndexOfAny(TextEnds);
        if (length < 0 || rest[length] != (byte)'"')
        {
            text = default;
            return false;
        }

        text = rest[..length];
        _position += length + 1;
        return true;
    }

    /// <summary>A whole number of at most 18 digits; the byte after it is left for the next template.</summary>
    public bool TryTakeInt64(out long value)
    {
        value = 0;
        var start = _position;
        var negative = TryTake((byte)'-');
        var digits = 0;
        ulong sum = 0;
        while (true)
        {
            var run = DigitRun(_text, _position, out var part);
            digits += run;
            if (digits > 18) return false;
            if (run > 0) sum = sum * (ulong)FixedPoint.PowerOfTen(run) + part;
            _position += run;
            if (run < 8) break;
        }

        if (digits == 0 || (digits > 1 && _text[_position - digits] == (byte)'0'))
        {
            _position = start;
            return false;
        }

        value = negative ? -(long)sum : (long)sum;
        return true;
    }

    /// <summary>
    /// A decimal such as 61837.64000000: 1e-8 units and the digits after the point as sent. What is longer than eight digits
    /// on a side, negative or has an exponent goes through <see cref="FixedPoint.TryParse(ReadOnlySpan{byte}, out long, out int)"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeDecimal(out long raw, out int decimals)
    {
        decimals = 0;
        var text = _text;
        var at = _position;
        var run = DigitRun(text, at, out var whole);
        at += run;
        raw = (long)(whole * FixedPoint.Scale);
        if (run is 0 or 8) return TakeDecimalCarefully(out raw, out decimals);
        if (at < text.Length && text[at] == (byte)'.')
        {
            decimals = DigitRun(text, at + 1, out var fraction);
            if (decimals == 0) return TakeDecimalCarefully(out raw, out decimals);
            at += 1 + decimals;
            raw += (long)fraction * FixedPoint.PowerOfTen(FixedPoint.Decimals - decimals);
        }

        if (at < text.Length && IsNumberByte(text[at])) return TakeDecimalCarefully(out raw, out decimals);
        _position = at;
        return true;
    }

    /// <summary>
    /// <c>["61837.64000000","0.00500000"]</c>: two decimals in quotes and brackets, the level of most venues' books: by
    /// <see cref="TryTakeFormedPair"/> where both look as usual, by words of eight bytes or token by token where not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakePair(out long first, out int firstDecimals, out long second, out int secondDecimals) =>
        (HasForms && TryTakeFormedPair(out first, out firstDecimals, out second, out secondDecimals))
        || TryTakePairByWords(out first, out firstDecimals, out second, out secondDecimals);

    /// <summary>Where there are no forms, or one number has none of them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakePairByWords(out long first, out int firstDecimals, out long second, out int secondDecimals)
    {
        if (BitConverter.IsLittleEndian && _text.Length - _position >= PairBytesMax)
        {
            ref var at = ref Unsafe.Add(ref MemoryMarshal.GetReference(_text), _position);
            var length = 2;
            if (Unsafe.ReadUnaligned<ushort>(ref at) == OpenPair
                && TryPointed(ref at, ref length, out first, out firstDecimals)
                && (Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, length)) & 0xFFFFFF) == BetweenPair)
            {
                length += 3;
                if (TryPointed(ref at, ref length, out second, out secondDecimals)
                    && Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref at, length)) == ClosePair)
                {
                    _position += length + 2;
                    return true;
                }
            }
        }

        first = second = firstDecimals = secondDecimals = 0;
        return TryTake("[\""u8) && TryTakeDecimal(out first, out firstDecimals)
            && TryTake("\",\""u8) && TryTakeDecimal(out second, out secondDecimals) && TryTake("\"]"u8);
    }

    /// <summary>1 to 7 digits, a point, 1 to 8 digits, and no number byte after them; anything else is left to the careful way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryPointed(ref byte text, ref int at, out long raw, out int decimals)
    {
        var run = DigitRun(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, at)), out var whole);
        decimals = 0;
        raw = 0;
        if (run is 0 or 8 || Unsafe.Add(ref text, at + run) != (byte)'.') return false;
        decimals = DigitRun(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, at + run + 1)), out var fraction);
        if (decimals == 0) return false;
        at += run + 1 + decimals;
        raw = (long)(whole * FixedPoint.Scale) + (long)fraction * FixedPoint.PowerOfTen(FixedPoint.Decimals - decimals);
        return true;
    }

    /// <summary>As <see cref="TryTakeDecimal"/> for a JSON number, whose grammar knows no leading zeros.</summary>
    public bool TryTakeNumber(out long raw, out int decimals)
    {
        var first = _position + (_position < _text.Length && _text[_position] == (byte)'-' ? 1 : 0);
        if (first + 1 < _text.Length && _text[first] == (byte)'0' && (uint)(_text[first + 1] - '0') <= 9)
        {
            raw = decimals = 0;
            return false;
        }

        return TryTakeDecimal(out raw, out decimals);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeDecimalCarefully(out long raw, out int decimals)
    {
        var end = _position;
        while (end < _text.Length && IsNumberByte(_text[end])) end++;
        if (FixedPoint.TryParse(_text[_position..end], out raw, out decimals) != DecimalStatus.Ok) return false;
        _position = end;
        return true;
    }

    private static bool IsNumberByte(byte c) =>
        (uint)(c - '0') <= 9 || c is (byte)'.' or (byte)'e' or (byte)'E' or (byte)'-' or (byte)'+';

    /// <summary>
    /// The first up to eight digits at <paramref name="at"/>: their count and value, from one 8-byte load. The first byte
    /// that is no digit is found by a carry into its top bit; a shift then drops it and what follows, which puts the digits
    /// behind leading zeros, and three multiplications add neighbours, pairs and quadruples (the first digit is the lowest byte).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DigitRun(ReadOnlySpan<byte> text, int at, out ulong value)
    {
        return text.Length - at < 8 ? DigitRunAtEnd(text, at, out value) : DigitRun(BinaryPrimitives.ReadUInt64LittleEndian(text[at..]), out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DigitRun(ulong eightBytes, out ulong value)
    {
        var digits = eightBytes ^ 0x3030303030303030;
        var others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
        var count = BitOperations.TrailingZeroCount(others) >> 3; // 64 >> 3 = 8 where all are digits
        if (count == 0)
        {
            value = 0;
            return 0;
        }

        digits <<= 64 - (count << 3);
        digits = digits * 2561 >> 8;
        digits = (digits & 0x00FF00FF00FF00FF) * 6553601 >> 16;
        value = (digits & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
        return count;
    }

    private static int DigitRunAtEnd(ReadOnlySpan<byte> text, int at, out ulong value)
    {
        value = 0;
        var start = at;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++) value = value * 10 + (uint)(text[at] - '0');
        return at - start;
    }
}
