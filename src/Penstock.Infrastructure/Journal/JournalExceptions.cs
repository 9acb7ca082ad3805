namespace Penstock.Infrastructure.Journal;

/// <summary>A journal that must not be written to: damaged where it may not be cut. Thrown when opening only.</summary>
public sealed class JournalCorruptException(JournalVerdict verdict, string directory)
    : Exception($"Journal {directory} is damaged and was left as it is: {verdict.Describe()}")
{
    public JournalVerdict Verdict { get; } = verdict;
}

/// <summary>Somebody else writes this journal. Thrown when opening only.</summary>
public sealed class JournalLockedException(string directory, Exception cause)
    : Exception($"Journal {directory} has a writer already (journal.lock is held): one writer per directory.", cause);
