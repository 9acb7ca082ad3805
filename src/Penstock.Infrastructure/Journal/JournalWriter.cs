using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// Appends records to a journal (format: <see cref="JournalFormat"/>). Owned by one thread; two others help it:
/// <code>
/// JournalPreparer --(next segment: allocated, mapped, touched)--> JournalWriter --(sequence, segments)--> JournalCommitter
/// </code>
/// An append is stores into mapped memory: no system call, no allocation, no wait. Once it returns, the death of this process
/// cannot lose the record; once <see cref="CommittedSequence"/> has reached it, the loss of power cannot either (R158).
/// </summary>
public sealed unsafe partial class JournalWriter : IJournalAppender, IDisposable
{
    /// <summary>Largest payload of one record; smaller segments take at most a quarter of themselves.</summary>
    public const int RecordBytesMax = 1 << 20;

    /// <summary>Segments that may wait for the committer before the journal declares itself failed.</summary>
    public const int UncommittedSegmentsMax = 64;

    /// <summary>From the next size on the checksum is computed in larger steps.</summary>
    private const int ShortBytesMax = 120;

    private readonly JournalOptions _options;
    private readonly FileStream _lock;
    private readonly byte[] _createdBy;
    private readonly long _journalId;
    private readonly int _payloadBytesMax;
    private readonly uint _epoch;

    // The writer's own; _sequence and _current are read by the committer and the preparer.
    private JournalSegment _current = null!;
    private byte* _at;
    private byte* _end;
    private uint _chain;
    private long _sequence;
    private long _number;
    private long _sequenceBefore;
    private long _bytesBefore;
    private bool _disposed;

    private volatile string? _failure;

    /// <summary>The largest payload appended the short way; below any when the journal has failed: one look for both.</summary>
    private volatile int _shortBytesMax = ShortBytesMax;

    /// <summary>How the journal was found when opened.</summary>
    public JournalRecovery Recovery { get; }

    public JournalStatistics Statistics { get; } = new();

    /// <summary>Records appended since the journal was opened. The writer's thread.</summary>
    public long RecordsAppended => _sequence - _sequenceBefore;

    /// <summary>Bytes appended, headers and padding included. The writer's thread.</summary>
    public long BytesAppended => _bytesBefore + (_at - _current.Pointer) - JournalFormat.SegmentHeaderBytes;

    public JournalCommitStatistics CommitStatistics { get; } = new();

    /// <inheritdoc />
    public long Sequence => Volatile.Read(ref _sequence);

    /// <summary>The last sequence known to be on disk. Any thread may read it.</summary>
    public long CommittedSequence => Volatile.Read(ref _committedSequence);

    /// <summary>No record is taken any more; see <see cref="FailureText"/>. Never cleared.</summary>
    public bool Failed => _failure is not null;

    public string? FailureText => _failure;

    /// <summary>Number of the segment being written.</summary>
    public long Segment => Volatile.Read(ref _number);

