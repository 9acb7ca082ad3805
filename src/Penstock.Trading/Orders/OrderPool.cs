using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// All order records, allocated once (R38), found by client order id through an open-addressing table. Live orders and
/// ended ones are two linked lists in order of entry. An ended order stays findable, for late fills, until its record is
/// the oldest ended one and no other is free.
/// </summary>
internal sealed partial class OrderPool
{
    private readonly Order[] _orders;
    private readonly int[] _table; // slot + 1; 0 is free
    private readonly int _mask;
    private int _used;

    public OrderPool(int capacity)
    {
        _orders = new Order[capacity];
        for (var i = 0; i < capacity; i++) _orders[i] = new Order { Slot = i };
        _table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
        _mask = _table.Length - 1;
    }

    public OrderList Live { get; } = new();

    public OrderList Ended { get; } = new();

    public Order? Find(ClientOrderId id)
    {
        var slot = FindSlot(id);
        return _table[slot] == 0 ? null : _orders[_table[slot] - 1];
    }

    /// <summary>
    /// By the venue's id, live orders first, then ended ones from the newest. Walks the lists: only for what the few lists of
    /// fills without our id bring.
    /// </summary>
    public Order? Find(VenueId venue, in Text40 venueOrderId)
    {
        for (var order = Live.First; order is not null; order = order.Next)
        {
            if (order.Venue == venue && Names(order, venueOrderId)) return order;
        }

        for (var order = Ended.Last; order is not null; order = order.Previous)
        {
            if (order.Venue == venue && Names(order, venueOrderId)) return order;
        }

        return null;
    }

    private static bool Names(Order order, in Text40 venueOrderId) =>
        order.VenueOrderId.Equals(venueOrderId) || order.PreviousVenueOrderId.Equals(venueOrderId);

    /// <summary>A record in the live list under the id; null when every record is live. The caller fills it.</summary>
    public Order? Rent(ClientOrderId id)
    {
        Order order;
        if (_used < _orders.Length)
        {
            order = _orders[_used++];
        }
        else
        {
            if (Ended.First is not { } oldest) return null;
            order = oldest;
            Ended.Remove(order);
            Remove(FindSlot(order.ClientOrderId));
        }

        _table[FindSlot(id)] = order.Slot + 1;
        order.ClientOrderId = id;
        Live.Add(order);
        return order;
    }

    public void End(Order order)
    {
        Live.Remove(order);
        Ended.Add(order);
    }

    private int FindSlot(ClientOrderId id)
    {
        var slot = Home(id);
        while (_table[slot] != 0 && _orders[_table[slot] - 1].ClientOrderId != id) slot = (slot + 1) & _mask;
        return slot;
    }

    private void Remove(int free)
    {
        _table[free] = 0;
        for (var slot = (free + 1) & _mask; _table[slot] != 0; slot = (slot + 1) & _mask)
        {
            var home = Home(_orders[_table[slot] - 1].ClientOrderId);
            if (((slot - home) & _mask) < ((slot - free) & _mask)) continue;
            _table[free] = _table[slot];
            _table[slot] = 0;
            free = slot;
        }
    }

    private int Home(ClientOrderId id) => (int)(((ulong)id.Value * 0x9E3779B97F4A7C15UL) >> 40) & _mask;
}

/// <summary>Orders in order of entry; taking one out costs nothing and allocates nothing.</summary>
public sealed class OrderList
{
    public Order? First { get; private set; }

    public int Count { get; private set; }

    internal Order? Last => _last;

    private Order? _last;

    /// <summary>The next one, or null. Take it before the current order may change lists.</summary>
    public static Order? After(Order order) => order.Next;

    internal void Add(Order order)
    {
        order.Previous = _last;
        order.Next = null;
        if (_last is null) First = order;
        else _last.Next = order;
        _last = order;
        Count++;
    }

    internal void Remove(Order order)
    {
        if (order.Previous is null) First = order.Next;
        else order.Previous.Next = order.Next;
        if (order.Next is null) _last = order.Previous;
        else order.Next.Previous = order.Previous;
        order.Next = order.Previous = null;
        Count--;
    }
}
