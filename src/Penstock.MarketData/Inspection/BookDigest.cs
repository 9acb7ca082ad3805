using System.Security.Cryptography;
using System.Text;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Inspection;

/// <summary>The SHA-256 over all books that recordings/README.md defines: symbol, bids best first, asks best first, plain decimals.</summary>
internal static class BookDigest
{
    /// <param name="books">In ordinal order of the symbol.</param>
    /// <param name="exact">Knows the quantities the books had to cut.</param>
    public static string Of(IReadOnlyList<KeyValuePair<Instrument, IOrderBook>> books, ExactNumbers exact)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Python joins the lines, so no book at all is still one line end.
        if (books.Count == 0) hash.AppendData("\n"u8);
        foreach (var (instrument, book) in books)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(instrument.VenueSymbol));
            hash.AppendData("\n"u8);
            Append(hash, exact, instrument, book, Side.Buy, 'b');
            Append(hash, exact, instrument, book, Side.Sell, 'a');
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ExactNumbers exact, Instrument instrument, IOrderBook book, Side side, char mark)
    {
        var levels = new BookLevel[book.Count(side)];
        book.CopyTop(side, levels);
        foreach (var level in levels)
        {
            var price = FixedPoint.ToText(level.Price.Raw, instrument.PriceScale);
            var quantity = exact.QuantityText(instrument, side, level);
            hash.AppendData(Encoding.UTF8.GetBytes($"{mark} {price} {quantity}\n"));
        }
    }
}
