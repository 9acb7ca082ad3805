using System.Globalization;
using Penstock.Infrastructure.Counters;
using Penstock.Strategies;

namespace Penstock.Node.Reporting;

/// <summary>What strategies were shown, what became of them, and how far their next versions are. Written by the trading thread.</summary>
internal static class StrategyCounters
{
    public static void Bind(CounterPublisher to, TradingEngine engine)
    {
        var s = engine.Statistics;
        to.Add(NodeCounters.StrategyFaults, "", () => s.StrategyFaults);
        to.Add(NodeCounters.StrategyRunaways, "", () => s.StrategyRunaways);
        to.Add(NodeCounters.StrategyOverruns, "", () => Overruns(engine));
        to.Add(NodeCounters.SwapsBegun, "", () => s.SwapsBegun);
        to.Add(NodeCounters.SwapsDone, "", () => s.SwapsDone);
        to.Add(NodeCounters.SwapsDropped, "", () => s.SwapsDropped);
        to.Add(NodeCounters.SwapEvents, "", () => s.SwapEvents);
        to.Add(NodeCounters.SwapWithheld, "", () => s.SwapWithheld);
        foreach (var strategy in engine.Strategies)
        {
            var label = strategy.Context.Id.ToString(CultureInfo.InvariantCulture);
            to.Add(NodeCounters.StrategyBooks, label, () => strategy.Books);
            to.Add(NodeCounters.StrategyTrades, label, () => strategy.Trades);
            to.Add(NodeCounters.StrategyPhase, label, () => (long)(strategy.Swap?.Phase ?? SwapPhase.None));
        }
    }

    private static long Overruns(TradingEngine engine)
    {
        var overruns = 0L;
        // By index: an enumerator of the interface is 32 bytes on a hot thread, until the optimising compiler has seen it often enough.
        for (var i = 0; i < engine.Strategies.Count; i++) overruns += engine.Strategies[i].Budget?.Overruns ?? 0;
        return overruns;
    }
}
