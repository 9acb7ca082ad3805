using Penstock.Infrastructure.Threads;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// Group commit off the writer's thread: one sync makes durable whatever was appended since the last one. Stop and step it no
/// more before disposing the writer.
/// </summary>
public sealed class JournalCommitter : IAgent
{
    private readonly JournalWriter _writer;

    public JournalCommitter(JournalWriter writer)
    {
        _writer = writer;
        writer.AttachCommitter();
    }

    public string Role => "journal-committer";

    /// <summary>The last sequence on disk. Any thread may read it.</summary>
    public long CommittedSequence => _writer.CommittedSequence;

    public bool Failed => _writer.Failed;

    public int DoWork() => _writer.Commit();

    public void OnStop() => _writer.Commit();
}
