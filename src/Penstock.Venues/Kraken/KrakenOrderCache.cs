using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>What the first update of an order told and later ones leave out.</summary>
internal struct KrakenKnownOrder
{
    public Text40 VenueOrderId;
    public ClientOrderId ClientOrderId;

    /// <summary>None for a foreign order on an instrument this process does not know.</summary>
    public InstrumentId Instrument;

    public Side Side;
    public Quantity CumulativeQuantity;

    /// <summary>As it rests; both zero while no row has told.</summary>
    public Price Price;
    public Quantity Total;

    /// <summary>The last change this process asked for; zero when a row has told of it.</summary>
    public Price AskedPrice;
    public Quantity AskedTotal;
}

/// <summary>
/// Orders of the connection by the venue's id: open addressing with linear probing in two fixed arrays, removal by shifting
/// back, so that nothing is allocated and no tombstones gather. Ended orders are removed; a full table remembers no more and counts.
/// </summary>
internal sealed class KrakenOrderCache(OrderProtocolStatistics statistics)
{
    /// <summary>Kraken allows 225 open orders per pair; this is thirty-six pairs of them.</summary>
    public const int OrdersMax = Slots / 2;

    private const int Slots = 16 * 1024;
    private const int Mask = Slots - 1;

    private readonly KrakenKnownOrder[] _orders = new KrakenKnownOrder[Slots];

    public int Count { get; private set; }

    public bool TryFind(in Text40 venueOrderId, out KrakenKnownOrder order)
    {
        var slot = Find(venueOrderId);
        order = _orders[slot];
        return !order.VenueOrderId.IsEmpty;
    }

    public void Put(in KrakenKnownOrder order)
    {
        var slot = Find(order.VenueOrderId);
        if (_orders[slot].VenueOrderId.IsEmpty)
        {
            if (Count >= OrdersMax)
            {
                statistics.TableOverflows++;
                return;
            }

            Count++;
        }

        _orders[slot] = order;
    }

    /// <summary>A change was asked for. Of an order that no row has named yet nothing is remembered.</summary>
    public void Ask(in Text40 venueOrderId, Price price, Quantity total)
    {
        ref var order = ref _orders[Find(venueOrderId)];
        if (!order.VenueOrderId.IsEmpty) (order.AskedPrice, order.AskedTotal) = (price, total);
    }

    public void Remove(in Text40 venueOrderId)
    {
        var hole = Find(venueOrderId);
        if (_orders[hole].VenueOrderId.IsEmpty) return;
        Count--;
        for (var slot = (hole + 1) & Mask; !_orders[slot].VenueOrderId.IsEmpty; slot = (slot + 1) & Mask)
        {
            // An entry may fill the hole unless its home lies cyclically after the hole.
            var home = Home(_orders[slot].VenueOrderId);
            if (((slot - home) & Mask) < ((slot - hole) & Mask)) continue;
            _orders[hole] = _orders[slot];
            hole = slot;
        }

        _orders[hole] = default;
    }

    public void Clear()
    {
        Array.Clear(_orders);
        Count = 0;
    }

    private int Find(in Text40 venueOrderId)
    {
        var slot = Home(venueOrderId);
        while (!_orders[slot].VenueOrderId.IsEmpty && !_orders[slot].VenueOrderId.Equals(venueOrderId)) slot = (slot + 1) & Mask;
        return slot;
    }

    private static int Home(in Text40 venueOrderId)
    {
        // FNV's low bits alone cluster for ids that differ in their last character only.
        var hash = (uint)venueOrderId.GetHashCode();
        return (int)((hash ^ (hash >> 15)) & Mask);
    }
}
