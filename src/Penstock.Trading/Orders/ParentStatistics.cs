namespace Penstock.Trading.Orders;

/// <summary>What happened to parent orders. Written by the engine's thread.</summary>
public sealed class ParentStatistics
{
    /// <summary>Parent orders taken.</summary>
    public long Started;
    /// <summary>Parent orders completely filled.</summary>
    public long Filled;
    /// <summary>Parent orders that ended otherwise.</summary>
    public long Ended;
    /// <summary>Children refused at the last hop because their parent had no quantity left for them; each halted its parent.</summary>
    public long Violations;
    /// <summary>Children refused because their parent had ended or does not trade their market.</summary>
    public long ChildrenRefused;
    /// <summary>Children sent to another venue because one was down.</summary>
    public long Redirects;
    /// <summary>Children that risk refused.</summary>
    public long RiskRefused;
    /// <summary>Fills of children that came after their parent had ended; accounted.</summary>
    public long LateFills;
    /// <summary>Parent orders that ended because what was due was refused for good, or for too long.</summary>
    public long Refused;
    /// <summary>Waits of a second until something due is tried again.</summary>
    public long Waits;
}
