using Penstock.Infrastructure.Counters;
using Penstock.Trading.Execution;

namespace Penstock.Node.Wiring;

/// <summary>The latencies that are always told apart (R54): ours, the venue's, and ours without an order. Nanoseconds; written by the trading thread.</summary>
/// <param name="decision">Socket read → order handed to the socket.</param>
/// <param name="execution">Order handed to the socket → its first answer.</param>
/// <param name="tickToDecision">Socket read → every strategy has decided.</param>
internal sealed class Latencies(Histogram decision, Histogram execution, Histogram tickToDecision) : ILatencyRecorder
{
    public Histogram Decision { get; } = decision;

    public Histogram Execution { get; } = execution;

    public Histogram TickToDecision { get; } = tickToDecision;

    public void RecordDecision(long ns) => Decision.Record(ns);

    public void RecordExecution(long ns) => Execution.Record(ns);
}
