using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Books;

/// <summary>The book that needs to know nothing of the instrument: two sorted arrays, best at the end.</summary>
public sealed class SortedArrayBook(InstrumentId instrument) : OrderBook(instrument)
{
    private readonly SortedLevels _bids = new(Side.Buy);
    private readonly SortedLevels _asks = new(Side.Sell);

    public override bool TryBest(Side side, out BookLevel level)
    {
        var found = Of(side).TryBest(out var price, out var quantity);
        level = new BookLevel(new Price(price), new Quantity(quantity));
        return found;
    }

    public override int Count(Side side) => Of(side).Count;

    public override int CopyTop(Side side, Span<BookLevel> destination) => Of(side).CopyTop(destination);

    protected override bool SetLevel(Side side, long priceRaw, long quantityRaw) => Of(side).Set(priceRaw, quantityRaw);

    protected override void Clear()
    {
        _bids.Clear();
        _asks.Clear();
    }

    private SortedLevels Of(Side side) => side == Side.Buy ? _bids : _asks;
}
