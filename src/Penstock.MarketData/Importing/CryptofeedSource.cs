using System.Buffers.Text;
using System.Text;
using Penstock.Connectivity.Capture;

namespace Penstock.MarketData.Importing;

/// <summary>
/// A file of cryptofeed's raw data collection, one per connection:
/// <code>
///   configuration: …                       passed over
///   URL &lt;-&gt; SECONDS                        a connection is opened
///   URL &lt;- SECONDS: TEXT                   sent
///   URL -&gt; SECONDS: TEXT                   a REST answer
///   SECONDS: TEXT                          received; in a file without connection, a REST answer without its URL
/// </code>
/// SECONDS is a Python float, TEXT the frame, or a Python bytes literal where it was binary.
/// </summary>
internal sealed class CryptofeedSource(string path) : ImportSource(path)
{
    private readonly MemoryStream _bytes = new();
    private bool _opened;
    private ImportedEvent? _pending;

    public override bool TryRead(out ImportedEvent imported)
    {
        imported = default;
        if (_pending is { } waiting)
        {
            (_pending, imported) = (null, waiting);
            return true;
        }

        while (TryReadLine(out var line))
        {
            if (line.IsEmpty || line.Span.StartsWith("configuration: "u8)) continue;
            return TryParse(line, out imported);
        }

        return false;
    }

    private bool TryParse(ReadOnlyMemory<byte> line, out ImportedEvent imported)
    {
        imported = default;
        if (line.Span[0] is >= (byte)'0' and <= (byte)'9')
            return _opened ? TryMessage(CaptureKind.Received, "", line, out imported) : TryMessage(CaptureKind.Rest, "cryptofeed:" + FileName, line, out imported);
        if (!line.Span.StartsWith("ws"u8) && !line.Span.StartsWith("http"u8)) return Fail("expected a time or a URL at the start of the line");
        var space = line.Span.IndexOf((byte)' ');
        if (space < 0) return Fail("expected '<->', '<-' or '->' behind the URL");
        var url = Encoding.UTF8.GetString(line.Span[..space]);
        var rest = line[(space + 1)..];
        if (rest.Span.StartsWith("<-> "u8)) return TryOpen(url, rest[4..], out imported);
        if (rest.Span.StartsWith("<- "u8)) return TryMessage(CaptureKind.Sent, "", rest[3..], out imported);
        return rest.Span.StartsWith("-> "u8) ? TryMessage(CaptureKind.Rest, url, rest[3..], out imported) : Fail("expected '<->', '<-' or '->' behind the URL");
    }

    /// <summary>An end is not written down: that of the connection before is where the next one begins.</summary>
    private bool TryOpen(string url, ReadOnlyMemory<byte> time, out ImportedEvent imported)
    {
        imported = default;
        if (!TrySeconds(time.Span, out var unixNs)) return Fail("expected a time in seconds behind '<->'");
        imported = new ImportedEvent(CaptureKind.Open, unixNs, url, default);
        if (_opened)
        {
            _pending = imported;
            imported = new ImportedEvent(CaptureKind.Close, unixNs, "", default);
        }

        _opened = true;
        return true;
    }

    private bool TryMessage(CaptureKind kind, string url, ReadOnlyMemory<byte> text, out ImportedEvent imported)
    {
        imported = default;
        var colon = text.Span.IndexOf(": "u8);
        if (colon < 0 || !TrySeconds(text.Span[..colon], out var unixNs)) return Fail("expected a time in seconds and ': ' before the frame");
        var payload = text[(colon + 2)..];
        if (IsBytesLiteral(payload.Span))
        {
            if (!TryUnescape(payload.Span[2..^1])) return Fail("the bytes literal holds an escape that Python does not have");
            payload = _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);
        }

        if (kind == CaptureKind.Sent && !_opened) return Fail("a frame was sent before any connection was opened");
        imported = new ImportedEvent(kind, unixNs, url, payload);
        return true;
    }

    /// <summary>1633998511.132921, exactly: a double would lose the nanoseconds.</summary>
    private static bool TrySeconds(ReadOnlySpan<byte> text, out long unixNs)
    {
        unixNs = 0;
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        var digits = dot < 0 ? default : text[(dot + 1)..];
        if (whole.Length is 0 or > 10 || digits.Length > 9 || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9') || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        Utf8Parser.TryParse(whole, out long seconds, out _);
        long fraction = 0;
        for (var place = 0; place < 9; place++) fraction = fraction * 10 + (place < digits.Length ? digits[place] - '0' : 0);
        // 9,223,372,036 s is as far as 64 bits of nanoseconds go.
        if (seconds is 0 or > 9_223_372_035) return false;
        unixNs = seconds * 1_000_000_000 + fraction;
        return true;
    }

    private static bool IsBytesLiteral(ReadOnlySpan<byte> text) =>
        text.Length >= 3 && text[0] == 'b' && text[1] is (byte)'\'' or (byte)'"' && text[^1] == text[1];

    /// <summary>Python's escapes in bytes: \xHH, octal, and the single letters.</summary>
    private bool TryUnescape(ReadOnlySpan<byte> literal)
    {
        _bytes.SetLength(0);
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\')
            {
                _bytes.WriteByte(literal[i]);
                continue;
            }

            if (++i == literal.Length) return false;
            switch (literal[i])
            {
                case (byte)'x' when i + 2 < literal.Length && Utf8Parser.TryParse(literal.Slice(i + 1, 2), out byte hex, out var used, 'x') && used == 2:
                    _bytes.WriteByte(hex);
                    i += 2;
                    break;
                case >= (byte)'0' and <= (byte)'7':
                    var octal = 0;
                    var first = i;
                    for (; i < literal.Length && i < first + 3 && literal[i] is >= (byte)'0' and <= (byte)'7'; i++) octal = octal * 8 + (literal[i] - '0');
                    i--;
                    _bytes.WriteByte((byte)octal);
                    break;
                default:
                    if ("\\'\"abfnrtv"u8.IndexOf(literal[i]) is var letter && letter < 0) return false;
                    _bytes.WriteByte("\\'\"\a\b\f\n\r\t\v"u8[letter]);
                    break;
            }
        }

        return true;
    }
}
