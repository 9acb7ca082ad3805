using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading.Orders;

/// <summary>What makes a fill the same fill. Some venues count trades per instrument, and a self-trade has two sides.</summary>
public readonly record struct FillKey(long TradeId, InstrumentId Instrument, VenueId Venue, Side Side);

/// <summary>
/// The last N fills, so that each is applied once (I3) however often streams, queries and reconciliations repeat it.
/// A ring holds the keys in order of arrival. A bucket knows its newest fill and each fill the one before it in its bucket; a walk along them ends
/// where the ring has moved on, so nothing is ever taken out. Venues count trades: neighbours in number are neighbours here, and the next fill
/// finds its bucket in the cache.
/// </summary>
public sealed partial class FillWindow
{
    public const int DefaultCapacity = 65_536;

    /// <summary>Trades that lie side by side: 2^4.</summary>
    private const int NeighbourBits = 4;

    private readonly FillKey[] _ring;

    // Fills are numbered from 1, and the numbers go round after four billion.
    private readonly uint[] _before; // by place in the ring: the fill before it in its bucket
    private readonly uint[] _newest; // by bucket
    private long _added;

    /// <param name="capacity">A power of two.</param>
    /// <param name="added">Fills of before that are not known any more.</param>
    public FillWindow(int capacity = DefaultCapacity, long added = 0)
    {
        if (!int.IsPow2(capacity)) throw new ArgumentException($"The capacity must be a power of two, was {capacity}.", nameof(capacity));
        _ring = new FillKey[capacity];
        _before = new uint[capacity];
        _newest = new uint[capacity * 2]; // half as many fills as buckets, so walks stay short
        _added = added;
    }

    /// <summary>False when the key is known already. Allocates nothing.</summary>
    public bool TryAdd(in FillKey key)
    {
        ref var newest = ref _newest[BucketOf(key)];
        if (IsAmong(newest, key)) return false;
        Put(key, ref newest);
        return true;
    }

    public bool Contains(in FillKey key) => IsAmong(_newest[BucketOf(key)], key);

    private void Put(in FillKey key, ref uint newest)
    {
        var place = PlaceOf(_added++);
        _ring[place] = key;
        _before[place] = newest;
        newest = (uint)_added;
    }

    /// <summary>
    /// The walk goes on while fills get older and the ring still has them: a number of another round leads nowhere, or to what is older.
    /// </summary>
    private bool IsAmong(uint number, in FillKey key)
    {
        var count = Math.Min(_added, _ring.Length);
        for (long age = (uint)_added - number, last = -1; age < count && age > last;)
        {
            var place = PlaceOf(_added - 1 - age);
            if (_ring[place] == key) return true;
            last = age;
            age = (uint)_added - _before[place];
        }

        return false;
    }

    private int PlaceOf(long index) => (int)index & (_ring.Length - 1);

    /// <summary>Both sides of a self-trade lie in one.</summary>
    private int BucketOf(in FillKey key)
    {
        var trade = (ulong)key.TradeId;
        var hash = ((trade >> NeighbourBits) ^ ((ulong)(uint)key.Instrument.Value << 32) ^ ((ulong)key.Venue.Value << 8)) * 0x9E3779B97F4A7C15UL;
        return ((int)(hash >> 40) << NeighbourBits | (int)trade & ((1 << NeighbourBits) - 1)) & (_newest.Length - 1);
    }
}
