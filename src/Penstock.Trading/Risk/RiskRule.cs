namespace Penstock.Trading.Risk;

/// <summary>The named pre-trade checks (R81), in the order they are made. Each has a counter of refusals.</summary>
public enum RiskRule : byte
{
    None,
    KillSwitch,
    /// <summary>The lifecycle has not reached READY, or is already leaving it.</summary>
    NotReady,
    CancelOnly,
    Halted,
    /// <summary>The strategy threw or was switched off.</summary>
    StrategyDisabled,
    InstrumentUnknown,
    InstrumentStatus,
    /// <summary>The venue is not reconciled, or a fill it reported is missing: the position is not known (P4).</summary>
    Unresolved,
    /// <summary>Price or quantity is not positive.</summary>
    Malformed,
    Tick,
    Lot,
    QuantityMin,
    NotionalMin,
    /// <summary>No tradable book to compare the price with.</summary>
    NoReferencePrice,
    PriceCollar,
    OrderQuantity,
    OrderNotional,
    Position,
    GrossExposure,
    OpenOrders,
    MessageRate,
    DuplicateClientOrderId,
    Balance,
    /// <summary>Every record of the order pool holds a live order.</summary>
    PoolFull,
    /// <summary>The venue takes no more orders for the moment: its own limit is reached.</summary>
    VenueOrderRate,

    // orders
    /// <summary>A reduce-only order with no position of its strategy left to reduce.</summary>
    ReduceOnly,
    /// <summary>A child beyond its parent's quantity, or of a parent that takes no more children.</summary>
    ParentQuantity,
    /// <summary>The order is not resting, or another change of it is under way.</summary>
    NotAmendable,
}

/// <summary>Why an order was refused, and by how much. Quantities and bps as they are, notionals in 1e-16.</summary>
public readonly record struct RiskReject(RiskRule Rule, Int128 Used, Int128 Cap);
