using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>The simulated venues of a node on paper; not there elsewhere.</summary>
internal static partial class NodeCounters
{
    public static readonly CounterDeclaration PaperOrders = Total(3740, "paper_orders", "Orders that arrived at the simulated venues.");
    public static readonly CounterDeclaration PaperRested = Total(3741, "paper_rested", "Of these, those that came to rest.");
    public static readonly CounterDeclaration PaperRejects =
        Total(3742, "paper_rejects", "Of these, those a venue would have refused for their form.");
    public static readonly CounterDeclaration PaperCancels = Total(3743, "paper_cancels", "Cancels that found their order.");
    public static readonly CounterDeclaration PaperCancelRejects =
        Total(3744, "paper_cancel_rejects", "Cancels and changes of orders that were gone.");
    public static readonly CounterDeclaration PaperAmends = Total(3745, "paper_amends", "Changes of resting orders.");
    public static readonly CounterDeclaration PaperFillsByTrade =
        Total(3746, "paper_fills_by_trade", "Fills of resting orders by a trade of the market.");
    public static readonly CounterDeclaration PaperFillsByCross =
        Total(3747, "paper_fills_by_cross", "Fills of resting orders because the market moved through their price.");
    public static readonly CounterDeclaration PaperFillsByTaking = Total(3748, "paper_fills_by_taking", "Fills that took displayed quantity.");
    public static readonly CounterDeclaration PaperTakesForgone =
        Total(3749, "paper_takes_forgone", "Takes given up because too many levels were remembered as taken.");
    public static readonly CounterDeclaration PaperResting = Gauge(3750, "paper_resting", "Orders that rest at the simulated venues right now.");
    public static readonly CounterDeclaration PaperRestored =
        Gauge(3751, "paper_restored", "Orders of earlier sessions that rest again since the start.");
}
