namespace Penstock.Strategies.Backtesting;

/// <summary>What the simulated venues did. Written by the thread that runs the back test.</summary>
public sealed class SimulationStatistics
{
    /// <summary>Orders that arrived.</summary>
    public long Orders;
    /// <summary>Orders that came to rest.</summary>
    public long Rested;
    /// <summary>Orders refused: tick, lot, minimum, post-only, duplicate id, not trading.</summary>
    public long Rejects;
    /// <summary>Cancels that found their order.</summary>
    public long Cancels;
    /// <summary>Cancels of orders that were gone, or never there.</summary>
    public long CancelRejects;
    /// <summary>Amends that found their order and were legal.</summary>
    public long Amends;
    /// <summary>Fills of resting orders by a trade of the recording.</summary>
    public long FillsByTrade;
    /// <summary>Fills of resting orders because the recorded book moved through their price.</summary>
    public long FillsByCross;
    /// <summary>Fills that took displayed quantity.</summary>
    public long FillsByTaking;
    /// <summary>Takes that found the memory of taken levels full and left quantity unfilled.</summary>
    public long TakesForgone;
}
