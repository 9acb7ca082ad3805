using Penstock.Model.Orders;

namespace Penstock.Strategies.Backtesting;

/// <summary>One order of ours on a simulated venue's book.</summary>
internal sealed class RestingOrder
{
    public OrderRequest Request;

    /// <summary>What the venue may still fill, raw 1e-8.</summary>
    public long LeavesRaw;

    public long FilledRaw;

    /// <summary>Quantity of others that is served before this order, raw.</summary>
    public long AheadRaw;

    /// <summary>What the last book update took from <see cref="AheadRaw"/>: a trade that comes after it may be the reason.</summary>
    public long ExplainedRaw;

    /// <summary>The price the order rests at now; an amend moves it.</summary>
    public long PriceRaw;
}
