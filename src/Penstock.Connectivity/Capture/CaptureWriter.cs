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

    /// <summary>Lines whose stamp was before that of the line above (a REST answer is stamped when it arrived, and stands where it was used); they carry that one instead.</summary>
    public long StampsRaised;
}

/// <summary>
/// Drains a <see cref="FrameRing"/> into rotating files of the neutral container recording/1, so that what was captured can be
/// replayed. A file that goes on in the middle of a connection names the one before it. Runs on an I/O thread: it waits for the
/// disk, and nobody waits for it.
/// </summary>
public sealed class CaptureWriter(CaptureOptions options, FrameRing ring, Func<long, long> toUnixNs) : IAgent, FrameRing.IReader
{
    private const int RecordsPerStep = 256;
    private const int DiskTriesMax = 8;

    private readonly Queue<string> _files = new();
    private RecordingFile? _file;
    private string? _previous;
    private long _lastUnixNs;
    private int _failedOpens;

    public string Role => $"capture-{options.Venue}";

    public CaptureStatistics Statistics { get; } = new();

    /// <summary>The file being written; null when none is open.</summary>
    public string? CurrentFile => _file?.Path;

    /// <summary>The files that are there, oldest first. For the writer's thread, or when it has ended.</summary>
    public IReadOnlyCollection<string> Files => _files;

    public int DoWork() => ring.Read(this, RecordsPerStep);

    /// <summary>
    /// Writes a REST answer past the ring, whatever its size: the instrument list, before anything is captured. Only while no thread
    /// steps this agent.
    /// </summary>
    public void WriteRest(ReadOnlySpan<byte> url, long receivedNs, ReadOnlySpan<byte> body) => Write(CaptureKind.Rest, 0, receivedNs, url, body);

    public void OnStop()
    {
        while (ring.Read(this, RecordsPerStep) > 0)
        {
        }

        Finish();
    }

    void FrameRing.IReader.OnRecord(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload) =>
        Write(kind, connection, stampNs, url, payload);

    private void Write(CaptureKind kind, int connection, long stampNs, ReadOnlySpan<byte> url, ReadOnlySpan<byte> payload)
    {
        var unixNs = InOrder(toUnixNs(stampNs));
        if (!TryOpen(unixNs))
        {
            Statistics.Lost++;
            return;
        }

        try
        {
            Statistics.Bytes += _file!.Write(kind, connection, unixNs, url, payload);
            Statistics.Events++;
        }
        catch (IOException)
        {
            Statistics.Lost++;
            Abandon();
            return;
        }

        if (_file.Bytes >= options.FileBytesMax) Finish();
    }

    /// <summary>Lines stand in the order in which the feed used them, and no reader has to sort: time never goes back within a capture.</summary>
    private long InOrder(long unixNs)
    {
        if (unixNs < _lastUnixNs) Statistics.StampsRaised++;
        return _lastUnixNs = Math.Max(_lastUnixNs, unixNs);
    }

    private bool TryOpen(long unixNs)
    {
        if (_file is not null) return true;
        if (_failedOpens >= DiskTriesMax) return false;
        try
        {
            Directory.CreateDirectory(options.Folder);
            var path = FreePath($"{options.Venue}-{options.Market}.{unixNs}");
            var title = new RecordingTitle { Venue = options.Venue, Market = options.Market, Source = "penstock capture", Continues = _previous };
            _file = new RecordingFile(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 64 * 1024), title, unixNs);
            _previous = Path.GetFileName(path);
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

    /// <summary>Two files may begin at the same nanosecond, after a stamp was raised or when a capture runs beside another.</summary>
    private string FreePath(string name)
    {
        var path = Path.Combine(options.Folder, name + ".jsonl.gz");
        return File.Exists(path) ? Path.Combine(options.Folder, $"{name}-{Statistics.Files}.jsonl.gz") : path;
    }

    private void Finish()
    {
        try
        {
            _file?.Finish();
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
        _file?.Dispose();
        _file = null;
    }

    private void Retain(string path)
    {
        _files.Enqueue(path);
        while (_files.Count > options.FilesMax) File.Delete(_files.Dequeue());
    }
}
