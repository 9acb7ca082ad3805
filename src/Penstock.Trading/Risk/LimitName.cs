namespace Penstock.Trading.Risk;

/// <summary>
/// The limits a person can set while the node runs (R81). Their texts, units and scopes are in <see cref="LimitCatalog"/>. Journaled by
/// text; appended at the end.
/// </summary>
public enum LimitName : byte
{
    OrderQuantity,
    OrderNotional,
    PriceCollar,
    PriceMove,
    PriceMoveWindow,
    Position,
    GrossExposure,
    OpenOrders,
    MessageRate,
    MessageWindow,
    DuplicateOrders,
    DuplicateWindow,
    RepeatedFills,
    RepeatedWindow,
    DailyLoss,
    Volatility,
    VolatilityWindow,
    ErrorRate,
    ErrorWindow,
    ErrorOrdersMin,
    VenueFailures,
    VenuePause,
    BalanceCheck,
}

/// <summary>What the numbers of a limit count.</summary>
public enum LimitUnit : byte
{
    /// <summary>1e-8 of the base asset, or of a contract.</summary>
    Quantity,
    /// <summary>1e-16 of the quote asset.</summary>
    Notional,
    /// <summary>1/100 %.</summary>
    BasisPoints,
    Count,
    Milliseconds,
}
