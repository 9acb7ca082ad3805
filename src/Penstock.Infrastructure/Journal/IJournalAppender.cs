namespace Penstock.Infrastructure.Journal;

/// <summary>The writing end of a journal as its owner sees it. One thread.</summary>
public interface IJournalAppender
{
    /// <summary>Records appended so far; the next one gets this + 1.</summary>
    long Sequence { get; }

    /// <summary>
    /// Appends one record. It survives the death of this process once the call returns (mapped memory); it survives the loss
    /// of power once the group commit after it has returned.
    /// </summary>
    /// <param name="type">The owner's record type, 1..65535.</param>
    /// <param name="payload">Copied; at most the journal's record limit.</param>
    /// <returns>The record's sequence, from 1 without holes.</returns>
    long Append(ushort type, ReadOnlySpan<byte> payload);
}
