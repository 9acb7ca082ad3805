using System.Security.Cryptography;
using System.Text;
using Penstock.MarketData.Books;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Inspection;

/// <summary>The SHA-256 over all books that recordings/README.md defines: symbol, bids best first, asks best first, plain decimals.</summary>
internal static class BookDigest
{
    /// <param name="books">In ordinal order of the symbol.</param>
    public static string Of(IReadOnlyList<KeyValuePair<string, IOrderBook>> books)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Python joins the lines, so no book at all is still one line end.
        if (books.Count == 0) hash.AppendData("\n"u8);
        foreach (var (symbol, book) in books)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(symbol));
            hash.AppendData("\n"u8);
            Append(hash, book, Side.Buy, (byte)'b');
            Append(hash, book, Side.Sell, (byte)'a');
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, IOrderBook book, Side side, byte mark)
    {
        var levels = new BookLevel[book.Count(side)];
        book.CopyTop(side, levels);
        Span<byte> line = stackalloc byte[4 + 2 * FixedPoint.TextBytesMax];
        foreach (var level in levels)
        {
            line[0] = mark;
            line[1] = (byte)' ';
            var length = 2 + FixedPoint.Format(level.Price.Raw, line[2..]);
            line[length++] = (byte)' ';
            length += FixedPoint.Format(level.Quantity.Raw, line[length..]);
            line[length++] = (byte)'\n';
            hash.AppendData(line[..length]);
        }
    }
}
