using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Trading.Recovery;

namespace Penstock.Strategies;

/// <summary>
/// Snapshot, then replay (R157): brings an engine to the last record of a journal.
/// <code>
///   newest snapshot ─ refused? ─► the one before it ─ ... ─► the journal from its first record
///          └► state, then every record behind it, each output compared with the recorded one
/// </code>
/// A snapshot is a short cut and never the truth: one that is damaged, newer, of another journal, or from which the journal
/// does not replay to itself, costs time only.
/// </summary>
public sealed class EngineRecovery : IDisposable
{
    private readonly string _journal;
    private readonly Func<SessionInfo, TradingEngine> _create;
    private readonly IReadOnlyList<HungCall> _hung;
    private readonly Queue<string> _untried;
    private readonly List<string> _refused = [];
    private SnapshotHeader? _header;

    /// <param name="journal">The journal's folder.</param>
    /// <param name="snapshots">Null: without any.</param>
    /// <param name="create">Builds the engine a session describes.</param>
    public EngineRecovery(string journal, SnapshotFolder? snapshots, Func<SessionInfo, TradingEngine> create)
    {
        _journal = journal;
        _create = create;
        _hung = HungCall.Load(journal);
        _untried = new Queue<string>(snapshots?.Files() ?? []);
        (Replay, Reader) = Begin();
    }

    /// <summary>The engine's recording so far.</summary>
    public EngineReplay Replay { get; private set; }

    public JournalReader Reader { get; private set; }

    /// <summary>The file the state came from; null for a replay from the first record.</summary>
    public string? Snapshot { get; private set; }

    /// <summary>Snapshots that were of no use, newest first: file and why.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Nothing wrong so far.</summary>
    public bool IsSound => Replay.FirstDifference is null && Reader.State != JournalReaderState.Bad;

    /// <summary>The journal begins in the middle: its first segments were taken away, and no snapshot leads to the rest.</summary>
    public bool IsBeheaded => Replay.Engine is null && Reader.Records > 0;

    /// <summary>Reads on, at most so many records. Returns how many; 0 at the end, or when it is not sound.</summary>
    public int Step(int recordsMax)
    {
        var count = 0;
        while (count < recordsMax && TryStep(out _)) count++;
        return count;
    }

    /// <summary>Reads to the end, with older snapshots and at last without any where a newer one leads nowhere.</summary>
    public void ToEnd()
    {
        while (true)
        {
            while (TryStep(out _))
            {
            }

            if (Snapshot is null || (IsSound && _header is null)) return;
            Refuse(Snapshot, Replay.FirstDifference is { } difference
                ? $"the journal does not replay from it: record {difference.Sequence}, recorded {difference.Recorded}, replayed {difference.Replayed}"
                : Reader.State == JournalReaderState.Bad ? $"the journal is damaged behind it: {Reader.Fault}" : "the journal ends before it");
            Reader.Dispose();
            (Replay, Reader) = Begin();
        }
    }

    /// <summary>One record that was applied; records the snapshot holds already are passed over.</summary>
    internal bool TryStep(out JournalRecord record)
    {
        while (IsSound && Reader.TryRead(out record))
        {
            if (_header is { } header)
            {
                if (record.Sequence < header.Sequence) continue;
                if (record.Sequence > header.Sequence || Reader.Chain != header.Chain)
                {
                    Foreign();
                    continue;
                }

                _header = null;
                continue;
            }

            Replay.OnRecord(record.Sequence, record.Type, record.Payload);
            return true;
        }

        record = default;
        return false;
    }

    /// <summary>Another engine of the same state takes over.</summary>
    internal void GoOnWith(EngineReplay replay) => Replay = replay;

    public void Dispose() => Reader.Dispose();

    /// <summary>The journal has another record where the snapshot was taken: it is of another journal, or of one that lost its tail.</summary>
    private void Foreign()
    {
        Refuse(Snapshot!, "it is of another journal, or of a tail this one lost");
        Reader.Dispose();
        (Replay, Reader) = Begin();
    }

    private (EngineReplay Replay, JournalReader Reader) Begin()
    {
        (_header, Snapshot) = (null, null);
        while (_untried.TryDequeue(out var file))
        {
            var problem = SnapshotFolder.Load(file, out var header, out var state);
            if (problem is null && header is not null)
            {
                var reader = JournalReader.OpenAt(_journal, header.Segment);
                var isThere = reader.Segment == header.Segment && reader.State != JournalReaderState.Bad;
                problem = isThere ? null : $"journal segment {header.Segment:D8} is not there";
                if (problem is null && TryLoad(state, header, out problem) is { } replay)
                {
                    (_header, Snapshot) = (header, file);
                    return (replay, reader);
                }

                reader.Dispose();
            }

            Refuse(file, problem ?? "");
        }

        return (new EngineReplay(_create, _hung), JournalReader.Open(_journal));
    }

    private EngineReplay? TryLoad(byte[] state, SnapshotHeader header, out string? problem)
    {
        try
        {
            var replay = new EngineReplay(_create, StateArchive.ToLoad(state), _hung);
            var hash = replay.Engine!.StateHash;
            problem = hash == header.StateHash ? null : $"its state hash is {hash:x16}, not {header.StateHash:x16}";
            return problem is null ? replay : null;
        }
        catch (Exception e)
        {
            // Also what a strategy throws when it is given its state: the journal leads there without.
            problem = e is InvalidDataException ? e.Message : StrategyRunner.Told(e);
            return null;
        }
    }

    private void Refuse(string file, string why) => _refused.Add($"{Path.GetFileName(file)}: {why}");
}
