using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Model.Orders;

/// <summary>A strategy's wish to trade. Only risk can turn it into something execution accepts.</summary>
public readonly record struct OrderRequest
{
    public ClientOrderId ClientOrderId { get; init; }

    public InstrumentId Instrument { get; init; }

    /// <summary>Which strategy of the node asked, 1-based.</summary>
    public ushort Strategy { get; init; }

    public Side Side { get; init; }

    public OrderType Type { get; init; }

    public TimeInForce TimeInForce { get; init; }

    public OrderFlags Flags { get; init; }

    /// <summary>Limit price; for a market order the price risk has to assume.</summary>
    public Price Price { get; init; }

    /// <summary>Always positive; the side carries the direction.</summary>
    public Quantity Quantity { get; init; }

    /// <summary>Receive stamp of the event that led to this order: where decision latency starts. Not part of any decision.</summary>
    public MonotonicTime Trigger { get; init; }

    /// <summary>Where a stop order wakes; zero for others.</summary>
    public Price StopPrice { get; init; }

    /// <summary>Engine time at which an order good till a date is cancelled; zero for others.</summary>
    public MonotonicTime Expires { get; init; }

    /// <summary>The parent order whose quantity this one takes a part of; None for an order of its own.</summary>
    public ClientOrderId Parent { get; init; }

    /// <summary>An order whose <see cref="Trigger"/> is older than this when it would leave is dropped, ns; zero for no bound.</summary>
    public long SignalAgeNsMax { get; init; }
}

/// <summary>A wish to take an order off the market. Cancels are never refused by risk.</summary>
public readonly record struct CancelRequest
{
    public ClientOrderId ClientOrderId { get; init; }

    public InstrumentId Instrument { get; init; }

    /// <summary>Empty while the venue has not told its id.</summary>
    public Text40 VenueOrderId { get; init; }

    public MonotonicTime Trigger { get; init; }
}

/// <summary>A wish to change a resting order's price and quantity. Where the venue gives the order a new id, its reports say so.</summary>
public readonly record struct AmendRequest
{
    /// <summary>Of the order as it was placed; it stays.</summary>
    public ClientOrderId ClientOrderId { get; init; }

    public InstrumentId Instrument { get; init; }

    /// <summary>Empty while the venue has not told its id.</summary>
    public Text40 VenueOrderId { get; init; }

    /// <summary>Of the order; some venues want it repeated.</summary>
    public Side Side { get; init; }

    /// <summary>The new limit price.</summary>
    public Price Price { get; init; }

    /// <summary>The new total quantity, what is filled included.</summary>
    public Quantity Quantity { get; init; }

    /// <summary>Whose order it is; 0 is a person's. The last hop's kill switch asks.</summary>
    public ushort Strategy { get; init; }

    /// <summary>What of the old quantity is filled, for venues that want the rest instead.</summary>
    public Quantity FilledQuantity { get; init; }

    /// <summary>Of the order, which keeps them; a venue that asks anew for each change is told them again.</summary>
    public OrderFlags Flags { get; init; }

    public MonotonicTime Trigger { get; init; }
}
