using System.Diagnostics;
using Penstock.Benchmarks.Rig;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Strategies;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// From the files of a dead node to an engine that could go on: the journal opened for writing as a node does, then snapshot and
/// replay, every output and state hash compared. Ten million records (a million with --quick, told for ten); the files are in the
/// page cache or not, as the machine left them.
/// </summary>
internal static class RecoveryRows
{
    private const long Records = 10_000_000;
    private const double GoalSeconds = 5;

    public static IEnumerable<Row> Cold(bool quick)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-recovery-").FullName;
        try
        {
            var records = quick ? Records / 10 : Records;
            var journal = Path.Combine(folder, "journal");
            var snapshots = new SnapshotFolder(Path.Combine(folder, "snapshots"));
            var hash = Write(journal, records);
            var bytes = Directory.GetFiles(journal).Sum(f => new FileInfo(f).Length);
            var shape = $"{records:N0} records, {bytes >> 20:N0} MiB, {SyntheticSession.Instruments} market makers";
            var whole = Recover(journal, null, hash);
            yield return Told("cold recovery, no snapshot", whole * Records / records, shape);
            var shadow = Follow(journal, snapshots, records);
            var near = Recover(journal, snapshots, hash);
            yield return Told("cold recovery, snapshot near the end", near, $"{shape}; a snapshot {Tail(records):N0} records before the end");
            yield return new Row("snapshot: saved, loaded, compared", "ms", shadow.Statistics.Snapshots == 0 ? 0 : _snapshotMs, null, "", 1_000, Better.Lower,
                $"on the shadow's thread; {shadow.Statistics.StateBytes >> 10:N0} KiB; the trading thread takes no part");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double _snapshotMs;

    private static long Tail(long records) => records / 100;

    private static Row Told(string name, double seconds, string shape) =>
        new(name, "s", seconds, null, "", GoalSeconds, Better.Lower, shape);

    private static ulong Write(string folder, long records)
    {
        using var journal = JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = "bench", Flush = _ => { } });
        var session = new SyntheticSession(journal);
        session.RunTo(records);
        return session.StateHash;
    }

    private static double Recover(string folder, SnapshotFolder? snapshots, ulong hash)
    {
        var watch = Stopwatch.StartNew();
        using var journal = JournalWriter.Open(new JournalOptions { Directory = folder, CreatedBy = "bench", VerifyEarlierSegments = false, Flush = _ => { } });
        using var recovery = new EngineRecovery(folder, snapshots, SyntheticSession.Create);
        recovery.ToEnd();
        watch.Stop();
        if (!recovery.IsSound || recovery.Replay.Engine?.StateHash != hash || (snapshots is null) != (recovery.Snapshot is null))
            throw new InvalidOperationException($"The recovery is wrong: {recovery.Replay.FirstDifference} {string.Join("; ", recovery.Refused)}");
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>The shadow follows to the end and takes its last snapshot a little before it.</summary>
    private static ShadowEngine Follow(string journal, SnapshotFolder snapshots, long records)
    {
        using var shadow = new ShadowEngine(
            new ShadowOptions { Journal = journal, Snapshots = snapshots, RecordsPerSnapshot = records - Tail(records) }, SyntheticSession.Create);
        while (true)
        {
            var before = shadow.Statistics.Snapshots;
            var start = Stopwatch.GetTimestamp();
            if (shadow.DoWork() == 0) return shadow;
            if (shadow.Statistics.Snapshots > before) _snapshotMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }
}
