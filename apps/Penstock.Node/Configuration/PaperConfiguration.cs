using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Strategies.Backtesting;

namespace Penstock.Node.Configuration;

/// <summary>Trading on paper. The defaults are those of a back test, which are pessimistic.</summary>
public sealed record PaperConfiguration
{
    private const long NsPerMs = 1_000_000;

    [Description("What each venue's account begins with, by asset: {\"USDT\": 20000, \"BTC\": 0.5}. Others: 100000 of what instruments are paid "
        + "in, nothing of the rest.")]
    public IReadOnlyDictionary<string, decimal> Balances { get; init; } = new Dictionary<string, decimal>();

    [Description("Where others' cancels happen: pessimistic is behind us, optimistic ahead of us.")]
    public QueueModel Queue { get; init; } = QueueModel.Pessimistic;

    [Description("From the decision to the venue, milliseconds.")]
    [Range(0, 60_000)]
    public int OrderLatencyMs { get; init; } = 5;

    [Description("From the venue to the report, milliseconds.")]
    [Range(0, 60_000)]
    public int AckLatencyMs { get; init; } = 5;

    [Description("Largest addition to either, milliseconds; most are near zero.")]
    [Range(0, 60_000)]
    public int JitterMs { get; init; } = 5;

    public SimulationOptions ToOptions() => new()
    {
        Queue = Queue, OrderLatencyNs = OrderLatencyMs * NsPerMs, AckLatencyNs = AckLatencyMs * NsPerMs, JitterNs = JitterMs * NsPerMs,
    };
}
