namespace Penstock.Infrastructure.Journal;

public sealed unsafe partial class JournalWriter
{
    private readonly Lock _releaseGate = new();
    private volatile bool _committerAttached;

    // The committing thread's own, except where read Volatile.
    private JournalSegment _oldest = null!;
    private long _committedSequence;
    private long _committedOffset;
    private long _committingNumber;

    /// <summary>
    /// Group commit: makes everything appended so far durable, with one sync per segment touched. Called by the committer's
    /// thread, or by the owner when there is no committer. Returns the records it made durable; 0 when there was nothing to do
    /// or the journal has failed.
    /// </summary>
    public int Commit()
    {
        if (Failed || (Sequence == _committedSequence && _oldest.Next is null))
        {
            return 0;
        }

        var before = _committedSequence;
        CommitAll();
        return (int)Math.Min(int.MaxValue, _committedSequence - before);
    }

    internal void AttachCommitter() => _committerAttached = true;

    private void CommitAll()
    {
        try
        {
            // Read before syncing: every record up to here was stored whole before (release in Append), in this or an older segment.
            var sequence = Sequence;
            while (_oldest.Next is { } next)
            {
                CommitSegment(_oldest);
                Release(_oldest);
                _oldest = next;
                _committedOffset = 0;
                Volatile.Write(ref _committingNumber, next.Number);
            }

            CommitSegment(_oldest);
            CommitStatistics.RecordsCommitted += sequence - _committedSequence;
            Volatile.Write(ref CommitStatistics.Commits, CommitStatistics.Commits + 1);
            Volatile.Write(ref _committedSequence, sequence);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            CommitStatistics.CommitFailures++;
            Fail($"Commit failed, no record is taken any more: {e.Message}");
        }
    }

    /// <summary>Syncs, and only then notes how far: a checkpoint on disk never promises what is not there.</summary>
    private void CommitSegment(JournalSegment segment)
    {
        var end = segment.EndOffset;
        JournalDisk.Flush(_options, segment.File);
        if (end > _committedOffset)
        {
            _committedOffset = end;
            var word = JournalFormat.CheckpointWord(segment.Number, end);
            segment.StoreWord(JournalFormat.CheckpointAt, word);
            segment.StoreWord(JournalFormat.CheckpointMirrorAt, word);
        }
    }

    private void Release(JournalSegment segment)
    {
        lock (_releaseGate)
        {
            segment.Dispose();
        }
    }

    private void ReleaseSegments()
    {
        while (_oldest.Next is { } next)
        {
            Release(_oldest);
            _oldest = next;
        }

        lock (_releaseGate)
        {
            if (Failed)
            {
                _oldest.Dispose();
                return;
            }

            _oldest.DisposeAndTruncate();
        }
    }
}
