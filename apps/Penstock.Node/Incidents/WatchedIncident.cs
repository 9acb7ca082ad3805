using Penstock.Model.Numbers;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Incidents;

/// <summary>One thing that can go wrong, and how often it has in this session.</summary>
/// <param name="kind">The class of failure.</param>
/// <param name="subject">Which reader, queue, venue or process; 39 bytes at most.</param>
/// <param name="read">What the component itself counts; null where others report it.</param>
internal sealed class WatchedIncident(IncidentKind kind, string subject, Func<long>? read)
{
    private long _reported;

    public IncidentKind Kind => kind;

    public string Subject => subject;

    public Text40 Text { get; } = Text40.From(subject);

    /// <summary>As journaled so far: what counters, metrics and screen show. Written by the trading thread.</summary>
    public long Total { get; set; }

    /// <summary>As counted so far; ahead of <see cref="Total"/> until the next look.</summary>
    public long Counted => read is not null ? read() : Interlocked.Read(ref _reported);

    /// <summary>Of an incident that others see. Any thread.</summary>
    public void Report(long count) => Interlocked.Add(ref _reported, count);
}
