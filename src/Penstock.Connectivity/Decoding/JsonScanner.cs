using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Penstock.Connectivity.Feeds;

namespace Penstock.Connectivity.Decoding;

/// <summary>
/// Reads JSON at two speeds, allocates nothing, and never reads past its span.
/// <para>
/// The <c>TryTake…</c> members compare the bytes with the layout a venue documents: a whole key with its punctuation is one
/// vector compare, a number is two. They know no white space, no escapes and no other key order; where one returns false the
/// decoder drops what it has and starts again on the careful path. So speed never decides what a frame means.
/// </para>
/// <para>
/// The careful path (<see cref="BeginObject"/>, <see cref="NextKey"/>, <see cref="Take"/>, <see cref="Finish"/>) accepts any
/// key order, checks the grammar of everything it passes, and hands out values as slices to be converted when all are known.
/// One scanner walks one container; a nested one is walked by a new scanner over its slice. Errors stick: the first one ends
/// every loop and <see cref="Finish"/> reports it, Truncated where the bytes merely end, Malformed where they are wrong.
/// </para>
/// </summary>
public ref partial struct JsonScanner
{
    /// <summary>Containers within containers; the venues use five. A frame nested deeper is hostile.</summary>
    public const int DepthMax = 64;

    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private int _items;
    private int _keyEnd;
    private bool _closed;
    private QuarantineCause _cause;

    // Of the last pair's numbers; only JsonScanner.Pairs.cs knows what they mean.
    private int _firstForm;
    private int _secondForm;

    public JsonScanner(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Walks a container within another; that a key is missing is found here, and is no truncation.</summary>
    public JsonScanner(JsonValue value)
    {
        _text = value.Raw;
        if (!value.IsPresent) _cause = QuarantineCause.Malformed;
    }

    /// <summary>Checks one whole document: encoding, grammar, nothing after it.</summary>
    public static QuarantineCause Validate(ReadOnlySpan<byte> document)
    {
        if (!Utf8.IsValid(document)) return QuarantineCause.InvalidUtf8;
        var scanner = new JsonScanner(document);
        scanner.SkipWhitespace();
        scanner._closed = scanner.SkipValue();
        return scanner.Finish();
    }

    /// <summary>Enters the object the text consists of.</summary>
    public void BeginObject() => Begin((byte)'{');

    /// <summary>Enters the array the text consists of.</summary>
    public void BeginArray() => Begin((byte)'[');

    /// <summary>
    /// The next key of the entered object, as its raw bytes: a key written with escapes equals no documented one. False at
    /// the end of the object and after an error. Follow with <see cref="Take"/> or <see cref="Skip"/>.
    /// </summary>
    public bool NextKey(out ReadOnlySpan<byte> key)
    {
        key = default;
        if (!NextItem((byte)'}')) return false;
        var start = _position + 1;
        if (!SkipKey()) return false;
        key = _text[start.._keyEnd];
        return true;
    }

    /// <summary>The next element of the entered array. False at its end and after an error.</summary>
    public bool NextElement(out JsonValue value)
    {
        value = default;
        if (!NextItem((byte)']')) return false;
        value = ReadValue();
        return value.IsPresent;
    }

    /// <summary>Stores the value of the key just read. The same key twice is an error: which one would be meant?</summary>
    public void Take(ref JsonValue slot)
    {
        var value = ReadValue();
        if (slot.IsPresent) Fail(QuarantineCause.Malformed);
        else slot = value;
    }

    public void Skip() => ReadValue();

    /// <summary>What went wrong, or None when the container was closed and nothing but white space follows.</summary>
    public QuarantineCause Finish()
    {
        if (_cause != QuarantineCause.None) return _cause;
        SkipWhitespace();
        if (!_closed) return QuarantineCause.Malformed;
        return _position == _text.Length ? QuarantineCause.None : QuarantineCause.Malformed;
    }

    private void Begin(byte open)
    {
        if (_cause != QuarantineCause.None) return;
        SkipWhitespace();
        if (_position == _text.Length) Fail(QuarantineCause.Truncated);
        else if (_text[_position] != open) Fail(QuarantineCause.Malformed);
        else _position++;
    }

    private bool NextItem(byte close)
    {
        if (_closed || _cause != QuarantineCause.None) return false;
        if (!PeekToken(out var next)) return false;
        if (next == close)
        {
            _position++;
            _closed = true;
            return false;
        }

        if (_items++ == 0) return true;
        if (next != (byte)',') return Fail(QuarantineCause.Malformed);
        _position++;
        return PeekToken(out _);
    }

    private JsonValue ReadValue()
    {
        if (_cause != QuarantineCause.None) return default;
        SkipWhitespace();
        var start = _position;
        return SkipValue() ? new JsonValue(_text[start.._position]) : default;
    }

    private bool Fail(QuarantineCause cause)
    {
        if (_cause == QuarantineCause.None) _cause = cause;
        _position = _text.Length;
        return false;
    }

    /// <summary>The next byte that is not white space; fails at the end of the text.</summary>
    private bool PeekToken(out byte next)
    {
        SkipWhitespace();
        if (_position < _text.Length)
        {
            next = _text[_position];
            return true;
        }

        next = 0;
        return Fail(QuarantineCause.Truncated);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhitespace()
    {
        while (_position < _text.Length && _text[_position] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _position++;
    }
}
