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
    /// <summary>The market moved by more than the collar within its window.</summary>
    PriceMove,
    /// <summary>The same side, price and quantity again and again.</summary>
    DuplicateOrder,
    /// <summary>A latched breaker: the strategy was filled again and again to no effect.</summary>
    RepeatedExecution,
    /// <summary>A latched breaker.</summary>
    Volatility,
    /// <summary>A latched breaker.</summary>
    DailyLoss,
    /// <summary>A latched breaker.</summary>
    ErrorRate,
    /// <summary>The venue failed too often in a row and is left alone for a while.</summary>
    VenueBreaker,
}

/// <summary>Why an order was refused, by how much, and by whose limit. Quantities and bps as they are, notionals in 1e-16.</summary>
public readonly record struct RiskReject(RiskRule Rule, Int128 Used, Int128 Cap)
{
    /// <summary>Whose limit, kill or breaker it was.</summary>
    public LimitScope Scope { get; init; }

    /// <summary>The limit's name with its scope, or the rule's: <c>position strategy:1</c>.</summary>
    public string Name => $"{(LimitCatalog.Of(Rule) is { } limit ? LimitCatalog.Of(limit).Text : Rule.ToString())}{(Scope == LimitScope.Node ? "" : $" {Scope}")}";

    public override string ToString() => LimitCatalog.Of(Rule) is { } limit
        ? $"{Name}: {LimitCatalog.Show(LimitCatalog.Of(limit).Unit, Used)} / {LimitCatalog.Show(LimitCatalog.Of(limit).Unit, Cap)}"
        : $"{Name}: {Used} / {Cap}";
}