    /// <inheritdoc />
    /// <remarks>
    /// A leaf for short payloads: all else (a long one, one that ends within a word, a new segment, a refusal) is a call in its place, so that this
    /// needs hardly a register to be saved.
    /// </remarks>
    /// <returns>The sequence, or a negative <see cref="JournalAppendResult"/>: the caller must not act on what it could not write.</returns>
    public long Append(ushort type, ReadOnlySpan<byte> payload)
    {
        var next = _at + JournalFormat.RecordHeaderBytes + payload.Length;
        if (type == 0 || (payload.Length & 7) != 0 || payload.Length > _shortBytesMax || next > _end) return AppendAny(type, payload);
        return WriteRecord(next, type, payload, isShort: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long AppendAny(ushort type, ReadOnlySpan<byte> payload)
    {
        if (_failure is not null || type == 0 || payload.Length > _payloadBytesMax) return Refuse(type);
        var total = JournalFormat.RecordHeaderBytes + JournalFormat.PaddedBytes(payload.Length);
        if (_at + total > _end && !Roll()) return Refuse(type);
        return WriteRecord(_at + total, type, payload, isShort: false);
    }

    /// <summary>
    /// The checksum runs over registers and the payload's source in the pass that copies it. The chain enters last, so that the sums of successive records overlap
    /// in the processor: only its one step waits for the record before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long WriteRecord(byte* next, ushort type, ReadOnlySpan<byte> payload, bool isShort)
    {
        var at = _at;
        var sequence = _sequence + 1;
        var first = (uint)payload.Length | ((ulong)type << 32) | ((ulong)JournalFormat.RecordMagic << 56);
        var link = _chain | ((ulong)_epoch << 32);
        // The lines of records to come: two, as many as a short one touches.
        Crc32C.Expect(ref *at, 0);
        Crc32C.Expect(ref *at, 64);
        *(long*)(at + 8) = sequence;
        *(ulong*)(at + 16) = link;

        var register = BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, first), (ulong)sequence);
        register = BitOperations.Crc32C(register, 0u); // the reserved word
        ref var to = ref *(at + JournalFormat.RecordHeaderBytes);
        register = isShort ? Crc32C.CopyWords(register, payload, ref to) : Crc32C.CopyPadded(register, payload, ref to);
        _chain = ~BitOperations.Crc32C(register, link);
        *(ulong*)(at + 24) = (ulong)_chain << 32;

        // Release: a reader in another process that sees this word sees the whole record (partner: JournalReader.TryRead).
        Volatile.Write(ref *(ulong*)at, first);
        _at = next;
        _current.End = next;
        // Release: partner of the committer's read in Commit; what it then flushes holds this record.
        Volatile.Write(ref _sequence, sequence);
        return sequence;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Refuse(ushort type)
    {
        Statistics.AppendsRefused++;
        return _failure is not null ? JournalAppendResult.Failed
            : type == 0 ? JournalAppendResult.InvalidType
            : JournalAppendResult.TooLarge;
    }

    /// <summary>Goes on in the next segment. First the new header, then the old seal: a sealed segment always has a successor.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Roll()
    {
        var next = TakePrepared() ?? PrepareInline();
        if (next is null)
        {
            return false;
        }

        var old = _current;
        _bytesBefore = BytesAppended;
        StartSegment(next, _number + 1);
        old.Seal(SealKind.Rolled, _sequence, _chain);
        old.Next = next;
        Statistics.SegmentsRolled++;
        if (!_committerAttached)
        {
            Commit();
        }
        else if (_number - Volatile.Read(ref _committingNumber) > UncommittedSegmentsMax)
        {
            Fail($"The committer is {UncommittedSegmentsMax} segments behind.");
        }

        return _failure is null;
    }

    private void StartSegment(JournalSegment segment, long number)
    {
        segment.Number = number;
        var header = new SegmentHeader(_journalId, number, _sequence + 1, _chain, segment.Bytes);
        JournalFormat.WriteHeader(new Span<byte>(segment.Pointer, JournalFormat.SegmentHeaderBytes), header, _createdBy);
        segment.End = segment.Pointer + JournalFormat.SegmentHeaderBytes;
        segment.StoreWord(0, JournalFormat.Magic);
        _at = segment.End;
        _end = segment.Pointer + segment.Bytes;
        Volatile.Write(ref _current, segment);
        Volatile.Write(ref _number, number);
    }

    private void Fail(string text)
    {
        _failure ??= text;
        _shortBytesMax = -1;
    }

    /// <summary>
    /// Closes in good order: seals, commits, cuts the unused rest. Step the committer and the preparer no more before calling.
    /// A failed journal is left as it is: the next opening judges it.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        DiscardPrepared();
        if (!Failed)
        {
            // Records first: a seal that reached the disk before them would turn the loss of power into corruption.
            CommitAll();
            _current.Seal(SealKind.Closed, _sequence, _chain);
            CommitAll();
        }

        ReleaseSegments();
        _lock.Dispose();
    }

    /// <summary>For tests: lets go of everything as the death of the process would, without sealing or cutting.</summary>
    public void Abandon()
    {
        if (!_disposed)
        {
            _disposed = true;
            Fail("Abandoned.");
            _preparing?.Dispose();
            TakePrepared()?.Dispose();
            ReleaseSegments();
            _lock.Dispose();
        }
    }

    private static byte[] EncodeCreatedBy(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= JournalFormat.CreatedByBytesMax ? bytes : bytes[..JournalFormat.CreatedByBytesMax];
    }
}
