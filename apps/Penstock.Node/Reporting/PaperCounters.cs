using Penstock.Strategies.Paper;

namespace Penstock.Node.Reporting;

/// <summary>What the simulated venues of a node on paper do.</summary>
internal static class PaperCounters
{
    public static void Bind(CounterPublisher to, PaperVenues paper)
    {
        var s = paper.Statistics;
        to.Add(NodeCounters.PaperOrders, "", () => s.Orders);
        to.Add(NodeCounters.PaperRested, "", () => s.Rested);
        to.Add(NodeCounters.PaperRejects, "", () => s.Rejects);
        to.Add(NodeCounters.PaperCancels, "", () => s.Cancels);
        to.Add(NodeCounters.PaperCancelRejects, "", () => s.CancelRejects);
        to.Add(NodeCounters.PaperAmends, "", () => s.Amends);
        to.Add(NodeCounters.PaperFillsByTrade, "", () => s.FillsByTrade);
        to.Add(NodeCounters.PaperFillsByCross, "", () => s.FillsByCross);
        to.Add(NodeCounters.PaperFillsByTaking, "", () => s.FillsByTaking);
        to.Add(NodeCounters.PaperTakesForgone, "", () => s.TakesForgone);
        to.Add(NodeCounters.PaperResting, "", () => paper.RestingOrders);
        to.Add(NodeCounters.PaperRestored, "", () => paper.OrdersRestored);
    }
}
