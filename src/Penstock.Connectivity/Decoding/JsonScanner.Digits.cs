namespace Penstock.Connectivity.Decoding;

/// <summary>Numbers as text: those with more digits than 64 bits have (trade ids of 26 digits, quantities that are doubles).</summary>
public ref partial struct JsonScanner
{
    /// <summary>A whole number of any length, not negative; the byte after it is left for the next template.</summary>
    public bool TryTakeDigits(out ReadOnlySpan<byte> digits)
    {
        var rest = _text[_position..];
        var count = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (count < 0) count = rest.Length;
        digits = rest[..count];
        if (count == 0 || (count > 1 && rest[0] == (byte)'0')) return false;
        _position += count;
        return true;
    }

    /// <summary>The text of a number that does not begin with a needless zero; whether it is one, its parser says.</summary>
    public bool TryTakeNumberText(out ReadOnlySpan<byte> text)
    {
        var end = _position;
        while (end < _text.Length && IsNumberByte(_text[end])) end++;
        text = _text[_position..end];
        if (text.IsEmpty || (text.Length > 1 && text[0] == (byte)'0' && (uint)(text[1] - '0') <= 9)) return false;
        _position = end;
        return true;
    }
}
