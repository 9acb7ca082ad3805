using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>What was asked of an order by the venue's id.</summary>
internal struct BitfinexRequest
{
    public long VenueOrderId;
    public ClientOrderId Id;

    /// <summary>Asked for and neither confirmed nor refused.</summary>
    public bool IsAmendPending;

    /// <summary>Confirmed: from then on what is filled is counted from the new total.</summary>
    public bool IsAmended;

    public Price Price;
    public Quantity Total;

    /// <summary>The total without what was filled when it was asked for: what the venue was sent.</summary>
    public Quantity Left;
}

/// <summary>
/// Cancels and amendments by the venue's id: a refusal may name that id and nothing else, and an amended order tells the total it began
/// with. A table of the last requests; one that is overwritten is counted, and its order asked for once its time is up.
/// </summary>
internal sealed class BitfinexRequests(OrderProtocolStatistics statistics)
{
    /// <summary>A power of two, far above the requests in flight.</summary>
    private const int Slots = 4096;

    private readonly BitfinexRequest[] _requests = new BitfinexRequest[Slots];
    private BitfinexRequest _none;

    public void AddCancel(long venueOrderId, ClientOrderId id) => Open(venueOrderId).Id = id;

    public void AddAmend(long venueOrderId, in AmendRequest amend)
    {
        ref var request = ref Open(venueOrderId);
        request.Id = amend.ClientOrderId;
        request.IsAmendPending = true;
        request.Price = amend.Price;
        request.Total = amend.Quantity;
        request.Left = amend.Quantity - amend.FilledQuantity;
    }

    /// <summary>An empty one for an order nothing was asked of here.</summary>
    public ref BitfinexRequest Find(long venueOrderId)
    {
        ref var request = ref _requests[venueOrderId & (Slots - 1)];
        if (request.VenueOrderId == venueOrderId) return ref request;
        _none = default;
        return ref _none;
    }

    public void Clear() => Array.Clear(_requests);

    private ref BitfinexRequest Open(long venueOrderId)
    {
        ref var request = ref _requests[venueOrderId & (Slots - 1)];
        if (request.VenueOrderId == venueOrderId) return ref request;
        if (request.VenueOrderId != 0) statistics.TableOverflows++;
        request = new BitfinexRequest { VenueOrderId = venueOrderId };
        return ref request;
    }
}
