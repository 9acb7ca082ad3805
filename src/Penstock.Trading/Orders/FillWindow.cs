using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.Trading.Orders;

/// <summary>What makes a fill the same fill. Some venues count trades per instrument, and a self-trade has two sides.</summary>
public readonly record struct FillKey(long TradeId, InstrumentId Instrument, VenueId Venue, Side Side);

/// <summary>
/// The last N fills, so that each is applied once (I3) however often streams, queries and reconciliations repeat it.
/// A ring holds the keys in order of arrival; an open-addressing table over the ring finds them. The oldest makes room.
/// </summary>
public sealed partial class FillWindow
{
    public const int DefaultCapacity = 65_536;

    private readonly FillKey[] _ring;
    private readonly int[] _table; // ring index + 1; 0 is free
    private readonly int _mask;
    private long _added;

    /// <param name="capacity">A power of two.</param>
    public FillWindow(int capacity = DefaultCapacity)
    {
        if (!int.IsPow2(capacity)) throw new ArgumentException($"The capacity must be a power of two, was {capacity}.", nameof(capacity));
        _ring = new FillKey[capacity];
        _table = new int[capacity * 2]; // at most half full, so probes stay short
        _mask = _table.Length - 1;
    }

    /// <summary>False when the key is known already. Allocates nothing.</summary>
    public bool TryAdd(in FillKey key)
    {
        var slot = Find(key);
        if (_table[slot] != 0) return false;
        var index = (int)(_added & (_ring.Length - 1));
        if (_added >= _ring.Length)
        {
            Remove(Find(_ring[index]));
            slot = Find(key); // removal may have moved the free slot
        }

        _ring[index] = key;
        _table[slot] = index + 1;
        _added++;
        return true;
    }

    public bool Contains(in FillKey key) => _table[Find(key)] != 0;

    private int Find(in FillKey key)
    {
        var slot = Home(key);
        while (_table[slot] != 0 && _ring[_table[slot] - 1] != key) slot = (slot + 1) & _mask;
        return slot;
    }

    /// <summary>Backward-shift deletion: no tombstones, so the table never degrades.</summary>
    private void Remove(int free)
    {
        _table[free] = 0;
        for (var slot = (free + 1) & _mask; _table[slot] != 0; slot = (slot + 1) & _mask)
        {
            var home = Home(_ring[_table[slot] - 1]);
            if (((slot - home) & _mask) < ((slot - free) & _mask)) continue;
            _table[free] = _table[slot];
            _table[slot] = 0;
            free = slot;
        }
    }

    private int Home(in FillKey key)
    {
        var hash = ((ulong)key.TradeId ^ ((ulong)(uint)key.Instrument.Value << 32) ^ ((ulong)key.Venue.Value << 8) ^ (ulong)key.Side) * 0x9E3779B97F4A7C15UL;
        return (int)(hash >> 40) & _mask;
    }
}
