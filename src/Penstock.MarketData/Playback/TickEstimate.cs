using Penstock.Model.Markets;

namespace Penstock.MarketData.Playback;

/// <summary>
/// What an instrument's prices and quantities have in common: the greatest number all of them are multiples of. Stands in for tick
/// and lot where a recording has no instrument list; never finer than what was seen needs, possibly coarser than the venue's own.
/// </summary>
public sealed class TickEstimate
{
    /// <summary>Raw, 1e-8; zero before the first price.</summary>
    public long TickRaw { get; private set; }

    public long LotRaw { get; private set; }

    /// <summary>Levels and trades seen.</summary>
    public long Seen { get; private set; }

    public void Take(in MarketEvent e)
    {
        if (e.Kind is not (MarketEventKind.Trade or MarketEventKind.BookDelta or MarketEventKind.BookSnapshot)) return;
        if (e.Price.Raw <= 0) return;
        Seen++;
        // Almost every price is a multiple of what is known already.
        if (TickRaw == 0 || e.Price.Raw % TickRaw != 0) TickRaw = Common(e.Price.Raw, TickRaw);
        if (e.Quantity.Raw > 0 && (LotRaw == 0 || e.Quantity.Raw % LotRaw != 0)) LotRaw = Common(e.Quantity.Raw, LotRaw);
    }

    private static long Common(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
