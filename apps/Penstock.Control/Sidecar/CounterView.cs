using Penstock.Infrastructure.Counters;

namespace Penstock.Control.Sidecar;

/// <summary>A distribution as a scrape sees it.</summary>
/// <param name="CountsUpTo">Values at or below each of <see cref="LatencyBounds.Ns"/>.</param>
internal sealed record HistogramView(HistogramReading Reading, long[] CountsUpTo);

/// <summary>One look at a node's counter file.</summary>
/// <param name="IsUp">The node lives: only then are there counters.</param>
/// <param name="Problem">Why there is nothing to see; empty when there is.</param>
/// <param name="Pid">The node's process; 0 where no file could be opened.</param>
/// <param name="HeartbeatAgeSeconds">Since the node last said it lives.</param>
/// <param name="Generation">Rises by one with every start of the node.</param>
internal sealed record CounterView(
    bool IsUp, string Problem, int Pid, double HeartbeatAgeSeconds, long Generation, long Malformed,
    IReadOnlyList<CounterReading> Counters, IReadOnlyList<HistogramView> Histograms)
{
    /// <summary>False while the node warms up (R59), and for a file in which nothing says so.</summary>
    public bool IsTrusted { get; } = Counters.Any(c => c is { Name: "trusted", Value: 1 });

    /// <summary>The lifecycle as the counters say it; null where they do not.</summary>
    public long? State { get; } = Counters.FirstOrDefault(c => c.Name == "node_state")?.Value;

    public static CounterView Nothing(string problem) => new(false, problem, 0, 0, 0, 0, [], []);
}
