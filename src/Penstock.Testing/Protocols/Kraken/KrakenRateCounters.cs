using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>
/// The engine's counters of an account of the highest tier, one per pair: they fall with time, and what they are raised by depends on how long
/// an order has rested since it was placed or last changed (docs.kraken.com, guides/spot-ratelimits). A cancel is counted and never refused.
/// </summary>
internal sealed class KrakenRateCounters
{
    /// <summary>Thousandths, as all counts here.</summary>
    private const long Threshold = 180_000;

    private const long DecayPerSecond = 3_750;

    private const long NsPerSecond = 1_000_000_000;

    private static readonly (int BelowSeconds, int Cost)[] CancelCosts = [(5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1)];

    private static readonly (int BelowSeconds, int Cost)[] AmendCosts = [(5, 4), (10, 3), (15, 2)];

    private readonly Dictionary<string, (long Count, long AtNs)> _counters = [];

    /// <summary>False when the pair's counter would pass its threshold; a refused request is not counted.</summary>
    public bool TryPlace(SimulatedInstrument pair, long nowNs) => TryTake(pair, 1, nowNs);

    /// <summary>As <see cref="TryPlace"/>.</summary>
    public bool TryAmend(SimulatedOrder order, long nowNs) => TryTake(order.Instrument, CostOf(AmendCosts, order, 1, nowNs), nowNs);

    public void CountCancel(SimulatedOrder order, long nowNs) =>
        _counters[order.Instrument.Symbol] = (CountOf(order.Instrument, nowNs) + 1_000L * CostOf(CancelCosts, order, 0, nowNs), nowNs);

    /// <summary>Thousandths.</summary>
    public long CountOf(SimulatedInstrument pair, long nowNs)
    {
        if (!_counters.TryGetValue(pair.Symbol, out var counter)) return 0;
        return (long)Int128.Max(0, counter.Count - (Int128)(nowNs - counter.AtNs) * DecayPerSecond / NsPerSecond);
    }

    private bool TryTake(SimulatedInstrument pair, int cost, long nowNs)
    {
        var count = CountOf(pair, nowNs) + 1_000L * cost;
        if (count > Threshold) return false;
        _counters[pair.Symbol] = (count, nowNs);
        return true;
    }

    private static int CostOf((int BelowSeconds, int Cost)[] costs, SimulatedOrder order, int otherwise, long nowNs)
    {
        var restedNs = nowNs - Math.Max(order.CreatedNs, order.AmendedNs);
        foreach (var (belowSeconds, cost) in costs)
        {
            if (restedNs < belowSeconds * NsPerSecond) return cost;
        }

        return otherwise;
    }
}
