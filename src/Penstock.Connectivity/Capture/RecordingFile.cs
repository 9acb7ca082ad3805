using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Penstock.Connectivity.Capture;

/// <summary>What the first line of a recording says, besides its time and the number of its events.</summary>
public sealed record RecordingTitle
{
    /// <summary>Lower-case name of the exchange, by which a reader finds the decoder.</summary>
    public required string Venue { get; init; }

    /// <summary>spot, usdm, linear …</summary>
    public required string Market { get; init; }

    /// <summary>Where the traffic comes from.</summary>
    public required string Source { get; init; }

    /// <summary>False: frames are byte for byte as received.</summary>
    public bool IsReframed { get; init; }

    /// <summary>The file this one goes on from, in the middle of its connections; null for the first.</summary>
    public string? Continues { get; init; }

    /// <summary>The exchange, where <see cref="Venue"/> names a neutral format instead.</summary>
    public string? Exchange { get; init; }

    /// <summary>What a reader has to know.</summary>
    public string? Note { get; init; }
}

/// <summary>
/// One container of the format recording/1 being written: gzip, JSON lines, a header first (docs/guides/capture.md). The header is a
/// gzip member of its own, uncompressed and of fixed length, so that the number of events is written into it in place when the file is
/// finished; −1 says the file was cut off. One thread; it waits for the disk and throws what the disk throws.
/// </summary>
public sealed class RecordingFile : IDisposable
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly FileStream _file;
    private readonly GZipStream _gzip;
    private readonly RecordingTitle _title;
    private readonly long _firstUnixNs;
    private readonly ArrayBufferWriter<byte> _line = new(64 * 1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, Relaxed);

    /// <param name="file">Empty, seekable; owned from here on, also when this throws.</param>
    /// <param name="title">Goes into the header.</param>
    /// <param name="firstUnixNs">Time of the first event, nanoseconds since the Unix epoch.</param>
    /// <exception cref="IOException">The disk refuses the header.</exception>
    public RecordingFile(FileStream file, RecordingTitle title, long firstUnixNs)
    {
        (_file, _title, _firstUnixNs) = (file, title, firstUnixNs);
        try
        {
            WriteHeader(-1);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
    }

    public string Path => _file.Name;

    /// <summary>Lines after the header.</summary>
    public long Events { get; private set; }

    /// <summary>Bytes of those lines before compression.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends one event; returns the bytes of its line.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="connection">From 1; 0 for REST.</param>
    /// <param name="unixNs">Receive or send time.</param>
    /// <param name="url">Of open and rest lines, else empty.</param>
    /// <param name="payload">The exact bytes: text where they are UTF-8, base64 where they are not.</param>
    /// <exception cref="IOException">The disk is full or gone; the file is of no further use.</exception>
    public int Write(CaptureKind kind, int connection, long unixNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
    {
        _line.ResetWrittenCount();
        _json.Reset(_line);
        _json.WriteStartObject();
        _json.WriteNumber("t"u8, unixNs);
        _json.WriteNumber("c"u8, connection);
        _json.WriteString("k"u8, kind switch
        {
            CaptureKind.Open => "open"u8,
            CaptureKind.Close => "close"u8,
            CaptureKind.Sent => "sent"u8,
            CaptureKind.Received => "recv"u8,
            _ => "rest"u8,
        });
        if (url.IsEmpty) _json.WriteNull("u"u8);
        else _json.WriteString("u"u8, url);
        if (kind is CaptureKind.Sent or CaptureKind.Received or CaptureKind.Rest)
        {
            if (Utf8.IsValid(payload)) _json.WriteString("d"u8, payload);
            else _json.WriteBase64String("b"u8, payload);
        }

        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        _gzip.Write(_line.WrittenSpan);
        Events++;
        Bytes += _line.WrittenCount;
        return _line.WrittenCount;
    }

    /// <summary>Writes the number of events into the header and closes the file.</summary>
    /// <exception cref="IOException">The disk is full or gone; the file stays cut off.</exception>
    public void Finish()
    {
        _gzip.Dispose();
        _file.Position = 0;
        WriteHeader(Events);
        _file.Dispose();
    }

    /// <summary>Leaves the file as it is, its header saying that it was cut off. Nothing after <see cref="Finish"/>.</summary>
    public void Dispose()
    {
        try
        {
            _gzip.Dispose();
            _file.Dispose();
        }
        catch (IOException)
        {
            // Given up already: what the compressor still held is lost with the rest.
        }
    }

    private void WriteHeader(long events)
    {
        _line.ResetWrittenCount();
        _json.Reset(_line);
        _json.WriteStartObject();
        _json.WriteString("format"u8, "recording/1"u8);
        _json.WriteString("venue"u8, _title.Venue);
        _json.WriteString("market"u8, _title.Market);
        if (_title.Exchange is { } exchange) _json.WriteString("exchange"u8, exchange);
        _json.WriteString("source"u8, _title.Source);
        _json.WriteString("captured_utc"u8, $"{DateTimeOffset.UnixEpoch.AddTicks(_firstUnixNs / 100):yyyy-MM-ddTHH:mm:ssZ}");
        _json.WriteBoolean("reframed"u8, _title.IsReframed);
        if (_title.Continues is { } before) _json.WriteString("continues"u8, before);
        if (_title.Note is { } note) _json.WriteString("note"u8, note);
        // Padded, so that the header has one length whatever the number.
        _json.WritePropertyName("events"u8);
        _json.WriteRawValue($"{events,12}", skipInputValidation: true);
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        using (var member = new GZipStream(_file, CompressionLevel.NoCompression, leaveOpen: true)) member.Write(_line.WrittenSpan);
        _file.Flush();
    }
}
