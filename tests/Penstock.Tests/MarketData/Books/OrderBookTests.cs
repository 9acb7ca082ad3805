using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Books;

public sealed class OrderBookTests
{
    private static readonly InstrumentId Id = new(1);

    [Theory]
    [Trait("requirement", "R21")]
    [InlineData(1, 1L)]
    [InlineData(2, 100L)]
    [InlineData(3, 1_000_000L)]
    [InlineData(4, 100_000_000L)]
    [InlineData(5, 3L)]
    [InlineData(6, 7_000_000_000L)]
    [InlineData(7, (1L << 46) - 1)]
    [InlineData(8, 1_000_000L)]
    public void Every_form_of_a_book_equals_the_naive_one_after_every_message(int seed, long tick)
    {
        var flat = new FlatBook(Id, new Price(tick));
        var sorted = new SortedArrayBook(Id);
        var naive = new NaiveBook(Id);
        var market = new BookEventSource(seed, tick);
        for (var message = 0; message < 3_000; message++)
        {
            foreach (ref var e in market.NextMessage())
            {
                flat.Apply(in e);
                sorted.Apply(in e);
                naive.Apply(in e);
            }

            AssertEqual(naive, flat, message);
            AssertEqual(naive, sorted, message);
        }

        Assert.True(flat.Count(Side.Buy) + flat.Count(Side.Sell) > 0, "The run ended with nothing to compare.");
    }

    [Fact]
    public void The_window_follows_a_market_that_leaves_it()
    {
        const long tick = 1_000_000;
        var flat = new FlatBook(Id, new Price(tick));
        var naive = new NaiveBook(Id);
        for (var step = 0; step < 40_000; step++)
        {
            var price = (500_000L + step * 10) * tick;
            var bid = Event(Side.Buy, price, 5, step == 0 ? MarketEventKind.BookSnapshot : MarketEventKind.BookDelta);
            var old = Event(Side.Buy, price - 200 * tick, 0, MarketEventKind.BookDelta);
            flat.Apply(in bid);
            flat.Apply(in old);
            naive.Apply(in bid);
            naive.Apply(in old);
        }

        Assert.True(flat.Rebases is > 2 and < 60, $"{flat.Rebases} rebases");
        AssertEqual(naive, flat, 0);
    }

    [Fact]
    public void A_book_wider_than_the_window_does_not_move_it_at_every_update()
    {
        const long tick = 1;
        var flat = new FlatBook(Id, new Price(tick));
        var first = Event(Side.Buy, 1_000, 5, MarketEventKind.BookSnapshot);
        flat.Apply(in first);
        for (var step = 0; step < 10_000; step++)
        {
            var bid = Event(Side.Buy, 1_000 + step % 3, 5 + step, MarketEventKind.BookDelta);
            var ask = Event(Side.Sell, 900_000_000 - step % 3, 5 + step, MarketEventKind.BookDelta);
            flat.Apply(in bid);
            flat.Apply(in ask);
        }

        Assert.True(flat.Rebases <= 20, $"{flat.Rebases} rebases");
        Assert.True(flat.TryBest(Side.Sell, out var best));
        Assert.Equal(900_000_000 - 2, best.Price.Raw);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deltas_before_a_snapshot_and_after_an_invalidation_change_nothing(bool isFlat)
    {
        OrderBook book = isFlat ? new FlatBook(Id, new Price(1)) : new SortedArrayBook(Id);
        var delta = Event(Side.Buy, 100, 1, MarketEventKind.BookDelta);
        book.Apply(in delta);
        Assert.Equal(0, book.Count(Side.Buy));
        Assert.Equal(BookFlags.None, book.Flags);

        var snapshot = Event(Side.Buy, 90, 1, MarketEventKind.BookSnapshot);
        book.Apply(in snapshot);
        Assert.Equal(BookFlags.Synced, book.Flags);
        var invalid = new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = Id };
        book.Apply(in invalid);
        book.Apply(in delta);
        Assert.Equal(BookFlags.Gap, book.Flags);
        Assert.Equal(1, book.Count(Side.Buy));
    }

    [Fact]
    public void A_delta_of_another_connection_makes_the_book_unusable()
    {
        var book = new SortedArrayBook(Id);
        var snapshot = Event(Side.Buy, 90, 1, MarketEventKind.BookSnapshot);
        var delta = Event(Side.Buy, 91, 1, MarketEventKind.BookDelta);
        delta.ConnectionEpoch = 2;
        book.Apply(in snapshot);
        book.Apply(in delta);
        Assert.Equal(BookFlags.Gap, book.Flags);
        Assert.Equal(1, book.Count(Side.Buy));
    }

