using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Penstock.Infrastructure.Threads;

namespace Penstock.Connectivity.Capture;

/// <summary>Where and how captures are written.</summary>
public sealed record CaptureOptions
{
    public required string Folder { get; init; }

    public required string Venue { get; init; }

    public string Market { get; init; } = "spot";

    /// <summary>Uncompressed bytes after which a new file begins.</summary>
    public long FileBytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>Files kept of this capture; older ones are deleted.</summary>
    public int FilesMax { get; init; } = 64;
}

/// <summary>What a <see cref="CaptureWriter"/> did. Written by its thread.</summary>
public sealed class CaptureStatistics
{
    /// <summary>Lines written, headers aside.</summary>
    public long Events;

    /// <summary>Bytes before compression.</summary>
    public long Bytes;

    public long Files;

    /// <summary>Lines lost because the disk refused them; the ring counts its own drops.</summary>
    public long Lost;

    /// <summary>Errors of the disk.</summary>
    public long Errors;
}

/// <summary>
/// Drains a <see cref="FrameRing"/> into rotating files of the neutral container recording/1 (gzip, JSON lines), so that what was
/// captured can be replayed. The header is a gzip member of its own, uncompressed and of fixed length: when the file is
/// finished the number of its events is written into it in place; −1 says the file was cut off. Runs on an I/O thread: it
/// waits for the disk, and nobody waits for it.
/// </summary>
public sealed class CaptureWriter(CaptureOptions options, FrameRing ring, Func<long, long> toUnixNs) : IAgent, FrameRing.IReader
{
    private const int RecordsPerStep = 256;
    private const int DiskTriesMax = 8;

    private readonly ArrayBufferWriter<byte> _line = new(64 * 1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private readonly Queue<string> _files = new();
    private FileStream? _file;
    private GZipStream? _gzip;
    private long _fileEvents;
    private long _fileBytes;
    private long _firstUnixNs;
    private int _failedOpens;

    public string Role => $"capture-{options.Venue}";

    public CaptureStatistics Statistics { get; } = new();

    /// <summary>The file being written; null when none is open.</summary>
    public string? CurrentFile => _file?.Name;

    public int DoWork() => ring.Read(this, RecordsPerStep);

    public void OnStop()
    {
        while (ring.Read(this, RecordsPerStep) > 0)
        {
        }

        Finish();
    }

    void FrameRing.IReader.OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
    {
        var unixNs = toUnixNs(stampNs);
        if (!TryOpen(unixNs))
        {
            Statistics.Lost++;
            return;
        }

        FormatLine(kind, connection, unixNs, url, payload);
        try
        {
            _gzip!.Write(_line.WrittenSpan);
        }
        catch (IOException)
        {
            Statistics.Lost++;
            Abandon();
            return;
        }

        _fileEvents++;
        _fileBytes += _line.WrittenCount;
        Statistics.Events++;
        Statistics.Bytes += _line.WrittenCount;
        if (_fileBytes >= options.FileBytesMax) Finish();
    }

    private void FormatLine(CaptureKind kind, int connection, long unixNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
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
    }

    private bool TryOpen(long unixNs)
    {
        if (_gzip is not null) return true;
        if (_failedOpens >= DiskTriesMax) return false;
        try
        {
            Directory.CreateDirectory(options.Folder);
            var path = Path.Combine(options.Folder, $"{options.Venue}-{options.Market}.{unixNs}.jsonl.gz");
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 64 * 1024);
            _firstUnixNs = unixNs;
            _fileEvents = _fileBytes = 0;
            WriteHeader(-1);
            _gzip = new GZipStream(_file, CompressionLevel.Fastest, leaveOpen: true);
            _failedOpens = 0;
            Statistics.Files++;
            Retain(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failedOpens++;
            Abandon();
            return false;
        }
    }

    private void WriteHeader(long events)
    {
        var captured = DateTimeOffset.UnixEpoch.AddTicks(_firstUnixNs / 100);
        var header = $"{{\"format\":\"recording/1\",\"venue\":\"{options.Venue}\",\"market\":\"{options.Market}\",\"source\":\"penstock capture\"," +
            $"\"captured_utc\":\"{captured:yyyy-MM-ddTHH:mm:ssZ}\",\"reframed\":false,\"events\":{events,12}}}\n";
        using (var member = new GZipStream(_file!, CompressionLevel.NoCompression, leaveOpen: true))
        {
            member.Write(Encoding.UTF8.GetBytes(header));
        }

        _file!.Flush();
    }

    private void Finish()
    {
        if (_gzip is null) return;
        try
        {
            _gzip.Dispose();
            _gzip = null;
            _file!.Position = 0;
            WriteHeader(_fileEvents);
            _file.Dispose();
            _file = null;
        }
        catch (IOException)
        {
            Abandon();
        }
    }

    /// <summary>Leaves the file as it is: its header says that it was cut off.</summary>
    private void Abandon()
    {
        Statistics.Errors++;
        var (gzip, file) = (_gzip, _file);
        (_gzip, _file) = (null, null);
        try
        {
            gzip?.Dispose();
            file?.Dispose();
        }
        catch (IOException)
        {
            // Counted above; the file is given up either way.
        }
    }

    private void Retain(string path)
    {
        _files.Enqueue(path);
        while (_files.Count > options.FilesMax) File.Delete(_files.Dequeue());
    }
}
