using System.Globalization;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;

namespace Penstock.Strategies.Backtesting;

/// <summary>What a fall of the displayed quantity that no trade explains (a cancel) means for an order of ours in that queue.</summary>
public enum QueueModel : byte
{
    /// <summary>All of it was behind us: only trades bring us forward.</summary>
    Pessimistic,
    /// <summary>It was spread evenly: what was ahead of us falls by our share of the queue.</summary>
    Proportional,
    /// <summary>All of it was ahead of us.</summary>
    Optimistic,
}

/// <summary>How the simulated execution behaves (E1, P6). The defaults are pessimistic; times in ns.</summary>
public sealed record SimulationOptions
{
    public QueueModel Queue { get; init; } = QueueModel.Pessimistic;

    /// <summary>Decision → matching engine. Includes the way of the market data to us: events are matched at their receive time.</summary>
    public long OrderLatencyNs { get; init; } = 5_000_000;

    /// <summary>Matching engine → report here.</summary>
    public long AckLatencyNs { get; init; } = 5_000_000;

    /// <summary>Largest addition to either; most are near zero (it is multiplied by the cube of a uniform number).</summary>
    public long JitterNs { get; init; } = 5_000_000;

    public ulong Seed { get; init; } = 1;

    /// <summary>The first trade gets the next number: none may come twice in an account that outlives a process.</summary>
    public long TradesBefore { get; init; }

    /// <summary>What the largest spot venue takes of an account without volume, unless told otherwise.</summary>
    public FeeRates Fees { get; init; } = FeeRates.FromBps(10m, 10m);

    public IReadOnlyDictionary<VenueId, FeeRates> FeesByVenue { get; init; } = new Dictionary<VenueId, FeeRates>();

    /// <summary>Before their venues'.</summary>
    public IReadOnlyDictionary<InstrumentId, FeeRates> FeesByInstrument { get; init; } = new Dictionary<InstrumentId, FeeRates>();

    /// <summary>All but fees and seed.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture,
        $"queue {Queue.ToString().ToLowerInvariant()}, order latency {OrderLatencyNs / 1e6} ms, ack latency {AckLatencyNs / 1e6} ms, "
        + $"jitter up to {JitterNs / 1e6} ms");

    public FeeRates FeesOf(Instrument instrument) =>
        FeesByInstrument.TryGetValue(instrument.Id, out var own) ? own : FeesByVenue.GetValueOrDefault(instrument.Venue, Fees);
}
