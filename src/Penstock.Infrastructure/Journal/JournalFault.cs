namespace Penstock.Infrastructure.Journal;

/// <summary>What is wrong at a place in a journal.</summary>
public enum JournalFault
{
    None,

    /// <summary>The segment's header is not what was written.</summary>
    HeaderDamaged,

    /// <summary>Written by a newer Penstock: read it with that version or newer.</summary>
    NewerFormat,

    /// <summary>A segment file carries the number of another one, or belongs to another journal.</summary>
    ForeignSegment,

    /// <summary>The records before say there must be a segment here, and there is none.</summary>
    SegmentMissing,

    /// <summary>No record starts where one must.</summary>
    RecordMissing,

    /// <summary>The first word of a record is not one.</summary>
    RecordDamaged,

    /// <summary>The record's length is beyond the limit or the segment.</summary>
    RecordLength,

    /// <summary>The record's bytes do not match its CRC.</summary>
    RecordChecksum,

    /// <summary>An intact record that does not follow the one before it: swapped, repeated or from elsewhere.</summary>
    ChainBroken,

    /// <summary>The seal that ends a segment is damaged, or contradicts its records.</summary>
    SealDamaged,

    /// <summary>The note of how far the disk has it is damaged.</summary>
    CheckpointDamaged,

    /// <summary>The operating system refused to read.</summary>
    Unreadable,
}
