using Penstock.MarketData.Books;
using Penstock.Model.Instruments;

namespace Penstock.Node.Wiring;

/// <summary>Finds books that stay crossed: no market does, so the book is wrong where no checksum says so. The trading thread only.</summary>
/// <param name="instruments">To watch.</param>
/// <param name="crossedNs">Longer than this is wrong; 0 watches nothing.</param>
/// <param name="ask">Asks for the book of one instrument anew.</param>
internal sealed class CrossedBooks(IEnumerable<Instrument> instruments, long crossedNs, Action<Instrument> ask)
{
    private readonly Instrument[] _instruments = [.. instruments];
    private readonly Dictionary<int, long> _since = instruments.ToDictionary(i => i.Id.Value, _ => long.MaxValue);

    /// <summary>Books asked for anew.</summary>
    public long Asked { get; private set; }

    public void Look(Func<InstrumentId, IOrderBook?> books, long nowNs)
    {
        if (crossedNs == 0) return;
        foreach (var instrument in _instruments)
        {
            var isCrossed = books(instrument.Id) is { Flags: var flags } && (flags & BookFlags.Crossed) != 0;
            ref var since = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(_since, instrument.Id.Value);
            if (!isCrossed) since = long.MaxValue;
            else if (since == long.MaxValue) since = nowNs;
            else if (nowNs - since >= crossedNs)
            {
                since = nowNs;
                Asked++;
                ask(instrument);
            }
        }
    }
}
