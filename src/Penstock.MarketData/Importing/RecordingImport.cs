using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Feeds;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Importing;

/// <summary>What to import.</summary>
public sealed record ImportRequest
{
    public required ImportFormat Format { get; init; }

    /// <summary>Of one capture; they are merged by time.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The exchange they come from.</summary>
    public required IVenue Venue { get; init; }

    public required string Market { get; init; }

    /// <summary>The recording to write; must not exist.</summary>
    public required string Output { get; init; }
}

/// <summary>What became of an import.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Events">Events written.</param>
/// <param name="Connections">Connections among them.</param>
/// <param name="Problem">Null when all went well; else "file:line: what", and nothing was left behind.</param>
public sealed record ImportResult(long Lines, long Events, int Connections, string? Problem);

/// <summary>
/// Turns files of other recorders into one recording/1 (E15). Several files of one capture are merged by receive time, each keeping its own
/// order. Written under another name and renamed at the end: there is the whole recording, or none.
/// </summary>
public sealed class RecordingImport
{
    private readonly ImportRequest _request;
    private readonly List<ImportSource> _sources = [];
    private readonly List<int> _connections = [];
    private RecordingFile? _file;
    private long _lastUnixNs;
    private int _opened;

    private RecordingImport(ImportRequest request) => _request = request;

    private bool IsNormalised => _request.Format is ImportFormat.TardisTrades or ImportFormat.TardisBook;

    /// <exception cref="IOException">A file cannot be opened, or the disk refuses the output.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static ImportResult Run(ImportRequest request)
    {
        var import = new RecordingImport(request);
        // Beside the output, so that the rename stays on one disk.
        var part = request.Output + ".part";
        try
        {
            foreach (var path in request.Files) import._sources.Add(import.Open(path));
            var problem = import.Merge(part);
            if (problem is null && import._file is null) problem = $"{request.Files[0]}: there is nothing in it to import";
            var events = import._file?.Events ?? 0;
            if (problem is null)
            {
                import._file!.Finish();
                File.Move(part, request.Output, overwrite: false);
            }

            return new ImportResult(import._sources.Sum(s => s.Line), problem is null ? events : 0, import._opened, problem);
        }
        finally
        {
            import._file?.Dispose();
            foreach (var source in import._sources) source.Dispose();
            File.Delete(part);
        }
    }

    private ImportSource Open(string path) => _request.Format switch
    {
        ImportFormat.Cryptofeed => new CryptofeedSource(path),
        ImportFormat.HftBacktest => new HftBacktestSource(path, SnapshotUrl),
        ImportFormat.Recording => new RecordingSource(path),
        _ => new TardisSource(path, _request.Format == ImportFormat.TardisBook),
    };

    /// <summary>The oldest of what the sources have next, until all are empty; what went wrong, or null.</summary>
    private string? Merge(string part)
    {
        var next = new ImportedEvent?[_sources.Count];
        for (var i = 0; i < next.Length; i++)
        {
            _connections.Add(0);
            if (Advance(i, next) is { } problem) return problem;
        }

        while (true)
        {
            var oldest = -1;
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] is { } candidate && (oldest < 0 || candidate.UnixNs < next[oldest]!.Value.UnixNs)) oldest = i;
            }

            if (oldest < 0) return null;
            Write(oldest, next[oldest]!.Value, part);
            if (Advance(oldest, next) is { } problem) return problem;
        }
    }

    private string? Advance(int source, ImportedEvent?[] next)
    {
        next[source] = _sources[source].TryRead(out var imported) ? imported : null;
        return _sources[source].Problem;
    }

    private void Write(int source, in ImportedEvent imported, string part)
    {
        _file ??= new RecordingFile(new FileStream(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024), Title(), imported.UnixNs);
        // Collectors stamp on several threads; a recording's time never goes back.
        _lastUnixNs = Math.Max(_lastUnixNs, imported.UnixNs);
        if (imported.Kind == CaptureKind.Open && !JoinsConnection(source)) _connections[source] = ++_opened;
        else if (imported.Kind == CaptureKind.Open) return;
        var connection = imported.Kind == CaptureKind.Rest ? 0 : imported.Connection > 0 ? imported.Connection : _connections[source];
        _file.Write(imported.Kind, connection, _lastUnixNs, Encoding.UTF8.GetBytes(imported.Url), imported.Payload.Span);
    }

    /// <summary>Day files of one symbol go on where the last one ended; the other formats write down where connections begin.</summary>
    private bool JoinsConnection(int source)
    {
        if (_request.Format is ImportFormat.Cryptofeed or ImportFormat.Recording || _opened == 0) return false;
        _connections[source] = 1;
        return true;
    }

    private RecordingTitle Title() => new()
    {
        Venue = IsNormalised ? NormalisedVenue.Name : _request.Venue.Profile.Exchange,
        Market = _request.Market,
        Source = $"{_request.Format} {string.Join(' ', _request.Files.Select(f => Path.GetFileName(f)))}",
        Exchange = IsNormalised ? _request.Venue.Profile.Exchange : null,
        IsReframed = IsNormalised,
        Note = IsNormalised ? "frames are rows of a CSV file in the shape of tardis-machine, not what the exchange sent"
            : _request.Format == ImportFormat.HftBacktest ? "open lines and the URLs of snapshots are the importer's" : null,
    };

    private string? SnapshotUrl(string symbol)
    {
        var table = new InstrumentTable { DiscoverUnknown = true };
        table.TryFind(new VenueId(1), Encoding.UTF8.GetBytes(symbol), out var id);
        var request = _request.Venue.CreateFeed(new FeedContext(new VenueId(1), table)).SnapshotRequest(table[id]);
        return request is null ? null : new Uri(_request.Venue.Profile.Live.Rest, request.PathAndQuery).AbsoluteUri;
    }
}
