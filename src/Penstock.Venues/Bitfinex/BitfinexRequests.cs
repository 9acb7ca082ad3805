using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>An order that this process placed or amended: what its rows mean, and the amendment that was asked for.</summary>
internal struct BitfinexKnownOrder
{
    public ClientOrderId Id;

    /// <summary>What is filled and what is left of it together; zero while that is not known.</summary>
    public Quantity Total;

    /// <summary>The most that is known to be filled.</summary>
    public Quantity Filled;

    /// <summary>Its rows go on telling the total it began with.</summary>
    public bool IsAmended;

    /// <summary>Asked for and neither confirmed nor refused.</summary>
    public bool IsAmendPending;

    public Price AskedPrice;
    public Quantity AskedTotal;

    /// <summary>The total asked for without what was filled then: what the venue was sent.</summary>
    public Quantity AskedLeft;

    /// <summary>
    /// The new price, and what was to be left, or the new total, or more than there was: a fill on the way changes one of them only, and what is left
    /// grows by an amendment alone.
    /// </summary>
    public readonly bool IsAsAsked(long priceRaw, Quantity left, Quantity whole) =>
        IsAmendPending && priceRaw == AskedPrice.Raw
        && (left == AskedLeft || whole == AskedTotal || left.Raw == AskedTotal.Raw - Filled.Raw || HasGrown(left));

    public readonly bool HasGrown(Quantity left) => Total.Raw > 0 && left.Raw > Total.Raw - Filled.Raw;

    /// <summary>From now on what is filled is counted from here: the total may be more than was asked for, by what was filled meanwhile.</summary>
    public void Amend(Quantity left) => (IsAmended, Total) = (true, new Quantity(Filled.Raw + left.Raw));
}

/// <summary>
/// What was asked of the venue: a refusal may name the venue's id and nothing else, and an order's row tells what it began with and not
/// the total it was amended to. Two tables, of the last requests by the venue's id and of the last orders by ours.
/// </summary>
internal sealed class BitfinexRequests(OrderProtocolStatistics statistics)
{
    /// <summary>A power of two, far above the requests in flight. Our ids count up, so an order leaves when so many have followed it.</summary>
    private const int Slots = 4096;

    private readonly (long VenueOrderId, ClientOrderId Id)[] _ids = new (long, ClientOrderId)[Slots];
    private readonly BitfinexKnownOrder[] _orders = new BitfinexKnownOrder[Slots];
    private BitfinexKnownOrder _none;

    public void AddPlace(ClientOrderId id) => Slot(id) = new BitfinexKnownOrder { Id = id };

    /// <summary>A request by the venue's id. One that is overwritten is counted; its order is asked for once its time is up.</summary>
    public void Remember(long venueOrderId, ClientOrderId id)
    {
        ref var known = ref _ids[venueOrderId & (Slots - 1)];
        if (known.VenueOrderId != 0 && known.VenueOrderId != venueOrderId) statistics.TableOverflows++;
        known = (venueOrderId, id);
    }

    public void AddAmend(long venueOrderId, in AmendRequest amend)
    {
        Remember(venueOrderId, amend.ClientOrderId);
        ref var order = ref Slot(amend.ClientOrderId);
        // Of an earlier process, which may have amended it: what its rows mean is known when this amendment is confirmed.
        if (order.Id != amend.ClientOrderId) order = new BitfinexKnownOrder { Id = amend.ClientOrderId, IsAmended = true };
        // Where rows are counted, only they count: a trade may be told before the rows that lead to it.
        if (order.Total.Raw == 0 && amend.FilledQuantity > order.Filled) order.Filled = amend.FilledQuantity;
        order.IsAmendPending = true;
        (order.AskedPrice, order.AskedTotal) = (amend.Price, amend.Quantity);
        order.AskedLeft = amend.Quantity - amend.FilledQuantity;
    }

    /// <summary>None where nothing was asked of this id.</summary>
    public ClientOrderId IdOf(long venueOrderId)
    {
        var known = _ids[venueOrderId & (Slots - 1)];
        return known.VenueOrderId == venueOrderId ? known.Id : default;
    }

    /// <summary>An empty one for an order that was not placed here, or so long ago that nothing is known of it.</summary>
    public ref BitfinexKnownOrder OrderOf(ClientOrderId id)
    {
        ref var order = ref Slot(id);
        if (!id.IsNone && order.Id == id) return ref order;
        _none = default;
        return ref _none;
    }

    /// <summary>The connection was lost: nobody knows what became of the amendments on their way, nor what their orders' rows will mean.</summary>
    public void Clear()
    {
        Array.Clear(_ids);
        foreach (ref var order in _orders.AsSpan())
        {
            if (order.IsAmendPending) order = default;
        }
    }

    private ref BitfinexKnownOrder Slot(ClientOrderId id) => ref _orders[id.Value & (Slots - 1)];
}
