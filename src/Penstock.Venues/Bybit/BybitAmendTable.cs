using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// Changes asked for and not yet seen. The answer to a change says only that it was received, and the `order` topic does not
/// say why it tells of an order: it is changed when a row shows the price and quantity asked for. Bounded; the oldest is forgotten.
/// </summary>
internal sealed class BybitAmendTable(OrderProtocolStatistics statistics)
{
    private const int Slots = 64;

    private readonly AmendRequest[] _amends = new AmendRequest[Slots];
    private int _next;

    /// <summary>A later change of the same order replaces the earlier one.</summary>
    public void Add(in AmendRequest amend)
    {
        var slot = Find(amend.ClientOrderId);
        if (slot < 0)
        {
            slot = _next;
            _next = (_next + 1) % Slots;
            if (!_amends[slot].ClientOrderId.IsNone) statistics.TableOverflows++;
        }

        _amends[slot] = amend;
    }

    public void Remove(ClientOrderId order)
    {
        if (Find(order) is >= 0 and var slot) _amends[slot] = default;
    }

    /// <summary>True once, when an order stands as it was asked to.</summary>
    public bool TryTake(ClientOrderId order, Price price, Quantity quantity)
    {
        if (order.IsNone || Find(order) is not (>= 0 and var slot)) return false;
        if (_amends[slot].Price != price || _amends[slot].Quantity != quantity) return false;
        _amends[slot] = default;
        return true;
    }

    private int Find(ClientOrderId order)
    {
        for (var slot = 0; slot < Slots; slot++)
        {
            if (_amends[slot].ClientOrderId == order) return slot;
        }

        return -1;
    }
}
