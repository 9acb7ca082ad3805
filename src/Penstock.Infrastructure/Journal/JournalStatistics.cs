namespace Penstock.Infrastructure.Journal;

/// <summary>What the writing thread of a journal counts beside what it appends. Single writer; others read whenever they like.</summary>
public sealed class JournalStatistics
{
    /// <summary>Appends refused: the journal had failed, or the record was too large or had type 0.</summary>
    public long AppendsRefused;

    /// <summary>Times the writer went on in a next segment.</summary>
    public long SegmentsRolled;

    /// <summary>Rolls for which no prepared segment was ready, so the writer paid for the preparation itself.</summary>
    public long SegmentsPreparedInline;
}

/// <summary>What the committing thread of a journal counts. Single writer.</summary>
public sealed class JournalCommitStatistics
{
    /// <summary>Group commits that returned.</summary>
    public long Commits;

    /// <summary>Records made durable by them.</summary>
    public long RecordsCommitted;

    /// <summary>Commits that failed; after the first one the journal takes no more records.</summary>
    public long CommitFailures;
}
