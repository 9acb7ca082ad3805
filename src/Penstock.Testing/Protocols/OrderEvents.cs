using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols;

public enum OrderEventKind : byte
{
    Accepted,
    Trade,
    /// <summary>Changed, and open as before.</summary>
    Amended,
    /// <summary>Cancelled or expired; see the cause.</summary>
    Cancelled,
}

/// <summary>Something that happened to an order of the account, with the order's figures as they were at that moment.</summary>
public readonly record struct OrderEvent
{
    public OrderEventKind Kind { get; init; }

    public SimulatedOrder Order { get; init; }

    /// <summary>Unix nanoseconds of the venue's clock.</summary>
    public long TimeNs { get; init; }

    public OrderState State { get; init; }

    public Quantity Filled { get; init; }

    /// <summary>1e-16.</summary>
    public Int128 FilledQuote { get; init; }

    /// <summary>All fees so far, 1e-16 of the order's fee asset.</summary>
    public Int128 FeePaid { get; init; }

    public CancelCause Cause { get; init; }

    /// <summary>Set for a trade.</summary>
    public AccountTrade? Trade { get; init; }
}

/// <summary>One fill of the account.</summary>
/// <param name="TradeId">Per instrument; maker and taker of one trade share it.</param>
/// <param name="Fee">1e-16 of the order's fee asset; positive is paid.</param>
/// <param name="TimeNs">Unix nanoseconds.</param>
public sealed record AccountTrade(
    long TradeId, SimulatedOrder Order, Price Price, Quantity Quantity, bool IsMaker, Int128 Fee, long TimeNs)
{
    /// <summary>Price × quantity, 1e-16.</summary>
    public Int128 QuoteAmount => Notional.Of(Price, Quantity).Raw;
}
