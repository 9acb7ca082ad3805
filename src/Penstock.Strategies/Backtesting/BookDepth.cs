using Penstock.MarketData.Books;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Strategies.Backtesting;

/// <summary>One level of a book by its price: a copy of the best levels first, since orders rest near the market.</summary>
internal static class BookDepth
{
    private const int NearLevels = 32;

    [ThreadStatic]
    private static BookLevel[]? _far;

    /// <summary>Displayed quantity, raw; zero where nothing is displayed. Allocates only where a book is deeper than any before.</summary>
    public static long At(IOrderBook book, Side side, Price price)
    {
        Span<BookLevel> near = stackalloc BookLevel[NearLevels];
        near = near[..book.CopyTop(side, near)];
        if (TryFind(near, side, price, out var quantity) || near.Length < NearLevels) return quantity;
        if (_far is null || _far.Length < book.Count(side)) _far = new BookLevel[book.Count(side) * 2];
        TryFind(_far.AsSpan(0, book.CopyTop(side, _far)), side, price, out quantity);
        return quantity;
    }

    /// <summary>True when the answer is known: found, or the levels reach beyond the price.</summary>
    private static bool TryFind(ReadOnlySpan<BookLevel> levels, Side side, Price price, out long quantityRaw)
    {
        quantityRaw = 0;
        foreach (ref readonly var level in levels)
        {
            if (level.Price == price)
            {
                quantityRaw = level.Quantity.Raw;
                return true;
            }

            if (side == Side.Buy ? level.Price < price : level.Price > price) return true;
        }

        return false;
    }
}
