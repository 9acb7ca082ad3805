using System.Diagnostics;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Threads;

namespace Penstock.Tests.Infrastructure.Journal;

public sealed class JournalThreadsTests
{
    /// <summary>No measure of anything: a test that hangs ends.</summary>
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("requirement", "R158")]
    public void Writer_preparer_committer_and_a_tailing_reader_work_on_one_journal_at_once()
    {
        // Goal: nothing is lost, reordered or misread while four parties touch the same segments. The payload's size and content
        // follow from the sequence, so the reader checks every record by itself.
        const int Records = 40_000;
        using var bench = new JournalTestBench();
        using var writer = JournalWriter.Open(bench.Options(64 * 1024));
        var failures = new List<AgentFailure>();
        var follower = new Follower(bench.Directory);
        AgentRunner[] runners =
        [
            new("preparer", [new JournalPreparer(writer)], new YieldIdle(), failed: failures.Add),
            new("committer", [new JournalCommitter(writer)], new YieldIdle(), failed: failures.Add),
            new("follower", [follower], new YieldIdle(), failed: failures.Add),
        ];
        Array.ForEach(runners, runner => runner.Start());
        var payload = new byte[400];
        for (var sequence = 1; sequence <= Records; sequence++)
        {
            payload.AsSpan().Fill((byte)sequence);
            Assert.Equal(sequence, writer.Append(1, payload.AsSpan(0, sequence % 400)));

            // The committer may not fall a whole backlog behind on a busy machine; that case has a test of its own.
            while (writer.Sequence - writer.CommittedSequence > 5_000 && !writer.Failed)
            {
                Thread.Yield();
            }
        }

        var started = Stopwatch.GetTimestamp();
        while (follower.Last < Records && follower.State != JournalReaderState.Bad && Stopwatch.GetElapsedTime(started) < HangAfter)
        {
            Thread.Yield();
        }

        Assert.All(runners, runner => Assert.True(runner.Stop(TimeSpan.FromSeconds(5))));
        Assert.Empty(failures);
        Assert.Equal(0, follower.Wrong);
        Assert.Equal(Records, follower.Last);
        Assert.Equal(Records, writer.CommittedSequence);
        Assert.False(writer.Failed, writer.FailureText);
        Assert.True(writer.Statistics.SegmentsRolled > 100);
        writer.Dispose();
        var verdict = JournalVerifier.Verify(bench.Directory);
        Assert.Equal(JournalCondition.Closed, verdict.Condition);
        Assert.Equal(Records, verdict.Records);
    }

    private sealed class Follower(string directory) : IAgent
    {
        private readonly JournalReader _reader = JournalReader.Open(directory);
        private long _last;

        public long Last => Volatile.Read(ref _last);

        public int Wrong { get; private set; }

        public JournalReaderState State => _reader.State;

        public string Role => "follower";

        public int DoWork()
        {
            var work = 0;
            while (work < 100 && _reader.TryRead(out var record))
            {
                work++;
                Wrong += record.Sequence == _last + 1
                         && record.Payload.Length == record.Sequence % 400
                         && !record.Payload.ContainsAnyExcept((byte)record.Sequence) ? 0 : 1;
                Volatile.Write(ref _last, record.Sequence);
            }

            return work;
        }

        public void OnStop() => _reader.Dispose();
    }
}
