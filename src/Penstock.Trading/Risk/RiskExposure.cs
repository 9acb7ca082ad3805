using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>The facts an order is judged by, gathered by the desk at the moment of the check.</summary>
public struct RiskExposure
{
    /// <summary>Engine time.</summary>
    public long NowNs;

    /// <summary>Best bid + best ask, raw: twice the mid without rounding. Zero when the book is not tradable.</summary>
    public Int128 MidTwiceRaw;

    public InstrumentStatus Status;

    /// <summary>The node's position in the instrument over all strategies.</summary>
    public Quantity Position;

    /// <summary>What live buy orders may still buy.</summary>
    public Quantity OpenBuy;

    public Quantity OpenSell;

    public int OpenOrders;

    /// <summary>
    /// Of an order that is being changed: what sums per strategy and venue hold for it already. The facts above and below are without it.
    /// </summary>
    public Quantity Counted;

    /// <summary>Before this order.</summary>
    public Notional GrossExposure;

    public bool IsDuplicate;

    public bool IsUnresolved;

    public bool IsStrategyDisabled;

    /// <summary>False when the venue has told no balance of the asset that pays.</summary>
    public bool IsBalanceKnown;

    /// <summary>Free amount of the asset that pays: quote for a buy, base for a sell.</summary>
    public Notional Free;
}
