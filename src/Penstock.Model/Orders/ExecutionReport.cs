using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Model.Orders;

public enum ExecutionKind : byte
{
    None,
    /// <summary>The venue has received the request. Not an acceptance.</summary>
    Acked,
    /// <summary>The order rests, or is known to the matching engine.</summary>
    Accepted,
    /// <summary>A trade; Last* and Fee* fields count.</summary>
    Fill,
    /// <summary>The order is completely filled, said without a trade of its own (Kraken `filled`).</summary>
    Filled,
    Cancelled,
    Expired,
    Rejected,
    CancelRejected,
    /// <summary>
    /// Answer to a query: the order as the venue sees it; <see cref="ExecutionReport.State"/> and cumulative fields count, LastPrice and
    /// LastQuantity are its price and total quantity where they are not zero.
    /// </summary>
    OrderStatus,
    /// <summary>Answer to a query: the venue does not know the order.</summary>
    OrderNotFound,
    /// <summary>The request never left this process (throttled, disconnected, not encodable); nothing is at the venue.</summary>
    NotSent,
    /// <summary>The connection closed, or an error came, before the outcome was known.</summary>
    OutcomeUnknown,
    /// <summary>The order was changed: LastPrice is its new price, LastQuantity its new total quantity, VenueOrderId its id from now on.</summary>
    Amended,
    AmendRejected,
}

/// <summary>
/// What a venue said of one of our orders, in one vocabulary (R93). Blittable: it crosses queues and is journaled as it is.
/// </summary>
public struct ExecutionReport
{
    public ExecutionKind Kind;
    public OrderState State;
    public Side Side;
    public RejectReason Reason;

    /// <summary>True when the trade was on the maker side.</summary>
    public bool IsMaker;

    public VenueId Venue;
    public InstrumentId Instrument;

    /// <summary>The venue's own error number, 0 if none or not a number.</summary>
    public int RawCode;

    /// <summary>None for an order that is not ours.</summary>
    public ClientOrderId ClientOrderId;

    public MonotonicTime Received;
    public ExchangeTime ExchangeTime;
    public Price LastPrice;
    public Quantity LastQuantity;
    public Quantity CumulativeQuantity;

    /// <summary>Fee in <see cref="FeeAsset"/>, 1e-8; positive is paid, negative is a rebate. Rounded up where finer than 1e-8.</summary>
    public long FeeRaw;

    public Text16 FeeAsset;

    /// <summary>Unique with (venue, instrument, side); fills are applied once by it. Zero where no fill.</summary>
    public long TradeId;

    public Text40 VenueOrderId;
}

/// <summary>A balance as the venue reports it: absolute, not a change. 1e-8 units of the asset.</summary>
public struct BalanceReport
{
    public VenueId Venue;
    public Text16 Asset;
    public long FreeRaw;
    public long LockedRaw;
    public MonotonicTime Received;
}

/// <summary>A funding payment of a perpetual contract, as the venue reports it. Blittable: journaled as it is.</summary>
public struct FundingReport
{
    public VenueId Venue;
    public InstrumentId Instrument;

    /// <summary>1e-8 of the instrument's settle asset; positive is received, negative is paid.</summary>
    public long AmountRaw;

    /// <summary>Unique with venue and instrument: a payment is applied once by it. Never zero.</summary>
    public long PaymentId;

    public ExchangeTime ExchangeTime;
    public MonotonicTime Received;
}
