using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>Why a read returned no record.</summary>
public enum JournalReaderState
{
    /// <summary>Records are flowing, or the end was reached and more may come: ask again.</summary>
    Reading,

    /// <summary>The journal was closed in good order and everything was read. A writer may still open it again: asking again is allowed.</summary>
    Closed,

    /// <summary>Bad bytes; <see cref="JournalReader.Fault"/>, Segment and Offset say what and where. Final.</summary>
    Bad,
}

/// <summary>
/// Reads a journal from its start and follows it while it is written, from this process or another; the writer never knows.
/// Reads through the file, not through a mapping: cutting the file at a clean close would kill a process that touches mapped
/// memory behind the new end. One thread; memory is one buffer of a record's size at most.
/// </summary>
public sealed partial class JournalReader : IDisposable
{
    private const int BufferBytesAtStart = 256 * 1024;

    /// <summary>A record caught in the middle of being copied by the kernel is whole on the next look.</summary>
    private const int LooksMax = 3;

    private readonly string _directory;
    private readonly byte[] _header = new byte[JournalFormat.SegmentHeaderBytes];
    private byte[] _buffer = new byte[BufferBytesAtStart];
    private SafeFileHandle? _file;
    private SegmentHeader _segment;
    private long _bufferAt;
    private int _buffered;
    private uint _chain;
    private long _journalId;

    private JournalReader(string directory) => _directory = directory;

    public JournalReaderState State { get; private set; }

    public JournalFault Fault { get; private set; }

    /// <summary>Number of the segment being read; 0 before the first.</summary>
    public long Segment { get; private set; }

    /// <summary>Offset of the next record, or of the bad one.</summary>
    public long Offset { get; private set; }

    /// <summary>The last record read.</summary>
    public long Sequence { get; private set; }

    public long Records { get; private set; }

    /// <summary>Bytes of the records read, headers and padding included.</summary>
    public long Bytes { get; private set; }

    public int Segments { get; private set; }

    /// <summary>Which build wrote the segment being read.</summary>
    public string CreatedBy => JournalFormat.CreatedBy(_header);

    /// <summary>Checksum of the last record read, which holds those of all before it.</summary>
    public uint Chain => _chain;

    internal long JournalId => _journalId;

    /// <summary>Starts at the oldest segment. A directory with none yet is an empty journal that may begin at any time.</summary>
    public static JournalReader Open(string directory) => new(directory);

    /// <summary>
    /// Starts at a segment rather than at the oldest. The segment's header is believed for what came before it.
    /// </summary>
    public static JournalReader OpenAt(string directory, long segment)
    {
        var reader = new JournalReader(directory);
        reader.EnterSegment(segment);
        return reader;
    }

    /// <summary>
    /// Reads the next record. False at the end (state Reading or Closed: ask again later) and at bad bytes (state Bad). Allocates
    /// nothing but at a new segment; never throws for what is in the files.
    /// </summary>
    public bool TryRead(out JournalRecord record)
    {
        record = default;
        if (State == JournalReaderState.Bad)
        {
            return false;
        }

        try
        {
            if (_file is null && !EnterSegment(JournalFiles.First(_directory)))
            {
                return false;
            }

            while (true)
            {
                if (!Buffered(8) || WordAt(Offset) == 0)
                {
                    if (Refill(8) && WordAt(Offset) != 0)
                    {
                        continue;
                    }

                    if (!PastEnd())
                    {
                        return false;
                    }

                    continue;
                }

                return ReadRecord(out record);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Reject(JournalFault.Unreadable);
            return false;
        }
    }

    private bool ReadRecord(out JournalRecord record)
    {
        var fault = JournalFault.None;
        for (var look = 0; look < LooksMax; look++)
        {
            fault = Judge(out var total);
            if (fault == JournalFault.None)
            {
                var bytes = Span(Offset, total);
                var payload = bytes.Slice(JournalFormat.RecordHeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(bytes));
                Sequence++;
                _chain = BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]);
                record = new JournalRecord(
                    Sequence,
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
                    payload,
                    Segment,
                    Offset);
                Offset += total;
                Records++;
                Bytes += total;
                State = JournalReaderState.Reading;
                return true;
            }

            Refill(JournalFormat.RecordHeaderBytes);
        }

        Reject(fault);
        record = default;
        return false;
    }

    /// <summary>Is there a whole, right record at the offset? Cheapest questions first.</summary>
    private JournalFault Judge(out int total)
    {
        total = 0;
        if (!Buffered(JournalFormat.RecordHeaderBytes) && !Refill(JournalFormat.RecordHeaderBytes))
        {
            return JournalFault.RecordDamaged;
        }

        var header = Span(Offset, JournalFormat.RecordHeaderBytes);
        var fault = JournalRecordCheck.Length(header, Offset, _segment.SegmentBytes, out total);
        if (fault != JournalFault.None)
        {
            return fault;
        }

        if (!Buffered(total) && !Refill(total))
        {
            return JournalFault.RecordLength;
        }

        var bytes = Span(Offset, total);
        if (JournalFormat.RecordCrc(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]))
        {
            return JournalFault.RecordChecksum;
        }

        return BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) == Sequence + 1
               && BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == _chain
            ? JournalFault.None
            : JournalFault.ChainBroken;
    }

    private void Reject(JournalFault fault)
    {
        State = JournalReaderState.Bad;
        Fault = fault;
    }

    private bool Buffered(int bytes) => Offset >= _bufferAt && Offset + bytes <= _bufferAt + _buffered;

    private ReadOnlySpan<byte> Span(long at, int bytes) => _buffer.AsSpan((int)(at - _bufferAt), bytes);

    private ulong WordAt(long at) => BinaryPrimitives.ReadUInt64LittleEndian(Span(at, 8));

    /// <summary>Reads from the offset on; false when the file has fewer bytes than asked for.</summary>
    private bool Refill(int bytes)
    {
        if (bytes > _buffer.Length)
        {
            _buffer = new byte[JournalFormat.RecordHeaderBytes + JournalWriter.RecordBytesMax];
        }

        // At the live end one page is enough; within a backlog the buffer is filled.
        var wanted = Offset == _bufferAt + _buffered || bytes > 8 ? _buffer.Length : Math.Min(_buffer.Length, 4096);
        _bufferAt = Offset;
        _buffered = RandomAccess.Read(_file!, _buffer.AsSpan(0, wanted), Offset);
        return _buffered >= bytes;
    }

    public void Dispose() => _file?.Dispose();
}
