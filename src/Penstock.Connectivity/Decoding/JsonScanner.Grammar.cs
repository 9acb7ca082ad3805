using Penstock.Connectivity.Feeds;

namespace Penstock.Connectivity.Decoding;

/// <summary>The grammar of RFC 8259, checked without recursion: nesting is a bit stack, so depth costs no stack.</summary>
public ref partial struct JsonScanner
{
    /// <summary>Passes one value of any kind and checks it. The position is on its first byte.</summary>
    private bool SkipValue()
    {
        ulong objects = 0;
        var depth = 0;
        while (true)
        {
            if (!PeekToken(out var first)) return false;
            if (first is (byte)'{' or (byte)'[')
            {
                if (depth == DepthMax) return Fail(QuarantineCause.Malformed);
                _position++;
                objects = (objects << 1) | (first == (byte)'{' ? 1UL : 0);
                depth++;
                if (!PeekToken(out var next)) return false;
                if (next != Closing(objects))
                {
                    if ((objects & 1) != 0 && !SkipKey()) return false;
                    continue;
                }
            }
            else if (!SkipScalar(first))
            {
                return false;
            }

            if (!CloseContainers(ref objects, ref depth)) return false;
            if (depth == 0) return true;
        }
    }

    private static byte Closing(ulong objects) => (objects & 1) != 0 ? (byte)'}' : (byte)']';

    /// <summary>After a value: closes what ends here, or moves behind the comma (and the key) of the next value.</summary>
    private bool CloseContainers(ref ulong objects, ref int depth)
    {
        while (depth > 0)
        {
            if (!PeekToken(out var next)) return false;
            _position++;
            if (next == (byte)',')
            {
                return (objects & 1) == 0 || SkipKey();
            }

            if (next != Closing(objects)) return Fail(QuarantineCause.Malformed);
            objects >>= 1;
            depth--;
        }

        return true;
    }

    private bool SkipKey()
    {
        if (!PeekToken(out var quote)) return false;
        if (quote != (byte)'"') return Fail(QuarantineCause.Malformed);
        if (!SkipString()) return false;
        _keyEnd = _position - 1;
        if (!PeekToken(out var colon)) return false;
        if (colon != (byte)':') return Fail(QuarantineCause.Malformed);
        _position++;
        return true;
    }

    private bool SkipScalar(byte first) => first switch
    {
        (byte)'"' => SkipString(),
        (byte)'t' => SkipWord("true"u8),
        (byte)'f' => SkipWord("false"u8),
        (byte)'n' => SkipWord("null"u8),
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => SkipNumber(),
        _ => Fail(QuarantineCause.Malformed),
    };

    private bool SkipWord(ReadOnlySpan<byte> word)
    {
        var rest = _text[_position..];
        if (rest.StartsWith(word))
        {
            _position += word.Length;
            return true;
        }

        return Fail(word.StartsWith(rest) ? QuarantineCause.Truncated : QuarantineCause.Malformed);
    }

    private bool SkipString()
    {
        _position++;
        while (true)
        {
            var rest = _text[_position..];
            var stop = rest.IndexOfAny((byte)'"', (byte)'\\');
            var plain = stop < 0 ? rest : rest[..stop];
            if (plain.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0) return Fail(QuarantineCause.Malformed);
            if (stop < 0) return Fail(QuarantineCause.Truncated);
            _position += stop + 1;
            if (rest[stop] == (byte)'"') return true;
            if (!SkipEscape()) return false;
        }
    }

    private bool SkipEscape()
    {
        if (_position == _text.Length) return Fail(QuarantineCause.Truncated);
        var kind = _text[_position++];
        if (kind != (byte)'u')
            return "\"\\/bfnrt"u8.Contains(kind) || Fail(QuarantineCause.Malformed);

        for (var digit = 0; digit < 4; digit++)
        {
            if (_position == _text.Length) return Fail(QuarantineCause.Truncated);
            if (!char.IsAsciiHexDigit((char)_text[_position++])) return Fail(QuarantineCause.Malformed);
        }

        return true;
    }

    private bool SkipNumber()
    {
        if (_text[_position] == (byte)'-') _position++;
        var zero = _position < _text.Length && _text[_position] == (byte)'0';
        var start = _position;
        if (!SkipDigits()) return false;
        if (zero && _position - start > 1) return Fail(QuarantineCause.Malformed);
        if (_position < _text.Length && _text[_position] == (byte)'.')
        {
            _position++;
            if (!SkipDigits()) return false;
        }

        if (_position < _text.Length && (_text[_position] | 0x20) == 'e')
        {
            _position++;
            if (_position < _text.Length && _text[_position] is (byte)'+' or (byte)'-') _position++;
            if (!SkipDigits()) return false;
        }

        return true;
    }

    private bool SkipDigits()
    {
        if (_position == _text.Length) return Fail(QuarantineCause.Truncated);
        var start = _position;
        while (_position < _text.Length && (uint)(_text[_position] - '0') <= 9) _position++;
        return _position > start || Fail(QuarantineCause.Malformed);
    }
}
