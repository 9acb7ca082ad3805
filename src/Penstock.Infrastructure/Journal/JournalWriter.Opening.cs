namespace Penstock.Infrastructure.Journal;

public sealed unsafe partial class JournalWriter
{
    private const string LockName = "journal.lock";

    private JournalWriter(JournalOptions options, FileStream @lock)
    {
        _options = options;
        _lock = @lock;
        _createdBy = EncodeCreatedBy(options.CreatedBy);
        _epoch = options.Epoch;
        _payloadBytesMax = (int)Math.Min(RecordBytesMax, options.SegmentBytes / 4);

        var found = JournalRepair.Run(options.Directory, options.VerifyEarlierSegments);
        Recovery = found.Recovery;
        _journalId = found.Recovery.Segment == 0 ? options.JournalId : found.JournalId;
        _sequence = _sequenceBefore = found.Recovery.LastSequence;
        _chain = found.Chain;
        _committedSequence = _sequence;
        _preparing = Preparation.Start(options, wholeAtOnce: true);
        var first = _preparing.Finish(found.Recovery.Segment + 1);
        _preparing = null;
        _oldest = first;
        StartSegment(first, found.Recovery.Segment + 1);
        Volatile.Write(ref _committingNumber, _number);
        _committedOffset = 0;
    }

    /// <summary>
    /// Opens the directory's journal for writing: judges what is there, cuts a torn tail, refuses anything worse, and goes on in
    /// a new segment. Touches the disk.
    /// </summary>
    /// <exception cref="JournalLockedException">Another writer holds the directory.</exception>
    /// <exception cref="JournalCorruptException">Damaged where it may not be cut, or of a newer format.</exception>
    public static JournalWriter Open(JournalOptions options)
    {
        var bytes = options.SegmentBytes;
        if (bytes is < JournalOptions.SegmentBytesMin or > JournalOptions.SegmentBytesMax || bytes % 4096 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), bytes, $"SegmentBytes must be a multiple of 4096 from {JournalOptions.SegmentBytesMin}.");
        }

        System.IO.Directory.CreateDirectory(options.Directory);
        var @lock = TakeLock(options.Directory);
        try
        {
            return new JournalWriter(options, @lock);
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    private static FileStream TakeLock(string directory)
    {
        try
        {
            return new FileStream(
                Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException cause)
        {
            throw new JournalLockedException(directory, cause);
        }
    }
}
