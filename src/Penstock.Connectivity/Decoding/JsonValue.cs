using System.Text;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;

namespace Penstock.Connectivity.Decoding;

/// <summary>
/// One value as its raw JSON text, grammar already checked by the scanner that cut it out; the default is "no such key".
/// Conversions say why they refuse; none throws or allocates, except <see cref="ToText"/>.
/// </summary>
public readonly ref struct JsonValue(ReadOnlySpan<byte> raw)
{
    public ReadOnlySpan<byte> Raw { get; } = raw;

    public bool IsPresent => !Raw.IsEmpty;

    /// <summary>Missing, null or "": the three ways venues leave a field out.</summary>
    public bool IsEmpty => Raw.IsEmpty || IsNull || (Raw.Length == 2 && IsString);

    public bool IsString => First == (byte)'"';

    public bool IsObject => First == (byte)'{';

    public bool IsArray => First == (byte)'[';

    public bool IsNull => First == (byte)'n';

    public bool IsTrue => First == (byte)'t';

    public bool IsFalse => First == (byte)'f';

    public bool IsNumber => First == (byte)'-' || (uint)(First - '0') <= 9;

    private byte First => Raw.IsEmpty ? (byte)0 : Raw[0];

    /// <summary>The string's bytes as sent, escapes not resolved; empty for anything but a string.</summary>
    public ReadOnlySpan<byte> Text => IsString ? Raw[1..^1] : default;

    public JsonMembers Members => new(this);

    public JsonElements Elements => new(this);

    /// <summary>
    /// The value of this name, missing where it comes twice: which one would be meant? For values looked up once; more
    /// fields of one object are cheaper with <see cref="JsonFields"/>.
    /// </summary>
    public JsonValue this[ReadOnlySpan<byte> name]
    {
        get
        {
            JsonValue found = default;
            foreach (var member in Members)
            {
                if (!member.Name.SequenceEqual(name)) continue;
                if (found.IsPresent) return default;
                found = member.Value;
            }

            return found;
        }
    }

    /// <summary>Checks one whole document, so that everything after it is slicing.</summary>
    /// <returns>None, Truncated, Malformed or InvalidUtf8; the root is missing unless None.</returns>
    public static QuarantineCause Parse(ReadOnlySpan<byte> document, out JsonValue root)
    {
        var cause = JsonScanner.Validate(document);
        root = cause == QuarantineCause.None ? new JsonValue(document.Trim(" \t\n\r"u8)) : default;
        return cause;
    }

    /// <summary>True for a string of exactly these bytes, escaped or not.</summary>
    public bool Is(ReadOnlySpan<byte> text) => IsString && (Text.SequenceEqual(text) || IsEscaped(text));

    /// <summary>
    /// The string with escapes resolved (some JSON writers send "BTC\/USD"); <paramref name="scratch"/> is used only where
    /// there are any. False for other kinds, half surrogate pairs, and escaped text longer than the scratch.
    /// </summary>
    public bool TryGetText(Span<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = Text;
        if (!IsString) return false;
        if (!text.Contains((byte)'\\')) return true;
        if (!TryUnescape(text, scratch, out var length)) return false;
        text = scratch[..length];
        return true;
    }

    /// <summary>
    /// The characters of a string, or the literal of anything else; empty where <see cref="TryGetText"/> says false of a string.
    /// </summary>
    public ReadOnlySpan<byte> GetText(Span<byte> scratch) => !IsString ? Raw : TryGetText(scratch, out var text) ? text : default;

    /// <summary>The string's characters; empty for anything but a string. Allocates: not for the hot path.</summary>
    public string ToText()
    {
        Span<byte> scratch = stackalloc byte[256];
        return TryGetText(scratch, out var text) ? Encoding.UTF8.GetString(text) : "";
    }

    /// <summary>A decimal, written as a string or as a number.</summary>
    public QuarantineCause GetDecimal(out long value, out int decimals)
    {
        if (IsString || IsNumber)
            return CauseOf(FixedPoint.TryParse(IsString ? Text : Raw, out value, out decimals));
        value = decimals = 0;
        return QuarantineCause.Malformed;
    }

    /// <summary>As <see cref="GetDecimal(out long, out int)"/>, kept with so many decimals (Instrument.PriceScale).</summary>
    public QuarantineCause GetDecimal(int scale, out long value, out int decimals)
    {
        if (IsString || IsNumber)
            return CauseOf(FixedPoint.TryParse(IsString ? Text : Raw, scale, out value, out decimals));
        value = decimals = 0;
        return QuarantineCause.Malformed;
    }

    /// <summary>A whole number, written as a string or as a number; zero unless None is returned.</summary>
    public QuarantineCause GetInt64(out long value)
    {
        value = 0;
        if (!IsString && !IsNumber) return QuarantineCause.Malformed;
        var digits = IsString ? Text : Raw;
        var negative = !digits.IsEmpty && digits[0] == (byte)'-';
        if (negative) digits = digits[1..];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return QuarantineCause.Malformed;
        long sum = 0;
        foreach (var digit in digits)
        {
            var high = Math.BigMul(sum, 10, out var low);
            sum = low - (digit - '0'); // counted downwards: the negative range is one larger
            if (high != (low < 0 ? -1 : 0) || sum > low) return QuarantineCause.NumberOverflow;
        }

        if (!negative && sum == long.MinValue) return QuarantineCause.NumberOverflow;
        value = negative ? sum : -sum;
        return QuarantineCause.None;
    }

    /// <summary>A time in milliseconds since the Unix epoch; <see cref="ExchangeTime"/> holds it until the year 2262.</summary>
    public QuarantineCause GetUnixMs(out ExchangeTime time)
    {
        time = default;
        var cause = GetInt64(out var ms);
        if (cause != QuarantineCause.None) return cause;
        if ((ulong)ms > long.MaxValue / 1_000_000) return QuarantineCause.NumberOutOfRange;
        time = ExchangeTime.FromMs(ms);
        return QuarantineCause.None;
    }

    /// <summary>Why a number's text was refused.</summary>
    public static QuarantineCause CauseOf(DecimalStatus status) => status switch
    {
        DecimalStatus.Ok => QuarantineCause.None,
        DecimalStatus.Unrepresentable => QuarantineCause.NumberUnrepresentable,
        DecimalStatus.Overflow => QuarantineCause.NumberOverflow,
        _ => QuarantineCause.Malformed,
    };

    /// <summary>No text asked for is longer than the scratch; what is, is another.</summary>
    private bool IsEscaped(ReadOnlySpan<byte> text)
    {
        if (!Text.Contains((byte)'\\')) return false;
        Span<byte> scratch = stackalloc byte[64];
        return TryUnescape(Text, scratch, out var length) && text.SequenceEqual(scratch[..length]);
    }

    private static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> scratch, out int length)
    {
        length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (scratch.Length - length < 4) return false;
            if (text[at] != (byte)'\\')
            {
                scratch[length++] = text[at];
                continue;
            }

            var kind = text[++at];
            if (kind != (byte)'u')
            {
                scratch[length++] = Plain(kind);
                continue;
            }

            var high = Hex(text.Slice(at + 1, 4));
            at += 4;
            var rune = new Rune();
            if (char.IsHighSurrogate(high))
            {
                if (text.Length - at < 7 || text[at + 1] != (byte)'\\' || text[at + 2] != (byte)'u') return false;
                if (!Rune.TryCreate(high, Hex(text.Slice(at + 3, 4)), out rune)) return false;
                at += 6;
            }
            else if (!Rune.TryCreate(high, out rune))
            {
                return false;
            }

            length += rune.EncodeToUtf8(scratch[length..]);
        }

        return true;
    }

    private static byte Plain(byte kind) => kind switch
    {
        (byte)'b' => 8,
        (byte)'f' => 12,
        (byte)'n' => 10,
        (byte)'r' => 13,
        (byte)'t' => 9,
        _ => kind,
    };

    private static char Hex(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var c in digits) value = value * 16 + ((c & 0x40) != 0 ? (c & 0xF) + 9 : c & 0xF);
        return (char)value;
    }
}
