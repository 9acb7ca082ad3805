using System.IO.Compression;
using System.Text.Json;

namespace Penstock.MarketData.Inspection;

/// <summary>
/// Reads a <c>recording/1</c> container (gzip, JSON lines; recordings/README.md) line by line. A damaged container ends the
/// reading where the damage is, with <see cref="Problem"/> saying what it was; what came before stays read.
/// </summary>
public sealed class RecordingReader : IDisposable
{
    private const int LineBytesMax = 64 << 20;

    private readonly Stream _stream;
    private byte[] _buffer = new byte[256 * 1024];
    private byte[] _data = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _atEnd;

    private RecordingReader(Stream stream) => _stream = stream;

    public RecordingHeader Header { get; private set; } = new("", "", 0, "");

    /// <summary>Lines after the header read so far.</summary>
    public long EventsRead { get; private set; }

    /// <summary>Null while nothing is wrong with the container.</summary>
    public string? Problem { get; private set; }

    /// <param name="file">The gzip stream; owned from here on.</param>
    /// <exception cref="InvalidDataException">It is no recording/1 at all: the message says what was found.</exception>
    public static RecordingReader Open(Stream file)
    {
        var reader = new RecordingReader(new GZipStream(file, CompressionMode.Decompress));
        try
        {
            reader.ReadHeader();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>The next line; false at the end and at the first damage.</summary>
    public bool TryRead(out RecordedEvent recorded)
    {
        recorded = default;
        if (Problem is not null) return false;
        try
        {
            if (!TryReadLine(out var line))
            {
                if (EventsRead != Header.Events) Problem = $"{EventsRead} events, the header says {Header.Events}.";
                return false;
            }

            recorded = Parse(line);
            EventsRead++;
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or JsonException or FormatException or InvalidOperationException)
        {
            Problem = $"Unreadable after {EventsRead} events: {e.Message}";
            return false;
        }
    }

    public void Dispose() => _stream.Dispose();

    private void ReadHeader()
    {
        try
        {
            if (!TryReadLine(out var line)) throw new InvalidDataException("The recording is empty.");
            using var header = JsonDocument.Parse(line.ToArray());
            var root = header.RootElement;
            var format = Text(root, "format");
            if (format != "recording/1") throw new InvalidDataException($"Expected a recording/1, found '{format}'.");
            Header = new RecordingHeader(
                Text(root, "venue"), Text(root, "market"),
                root.TryGetProperty("events", out var events) ? events.GetInt64() : 0, Text(root, "captured_utc"));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"The first line is no recording header: {e.Message}", e);
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private RecordedEvent Parse(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        var kind = RecordedKind.Other;
        long time = 0;
        var connection = 0;
        string? url = null;
        var length = 0;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("A line is no JSON object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan;
            if (name.Length != 1)
            {
                json.Read();
                json.Skip();
                continue;
            }

            var field = name[0];
            json.Read();
            switch (field)
            {
                case (byte)'t': time = json.GetInt64(); break;
                case (byte)'c': connection = json.GetInt32(); break;
                case (byte)'k': kind = KindOf(ref json); break;
                case (byte)'u': url = json.GetString(); break;
                case (byte)'d': length = CopyText(ref json); break;
                case (byte)'b': length = CopyBase64(ref json); break;
                default: json.Skip(); break;
            }
        }

        return new RecordedEvent(kind, time, connection, url, _data.AsSpan(0, length));
    }

    private static RecordedKind KindOf(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("recv"u8)) return RecordedKind.Received;
        if (json.ValueTextEquals("rest"u8)) return RecordedKind.Rest;
        if (json.ValueTextEquals("open"u8)) return RecordedKind.Open;
        if (json.ValueTextEquals("sent"u8)) return RecordedKind.Sent;
        return json.ValueTextEquals("close"u8) ? RecordedKind.Close : RecordedKind.Other;
    }

    private int CopyText(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null) return 0;
        // Unescaping never makes text longer.
        if (json.ValueSpan.Length > _data.Length) _data = new byte[json.ValueSpan.Length];
        return json.CopyString(_data);
    }

    private int CopyBase64(ref Utf8JsonReader json)
    {
        var bytes = json.GetBytesFromBase64();
        if (bytes.Length > _data.Length) _data = new byte[bytes.Length];
        bytes.CopyTo(_data, 0);
        return bytes.Length;
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var window = _buffer.AsSpan(_start, _end - _start);
            var newline = window[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = window[..(searched + newline)];
                _start += searched + newline + 1;
                return true;
            }

            searched = window.Length;
            if (_atEnd)
            {
                line = window;
                _start = _end;
                return window.Length > 0;
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LineBytesMax) throw new InvalidDataException($"A line is longer than {LineBytesMax} bytes.");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
