using System.Numerics;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// All order records, allocated once (R38), found by client order id: a bucket knows one record, each record the next of its bucket. Ids are
/// counted, so neighbours in number are neighbours here, and the next order finds its bucket in the cache. Live orders and
/// ended ones are two linked lists in order of entry. An ended order stays findable, for late fills, until its record is
/// the oldest ended one and no other is free.
/// </summary>
internal sealed partial class OrderPool
{
    /// <summary>Orders that lie side by side: 2^4.</summary>
    private const int NeighbourBits = 4;

    private readonly Order[] _orders;
    private readonly ClientOrderId[] _ids; // by slot: a walk along a bucket does not touch the records
    private readonly int[] _following; // by slot: slot + 1 of the next in its bucket; 0 for none
    private readonly int[] _buckets; // slot + 1; 0 for none
    private int _used;

    public OrderPool(int capacity)
    {
        _orders = new Order[capacity];
        for (var i = 0; i < capacity; i++) _orders[i] = new Order { Slot = i };
        _ids = new ClientOrderId[capacity];
        _following = new int[capacity];
        _buckets = new int[(int)BitOperations.RoundUpToPowerOf2((uint)capacity * 2)];
    }

    public OrderList Live { get; } = new();

    public OrderList Ended { get; } = new();

    public Order? Find(ClientOrderId id)
    {
        for (var at = _buckets[BucketOf(id)]; at != 0; at = _following[at - 1])
        {
            if (_ids[at - 1] == id) return _orders[at - 1];
        }

        return null;
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
            Leave(order.Slot);
        }

        Enter(id, order.Slot);
        order.ClientOrderId = id;
        Live.Add(order);
        return order;
    }

    public void End(Order order)
    {
        Live.Remove(order);
        Ended.Add(order);
    }

    private void Enter(ClientOrderId id, int slot)
    {
        ref var bucket = ref _buckets[BucketOf(id)];
        _ids[slot] = id;
        _following[slot] = bucket;
        bucket = slot + 1;
    }

    private void Leave(int slot)
    {
        ref var at = ref _buckets[BucketOf(_ids[slot])];
        while (at != slot + 1) at = ref _following[at - 1];
        at = _following[slot];
    }

    private int BucketOf(ClientOrderId id)
    {
        var value = (ulong)id.Value;
        var hash = (value >> NeighbourBits) * 0x9E3779B97F4A7C15UL;
        return ((int)(hash >> 40) << NeighbourBits | (int)value & ((1 << NeighbourBits) - 1)) & (_buckets.Length - 1);
    }
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
