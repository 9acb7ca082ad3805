namespace Penstock.Model.Orders;

public enum OrderType : byte
{
    Limit,
    Market,
    /// <summary>Held by the engine until the market reaches the stop price, then a market order.</summary>
    Stop,
    /// <summary>Held by the engine until the market reaches the stop price, then a limit order.</summary>
    StopLimit,
}

public enum TimeInForce : byte
{
    GoodTillCancel,
    ImmediateOrCancel,
    FillOrKill,
    /// <summary>Rests until it is filled or its time has come; the engine cancels it then.</summary>
    GoodTillDate,
}

[Flags]
public enum OrderFlags : byte
{
    None = 0,
    PostOnly = 1,
    ReduceOnly = 2,
}

/// <summary>The life of an order. Transitions are listed, and enforced, in Trading/Orders.</summary>
public enum OrderState : byte
{
    None,
    /// <summary>Approved and journaled; not yet handed to the socket.</summary>
    PendingNew,
    /// <summary>On its way; the venue has said nothing.</summary>
    Sent,
    /// <summary>The venue has the request. An ack is not an acceptance.</summary>
    Acked,
    /// <summary>Resting on the venue's book.</summary>
    Working,
    PartiallyFilled,
    Filled,
    Cancelled,
    Rejected,
    Expired,
    /// <summary>No answer in time: resolved by query, never by resending (P5).</summary>
    Unknown,
    /// <summary>A stop order that waits in the engine for its price; no venue knows it.</summary>
    Held,
}

/// <summary>Why an order, a cancel or a query failed, in one vocabulary for all venues; the raw code is kept beside it.</summary>
public enum RejectReason : byte
{
    None,
    Rejected,
    InsufficientFunds,
    InvalidParameter,
    PriceOutOfRange,
    QuantityOutOfRange,
    WouldTakeLiquidity,
    DuplicateClientOrderId,
    OrderNotFound,
    RateLimited,
    Authentication,
    ClockSkew,
    InstrumentNotTrading,
    Maintenance,
    /// <summary>The venue itself does not know; query, never resend.</summary>
    UnknownOutcome,
    Transient,
    /// <summary>The venue, or its protocol here, has no such thing.</summary>
    NotSupported,
    /// <summary>The event that led to the order was too old when the order would have left.</summary>
    StaleSignal,
    /// <summary>Risk refused the order at the moment its stop price was reached.</summary>
    RiskRefused,
    /// <summary>The kill switch stopped it before the socket: nothing left the process.</summary>
    Killed,
}
