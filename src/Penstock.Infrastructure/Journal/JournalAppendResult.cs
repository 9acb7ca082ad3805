namespace Penstock.Infrastructure.Journal;

/// <summary>The negative answers of <see cref="IJournalAppender.Append"/>; a sequence is never negative.</summary>
public static class JournalAppendResult
{
    /// <summary>
    /// The journal has failed (a commit was refused by the disk, or a segment could not be made) and takes no more: after a
    /// failed fsync the kernel may have dropped the dirty pages, so trying again would lie (PostgreSQL, 2018). Stop trading.
    /// </summary>
    public const long Failed = -1;

    /// <summary>The payload is over <see cref="JournalWriter.RecordBytesMax"/> or a quarter of a segment.</summary>
    public const long TooLarge = -2;

    /// <summary>Type 0 is not a record type.</summary>
    public const long InvalidType = -3;
}
