using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Books;

/// <summary>The obvious book, written without looking at the clever ones: what they have to equal.</summary>
internal sealed class NaiveBook(InstrumentId instrument) : IOrderBook
{
    private readonly SortedDictionary<Price, Quantity> _bids = new(Comparer<Price>.Create((x, y) => y.CompareTo(x)));
    private readonly SortedDictionary<Price, Quantity> _asks = [];
    private bool _synced, _stale, _gap, _loading;

    public InstrumentId Instrument { get; } = instrument;

    public BookFlags Flags
    {
        get
        {
            var flags = BookFlags.None;
            if (_synced) flags |= BookFlags.Synced;
            if (_stale) flags |= BookFlags.Stale;
            if (_gap) flags |= BookFlags.Gap;
            if (_synced && _bids.Count > 0 && _asks.Count > 0 && _bids.First().Key >= _asks.First().Key) flags |= BookFlags.Crossed;
            return flags;
        }
    }

    public bool IsConsistent => true;

    public long LastUpdateId { get; private set; }

    public MonotonicTime LastReceived { get; private set; }

    public void Apply(in MarketEvent e)
    {
        switch (e.Kind)
        {
            case MarketEventKind.BookInvalid:
                (_synced, _gap, _loading) = (false, true, false);
                break;
            case MarketEventKind.FeedHealth:
                _stale = (e.Flags & MarketEventFlags.Stale) != 0;
                break;
            case MarketEventKind.BookSnapshot when e.IsFirst:
                _bids.Clear();
                _asks.Clear();
                (_synced, _gap, _loading) = (false, false, true);
                Set(in e);
                break;
            case MarketEventKind.BookSnapshot when _loading:
            case MarketEventKind.BookDelta when _loading || _synced:
                Set(in e);
                break;
        }
    }

    public bool TryBest(Side side, out BookLevel level)
    {
        var top = new BookLevel[1];
        var found = CopyTop(side, top) == 1;
        level = top[0];
        return found;
    }

    public int Count(Side side) => SideOf(side).Count;

    public int CopyTop(Side side, Span<BookLevel> destination)
    {
        var copied = 0;
        foreach (var (price, quantity) in SideOf(side))
        {
            if (copied == destination.Length) break;
            destination[copied++] = new BookLevel(price, quantity);
        }

        return copied;
    }

    private SortedDictionary<Price, Quantity> SideOf(Side side) => side == Side.Buy ? _bids : _asks;

    private void Set(in MarketEvent e)
    {
        if (e.Quantity.IsPositive) SideOf(e.Side)[e.Price] = e.Quantity;
        else SideOf(e.Side).Remove(e.Price);
        LastUpdateId = e.UpdateId;
        LastReceived = e.Received;
        if (!e.IsLast) return;
        (_synced, _loading) = (true, false);
    }
}
