namespace Penstock.Infrastructure.Journal;

public sealed unsafe partial class JournalWriter
{
    // Held only to finish a preparation and to make a segment in need; a roll that finds a prepared segment takes no lock.
    private readonly Lock _preparingGate = new();
    private Preparation? _preparing;
    private JournalSegment? _prepared;
    private long _warmOffset;
    private long _warmCommits;
    private JournalSegment? _warmSegment;

    /// <summary>Bytes ahead of the writer that are kept writable, because each commit write-protects clean pages again.</summary>
    private const int WarmAheadBytes = 64 * 1024;

    /// <summary>A step of preparing the next segment; the preparer's thread only. Returns how much was done.</summary>
    internal int PrepareStep()
    {
        var warmed = WarmAhead();
        if (_disposed || Failed || Volatile.Read(ref _prepared) is not null)
        {
            return warmed;
        }

        try
        {
            _preparing ??= Preparation.Start(_options, wholeAtOnce: false);
            if (_preparing.Step())
            {
                lock (_preparingGate)
                {
                    var segment = _preparing.Finish(_number + 1);
                    _preparing = null;
                    Volatile.Write(ref _prepared, segment);
                }
            }

            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The writer will meet the same when it needs the segment, and then it is final; until then the disk may recover.
            _preparing?.Dispose();
            _preparing = null;
            return warmed;
        }
    }

    private int WarmAhead()
    {
        var current = Volatile.Read(ref _current);
        var commits = Volatile.Read(ref CommitStatistics.Commits);
        var end = current.EndOffset;
        if (current == _warmSegment && commits == _warmCommits && end < _warmOffset)
        {
            return 0;
        }

        _warmSegment = current;
        _warmCommits = commits;
        _warmOffset = end + (WarmAheadBytes / 2);

        // The committer may be giving this very segment back, if the writer has just left it; never the writer's thread.
        lock (_releaseGate)
        {
            for (var at = end; at < Math.Min(end + WarmAheadBytes, current.Bytes - 8) && !current.Released; at += JournalSegment.PageBytes)
            {
                current.Touch(at);
            }
        }

        return 1;
    }

    private JournalSegment? TakePrepared() => Interlocked.Exchange(ref _prepared, null);

    private JournalSegment? PrepareInline()
    {
        Statistics.SegmentsPreparedInline++;
        try
        {
            lock (_preparingGate)
            {
                if (TakePrepared() is { } justReady)
                {
                    return justReady;
                }

                return Preparation.Start(_options, wholeAtOnce: true).Finish(_number + 1);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail($"No next segment: {e.Message}");
            return null;
        }
    }

    private void DiscardPrepared()
    {
        _preparing?.Dispose();
        _preparing = null;
        if (TakePrepared() is { } unused)
        {
            var path = unused.Path;
            unused.Dispose();
            File.Delete(path);
        }
    }
}
