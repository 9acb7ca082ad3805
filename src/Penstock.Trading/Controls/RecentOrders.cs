using Penstock.Model.Orders;

namespace Penstock.Trading.Controls;

/// <summary>
/// The last 16,384 orders by what makes two of them the same: strategy, instrument, side, price, quantity. A ring whose entries are
/// chained by hash, newest first. Allocated at start.
/// </summary>
public sealed class RecentOrders
{
    public const int Capacity = 1 << 14;

    private const int Buckets = 1 << 13;

    private readonly Entry[] _ring = new Entry[Capacity];
    private readonly long[] _newest = new long[Buckets];
    private long _added;

    private struct Entry
    {
        public long Previous; // number of the entry before it in the bucket, from 1
        public long AtNs;
        public long Key;
        public long PriceRaw;
        public long QuantityRaw;
    }

    /// <summary>Equal orders younger than the window, counted up to <paramref name="max"/>.</summary>
    public int Count(in OrderRequest order, long nowNs, long windowNs, int max)
    {
        var count = 0;
        var key = KeyOf(order);
        for (var number = _newest[BucketOf(order, key)]; number > 0 && number > _added - Capacity && count < max;)
        {
            ref readonly var entry = ref _ring[number & (Capacity - 1)];
            if (nowNs - entry.AtNs >= windowNs) break;
            if (entry.Key == key && entry.PriceRaw == order.Price.Raw && entry.QuantityRaw == order.Quantity.Raw) count++;
            number = entry.Previous;
        }

        return count;
    }

    public void Add(in OrderRequest order, long nowNs)
    {
        var key = KeyOf(order);
        ref var newest = ref _newest[BucketOf(order, key)];
        var number = ++_added;
        _ring[number & (Capacity - 1)] = new Entry { Previous = newest, AtNs = nowNs, Key = key, PriceRaw = order.Price.Raw, QuantityRaw = order.Quantity.Raw };
        newest = number;
    }

    /// <summary>Another time base has begun.</summary>
    public void Clear()
    {
        Array.Clear(_newest);
        _added = 0;
    }

    private static long KeyOf(in OrderRequest order) => ((long)order.Instrument.Value << 24) | ((long)order.Strategy << 8) | (long)order.Side;

    private static int BucketOf(in OrderRequest order, long key) =>
        (int)((((ulong)key * 31 + (ulong)order.Price.Raw) * 31 + (ulong)order.Quantity.Raw) * 0x9E3779B97F4A7C15UL >> 51);
}
