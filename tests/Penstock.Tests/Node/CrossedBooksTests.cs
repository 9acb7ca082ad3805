using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Node.Wiring;

namespace Penstock.Tests.Node;

public sealed class CrossedBooksTests
{
    [Fact]
    public void A_book_crossed_for_the_whole_time_is_asked_for_anew_and_no_other()
    {
        var instruments = Enumerable.Range(1, 2).Select(Instrument).ToList();
        var books = instruments.ToDictionary(i => i.Id, i => new SortedArrayBook(i.Id));
        var asked = new List<int>();
        var watch = new CrossedBooks(instruments, crossedNs: 100, i => asked.Add(i.Id.Value));
        void Look(long now) => watch.Look(id => books[id], now);

        Set(books[new InstrumentId(1)], bid: 10, ask: 11);
        Set(books[new InstrumentId(2)], bid: 11, ask: 11);
        Look(0);
        Look(99);
        Assert.Empty(asked);
        Set(books[new InstrumentId(2)], bid: 10, ask: 11);
        Look(99);
        Set(books[new InstrumentId(2)], bid: 12, ask: 11);
        Look(100);
        Look(199);
        Assert.Empty(asked);
        Look(200);
        Look(299);
        Assert.Equal([2], asked);
        Look(300);
        Assert.Equal([2, 2], asked);
    }

    private static Instrument Instrument(int id) => new()
    {
        Id = new InstrumentId(id), Venue = new VenueId(1), Symbol = "A-B", VenueSymbol = "AB", Base = Text16.From("A"), Quote = Text16.From("B"),
        Tick = new Price(1), Lot = new Quantity(1),
    };

    private static void Set(OrderBook book, long bid, long ask)
    {
        book.Apply(Level(Side.Buy, bid, MarketEventFlags.FirstOfMessage));
        book.Apply(Level(Side.Sell, ask, MarketEventFlags.LastOfMessage));
    }

    private static MarketEvent Level(Side side, long price, MarketEventFlags flags) => new()
    {
        Kind = MarketEventKind.BookSnapshot, Side = side, Price = new Price(price), Quantity = new Quantity(1), Flags = flags,
    };
}
