using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

public sealed partial class OrderManager
{
    /// <summary>Every order still remembered, the fills known, and the sums over them.</summary>
    internal void Archive(StateArchive state)
    {
        _pool.Archive(state);
        _fills.Archive(state);
        Parents.Archive(state);
        InFlight.Archive(state);
        state.Values(_openBuy.AsSpan());
        state.Values(_openSell.AsSpan());
        state.Values(_openOrders.AsSpan());
        state.Values(_missing.AsSpan());
        _nextDueNs = state.Value(_nextDueNs);
        state.Counters(Statistics);
        if (state.Version >= 2) _issued.Archive(state);
    }
}

internal sealed partial class OrderPool
{
    /// <summary>
    /// The two lists in their order; which record of the pool an order lies in decides nothing. Loading needs a pool that was
    /// never used.
    /// </summary>
    public void Archive(StateArchive state)
    {
        if (state.IsLoading && _used > 0) throw new InvalidOperationException("State is loaded into a new engine only.");
        ArchiveList(Live, state);
        ArchiveList(Ended, state);
    }

    private void ArchiveList(OrderList list, StateArchive state)
    {
        var count = state.Value(list.Count);
        if (!state.IsLoading)
        {
            for (var order = list.First; order is not null; order = order.Next) order.Archive(state);
            return;
        }

        if (count < 0 || count > _orders.Length - _used)
            throw new InvalidDataException($"{count} orders were saved, there is room for {_orders.Length - _used}: the pool is smaller now.");
        for (var i = 0; i < count; i++)
        {
            var order = _orders[_used++];
            order.Archive(state);
            Enter(order.ClientOrderId, order.Slot);
            list.Add(order);
        }
    }
}

public sealed partial class FillWindow
{
    /// <summary>The ring as it lies; the buckets over it are built again.</summary>
    internal void Archive(StateArchive state)
    {
        var added = state.Value(_added);
        var keys = state.List<FillKey>(_ring.AsSpan(0, (int)Math.Min(_added, _ring.Length)));
        if (!state.IsLoading) return;
        if (keys.Length != Math.Min(added, _ring.Length)) throw new InvalidDataException("The window of fills has another size than it had.");
        Array.Clear(_newest);
        _added = added - keys.Length;
        while (_added < added)
        {
            ref readonly var key = ref keys[PlaceOf(_added)];
            Put(key, ref _newest[BucketOf(key)]);
        }
    }
}
