namespace Penstock.Infrastructure.Journal;

/// <summary>One record as read. The payload is valid until the next read.</summary>
public readonly ref struct JournalRecord
{
    internal JournalRecord(long sequence, ushort type, uint epoch, ReadOnlySpan<byte> payload, long segment, long offset)
    {
        Sequence = sequence;
        Type = type;
        Epoch = epoch;
        Payload = payload;
        Segment = segment;
        Offset = offset;
    }

    /// <summary>From 1 without holes, over all segments.</summary>
    public long Sequence { get; }

    /// <summary>The owner's record type.</summary>
    public ushort Type { get; }

    /// <summary>The leadership epoch of the writer that wrote it.</summary>
    public uint Epoch { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Number of the segment file it lies in.</summary>
    public long Segment { get; }

    /// <summary>Byte offset of the record's header in that file.</summary>
    public long Offset { get; }
}
