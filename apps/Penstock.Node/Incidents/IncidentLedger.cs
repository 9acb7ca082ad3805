using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Incidents;

/// <summary>
/// Writes into the journal what goes wrong around the engine, by class and subject, as it is counted (R62–R66): so the ledger, the counters,
/// Prometheus and the screen can only say the same number. Stepped by the trading thread, which alone writes the journal; allocates nothing.
/// What is counted between two looks becomes one record, so a storm costs a few records a second.
/// </summary>
internal sealed class IncidentLedger(IJournalAppender journal)
{
    private const long LookEveryNs = 250_000_000;

    private readonly List<WatchedIncident> _incidents = [];
    private readonly List<BurstDetector> _bursts = [];
    private long _nextLookNs;

    /// <summary>Everything that can be named; the counters are made of it.</summary>
    public IReadOnlyList<WatchedIncident> All => _incidents;

    /// <summary>Before the thread starts.</summary>
    /// <param name="kind">The class of failure.</param>
    /// <param name="subject">Which reader, queue, venue or process.</param>
    /// <param name="read">What counts it; called on the trading thread, allocates nothing. Null: it is reported.</param>
    public void Watch(IncidentKind kind, string subject, Func<long>? read = null) => _incidents.Add(new WatchedIncident(kind, subject, read));

    /// <summary>Before the thread starts.</summary>
    /// <param name="venue">Its name.</param>
    /// <param name="frames">Frames it has sent so far.</param>
    public void WatchBursts(string venue, Func<long> frames)
    {
        var detector = new BurstDetector(frames);
        _bursts.Add(detector);
        Watch(IncidentKind.Burst, venue, () => detector.Bursts);
    }

    /// <summary>Any thread. False when nothing of this name is watched by report.</summary>
    public bool TryReport(IncidentKind kind, string subject)
    {
        if (_incidents.Find(i => i.Kind == kind && i.Subject == subject) is not { } incident) return false;
        incident.Report(1);
        return true;
    }

    /// <summary>The session began: every one after the first is a start again. Before the thread starts.</summary>
    public void Begin(int session)
    {
        if (_incidents.Find(i => i.Kind == IncidentKind.Restart) is not { } restarts) return;
        restarts.Report(session - 1);
        restarts.Total = Math.Max(0, session - 2);
    }

    public void Step(long nowNs)
    {
        if (nowNs < _nextLookNs) return;
        _nextLookNs = nowNs + LookEveryNs;
        foreach (var burst in _bursts) burst.Look(nowNs);
        foreach (var incident in _incidents)
        {
            var counted = incident.Counted;
            if (counted == incident.Total) continue;
            var record = new IncidentRecord
            {
                NowNs = nowNs, Count = counted - incident.Total, Total = counted, Subject = incident.Text, Kind = incident.Kind,
            };
            journal.Append((ushort)EngineRecordType.Incident, MemoryMarshal.AsBytes(new ReadOnlySpan<IncidentRecord>(in record)));
            incident.Total = counted;
        }
    }
}
