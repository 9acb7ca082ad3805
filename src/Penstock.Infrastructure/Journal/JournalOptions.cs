using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>How to open a journal for writing.</summary>
public sealed record JournalOptions
{
    public const long SegmentBytesMin = 8192;

    public const long SegmentBytesMax = 1L << 34;

    /// <summary>Where the segments are; created when absent. One journal a directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Size of a segment, allocated whole; a multiple of 4096.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>Which build writes, at most 127 bytes of UTF-8; stored in every segment header.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Tells the segments of one journal from another's. A directory's later segments keep the first one's.</summary>
    public long JournalId { get; init; }

    /// <summary>Leadership epoch stamped into every record.</summary>
    public uint Epoch { get; init; }

    /// <summary>
    /// Read every segment when opening: the safe choice, at disk speed. False reads those that a loss of power may have torn and
    /// trusts the seals of earlier ones; for an owner that reads them anyway.
    /// </summary>
    public bool VerifyEarlierSegments { get; init; } = true;

    /// <summary>Makes a file's bytes durable; null is fsync. Tests put a failing disk here.</summary>
    public Action<SafeFileHandle>? Flush { get; init; }
}
