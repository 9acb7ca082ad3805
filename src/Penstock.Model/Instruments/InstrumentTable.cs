using System.Text;
using Penstock.Model.Numbers;

namespace Penstock.Model.Instruments;

/// <summary>
/// Every instrument a process knows, by id and by the venue's own spelling in bytes. Filled at start, read on the hot
/// path: look-ups allocate nothing. One writer before the threads start; with <see cref="DiscoverUnknown"/> (offline
/// tools only) a look-up may add.
/// </summary>
public sealed class InstrumentTable
{
    private readonly List<Instrument> _byId = [];
    private readonly List<byte[]> _venueSymbolBytes = [];
    private int[] _slots = new int[256];

    /// <summary>
    /// For tools that read a recording without its instrument list: an unknown symbol is added with the finest tick and
    /// lot instead of being refused. Never set in a node.
    /// </summary>
    public bool DiscoverUnknown { get; init; }

    public int Count => _byId.Count;

    public IReadOnlyList<Instrument> All => _byId;

    public Instrument this[InstrumentId id] => _byId[id.Value - 1];

    public bool Contains(InstrumentId id) => (uint)(id.Value - 1) < (uint)_byId.Count;

    /// <summary>Adds, or replaces the record of the same venue and venue symbol; returns it with its id.</summary>
    public Instrument Add(Instrument instrument)
    {
        var symbol = Encoding.UTF8.GetBytes(instrument.VenueSymbol);
        if (TryFindExisting(instrument.Venue, symbol, out var existing))
        {
            return _byId[existing.Value - 1] = instrument with { Id = existing };
        }

        var added = instrument with { Id = new InstrumentId(_byId.Count + 1) };
        _byId.Add(added);
        _venueSymbolBytes.Add(symbol);
        if (_byId.Count * 2 > _slots.Length) Rehash(_slots.Length * 4);
        else Insert(added.Id.Value);
        return added;
    }

    /// <summary>Finds by the venue's spelling. Allocates nothing unless <see cref="DiscoverUnknown"/> adds.</summary>
    public bool TryFind(VenueId venue, ReadOnlySpan<byte> venueSymbol, out InstrumentId id)
    {
        if (TryFindExisting(venue, venueSymbol, out id)) return true;
        if (!DiscoverUnknown || venueSymbol.IsEmpty) return false;
        var text = Encoding.UTF8.GetString(venueSymbol);
        id = Add(new Instrument
        {
            Venue = venue, Symbol = text, VenueSymbol = text, Base = default, Quote = default,
            Tick = new Price(1), Lot = new Quantity(1),
        }).Id;
        return true;
    }

    /// <summary>Finds by our own spelling (BTC-USDT) on a venue; for configuration, not for the hot path.</summary>
    public Instrument? FindSymbol(VenueId venue, string symbol) =>
        _byId.Find(i => i.Venue == venue && string.Equals(i.Symbol, symbol, StringComparison.OrdinalIgnoreCase));

    private bool TryFindExisting(VenueId venue, ReadOnlySpan<byte> symbol, out InstrumentId id)
    {
        var mask = _slots.Length - 1;
        for (var slot = Hash(venue, symbol) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var index = _slots[slot] - 1;
            if (_byId[index].Venue == venue && symbol.SequenceEqual(_venueSymbolBytes[index]))
            {
                id = new InstrumentId(index + 1);
                return true;
            }
        }

        id = InstrumentId.None;
        return false;
    }

    private void Rehash(int capacity)
    {
        _slots = new int[capacity];
        for (var id = 1; id <= _byId.Count; id++) Insert(id);
    }

    private void Insert(int id)
    {
        var mask = _slots.Length - 1;
        var slot = Hash(_byId[id - 1].Venue, _venueSymbolBytes[id - 1]) & mask;
        while (_slots[slot] != 0) slot = (slot + 1) & mask;
        _slots[slot] = id;
    }

    private static int Hash(VenueId venue, ReadOnlySpan<byte> symbol) =>
        (InlineText.Hash(symbol) * 31 + venue.Value) & int.MaxValue;
}