    [Fact]
    public void Crossed_is_judged_at_the_end_of_a_message_only()
    {
        var book = new SortedArrayBook(Id);
        Span<MarketEvent> snapshot = [Event(Side.Buy, 100, 1, MarketEventKind.BookSnapshot), Event(Side.Sell, 110, 1, MarketEventKind.BookSnapshot)];
        Span<MarketEvent> move = [Event(Side.Buy, 115, 1, MarketEventKind.BookDelta), Event(Side.Sell, 110, 0, MarketEventKind.BookDelta)];
        foreach (var message in new[] { snapshot.ToArray(), move.ToArray() })
        {
            message[0].Flags = MarketEventFlags.FirstOfMessage;
            message[1].Flags = MarketEventFlags.LastOfMessage;
            book.Apply(in message[0]);
            Assert.False(book.IsConsistent);
            Assert.False((book.Flags & BookFlags.Crossed) != 0);
            book.Apply(in message[1]);
            Assert.True(book.IsConsistent);
        }

        Assert.Equal(BookFlags.Synced, book.Flags);
        var ask = Event(Side.Sell, 115, 3, MarketEventKind.BookDelta);
        book.Apply(in ask);
        Assert.Equal(BookFlags.Synced | BookFlags.Crossed, book.Flags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Updating_a_warm_book_allocates_nothing(bool isFlat)
    {
        OrderBook book = isFlat ? new FlatBook(Id, new Price(100)) : new SortedArrayBook(Id);
        var market = new BookEventSource(11, 100);
        var events = new List<MarketEvent>();
        for (var message = 0; message < 2_000; message++) events.AddRange(market.NextMessage().ToArray());
        var all = events.ToArray();
        Run(book, all);
        Run(book, all);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var best = Run(book, all);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(best != 0);
    }

    [Fact]
    public void Factory_takes_the_flat_book_where_the_venue_told_the_tick()
    {
        var known = Instrument(1, "BTC", new Price(1_000_000));
        Assert.IsType<FlatBook>(BookFactory.Choose(known));
        Assert.IsType<SortedArrayBook>(BookFactory.Choose(known with { Base = default }));
        Assert.IsType<SortedArrayBook>(BookFactory.Choose(known with { Tick = Price.Zero }));
    }

    internal static Instrument Instrument(int number, string asset, Price tick) => new()
    {
        Venue = new VenueId(1), Symbol = $"{asset}{number}-USD", VenueSymbol = $"{asset}{number}USD",
        Base = Text16.From(asset), Quote = Text16.From("USD"), Tick = tick, Lot = new Quantity(1),
    };

    internal static MarketEvent Event(Side side, long price, long quantity, MarketEventKind kind) => new()
    {
        Kind = kind, Side = side, Instrument = Id, Price = new Price(price), Quantity = new Quantity(quantity),
        Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.LastOfMessage,
    };

    private static long Run(OrderBook book, MarketEvent[] events)
    {
        long sum = 0;
        foreach (ref var e in events.AsSpan())
        {
            book.Apply(in e);
            if (book.TryBest(Side.Buy, out var bid)) sum += bid.Price.Raw;
            if (book.TryBest(Side.Sell, out var ask)) sum ^= ask.Quantity.Raw;
        }

        return sum;
    }

    private static void AssertEqual(IOrderBook expected, IOrderBook actual, int message)
    {
        Assert.True(expected.Flags == actual.Flags, $"message {message}: flags {actual.Flags}, expected {expected.Flags}");
        foreach (var side in new[] { Side.Buy, Side.Sell })
        {
            Assert.True(expected.Count(side) == actual.Count(side), $"message {message}: {actual.Count(side)} {side}, expected {expected.Count(side)}");
            var wanted = new BookLevel[message % 16 == 0 ? expected.Count(side) : 8];
            var got = new BookLevel[wanted.Length];
            Assert.Equal(expected.CopyTop(side, wanted), actual.CopyTop(side, got));
            Assert.True(wanted.AsSpan().SequenceEqual(got), $"message {message}: other levels on {side}");
            Assert.Equal(expected.TryBest(side, out var best), actual.TryBest(side, out var found));
            Assert.Equal(best, found);
        }
    }
}
