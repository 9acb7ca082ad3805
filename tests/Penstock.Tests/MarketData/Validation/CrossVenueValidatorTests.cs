using Penstock.MarketData.Books;
using Penstock.MarketData.Validation;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Validation;

[Trait("requirement", "R49")]
[Trait("requirement", "R44")]
public sealed class CrossVenueValidatorTests
{
    private const long Second = 1_000_000_000;

    private static readonly ValidatorOptions Options = new();

    [Fact]
    public void Seeded_quotes_give_the_flags_of_the_naive_twin()
    {
        var options = Options with { DivergenceAfter = TimeSpan.FromMilliseconds(300) };
        for (var seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            var validator = new CrossVenueValidator(Venues(5), options);
            var naive = new NaiveValidator(5, options);
            var flagged = 0;
            for (var step = 1; step <= 4_000; step++)
            {
                var (venue, now) = (random.Next(5), step * Second / 10);
                if (random.Next(20) == 0)
                {
                    validator.Lose(new InstrumentId(venue + 1));
                    naive.Lose(venue);
                }
                else
                {
                    var bid = 1_000_000 + random.Next(-20, 20) + (random.Next(6) == 0 ? random.Next(-9_000, 9_000) : 0);
                    var ask = bid + random.Next(-2, 60);
                    validator.Observe(new InstrumentId(venue + 1), bid, ask, now);
                    naive.Set(venue, bid, ask);
                }

                validator.Compare(now);
                var expected = naive.Compare(now);
                flagged += expected.Count;
                Assert.Equal(expected, Enumerable.Range(0, 5).Where(i => (Flags(validator, i + 1) & VenueQuoteFlags.Divergent) != 0));
                Assert.Equal(naive.Fresh, Enumerable.Range(0, 5).Where(i => (Flags(validator, i + 1) & VenueQuoteFlags.Fresh) != 0));
                Assert.Equal(naive.IsCrossedAcross ? 1 : 0, validator.CrossedAcrossNow);
            }

            Assert.True(flagged > 30 && naive.CrossedAcross > 30, $"flagged {flagged}, crossed {naive.CrossedAcross}: the test proves nothing.");
            Assert.Equal(naive.CrossedAcross, validator.Statistics.CrossedAcross);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void The_bound_itself_is_inside_and_one_tick_more_is_not(int more, bool isDivergent)
    {
        var validator = new CrossVenueValidator(Venues(3), Options);
        // 50 basis points of 1,000,000 are 5,000.
        for (var id = 1; id <= 2; id++) validator.Observe(new InstrumentId(id), 999_999, 1_000_001, 0);
        validator.Observe(new InstrumentId(3), 1_004_999 + more, 1_005_001 + more, 0);
        validator.Compare(0);
        Assert.Equal(0, validator.DivergentNow);
        validator.Compare(2 * Second - 1);
        Assert.Equal(0, validator.DivergentNow);
        validator.Compare(2 * Second);
        Assert.Equal(isDivergent ? 1 : 0, validator.DivergentNow);
        Assert.Equal(isDivergent, (Flags(validator, 3) & VenueQuoteFlags.Divergent) != 0);
        validator.Observe(new InstrumentId(3), 999_999, 1_000_001, 3 * Second);
        validator.Compare(3 * Second);
        Assert.Equal(0, validator.DivergentNow);
        Assert.Equal(isDivergent ? 1 : 0, validator.Statistics.Divergences);
    }

    [Fact]
    public void Of_two_venues_apart_both_are_flagged_and_one_alone_never_is()
    {
        var validator = new CrossVenueValidator(Venues(2), Options);
        validator.Observe(new InstrumentId(1), 999_999, 1_000_001, 0);
        validator.Compare(0);
        validator.Compare(10 * Second);
        Assert.Equal(0, validator.DivergentNow);
        validator.Observe(new InstrumentId(2), 1_009_999, 1_010_001, 10 * Second);
        validator.Compare(10 * Second);
        validator.Compare(12 * Second);
        Assert.Equal(2, validator.DivergentNow);
        validator.Lose(new InstrumentId(1));
        validator.Compare(12 * Second);
        Assert.Equal(0, validator.DivergentNow);
    }

    [Fact]
    [Trait("requirement", "R47")]
    public void Losing_nine_of_ten_venues_one_after_another_costs_coverage_and_nothing_else()
    {
        var validator = new CrossVenueValidator(Venues(10), Options);
        var books = Enumerable.Range(1, 10).Select(id => Book(id, 1_000_000 + id)).ToArray();
        for (var dead = 0; dead <= 10; dead++)
        {
            if (dead > 0) books[dead - 1].Apply(new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = new InstrumentId(dead) });
            for (var round = 0; round < 5; round++)
            {
                for (var id = 1; id <= 10; id++) validator.Observe(new InstrumentId(id), books[id - 1], (dead * 5 + round) * Second);
                validator.Compare((dead * 5 + round) * Second);
            }

            Assert.Equal((10 - dead, 10), validator.CoverageOf(new InstrumentId(10)));
            Assert.Equal((10 - dead) * 100, validator.CoveragePerMilleMin);
            // The mids of those left are 1,000,000 and their number: dead + 1 to 10, of which the median lies in the middle.
            Assert.Equal(dead == 10 ? 0 : 1_000_000 + (dead + 11) / 2, validator.MedianRaw(new InstrumentId(10)));
            for (var id = 1; id <= 10; id++) Assert.Equal(id <= dead ? VenueQuoteFlags.None : VenueQuoteFlags.Fresh, Flags(validator, id));
        }

        Assert.Equal(0, validator.Statistics.Divergences + validator.Statistics.Standstills + validator.Statistics.CrossedAcross);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(-1, 0, 1)]
    [InlineData(1, 0, 0)]
    public void Locked_is_equal_and_crossed_is_above_inside_one_venue(int spread, int locked, int crossed)
    {
        var validator = new CrossVenueValidator(Venues(1), Options);
        for (var round = 0; round < 3; round++) validator.Observe(new InstrumentId(1), 1_000, 1_000 + spread, round);
        Assert.Equal((locked, crossed), (validator.Statistics.Locked, validator.Statistics.Crossed));
        Assert.Equal(crossed == 0, (Flags(validator, 1) & VenueQuoteFlags.Fresh) != 0);
    }

    [Theory]
    [InlineData(1_001, 0, 0)]
    [InlineData(1_002, 1, 9_990)]
    public void A_bid_above_another_venues_ask_is_counted_once_with_its_edge(long bid, int expected, long edgeMilliBps)
    {
        var validator = new CrossVenueValidator(Venues(2), Options);
        validator.Observe(new InstrumentId(1), 1_000, 1_001, 0);
        validator.Observe(new InstrumentId(2), bid, 1_010, 0);
        validator.Compare(0);
        validator.Compare(1);
        Assert.Equal((expected, edgeMilliBps), (validator.Statistics.CrossedAcross, validator.Statistics.EdgeMilliBpsMax));
    }

    [Fact]
    public void A_price_that_stands_still_while_two_others_move_is_flagged_and_one_in_a_quiet_market_is_not()
    {
        var validator = new CrossVenueValidator(Venues(3), Options);
        for (var id = 1; id <= 3; id++) validator.Observe(new InstrumentId(id), 1_000, 1_001, 0);
        validator.Compare(60 * Second);
        Assert.Equal(0, validator.StandstillNow);
        for (var move = 1; move <= 20; move++) validator.Observe(new InstrumentId(1), 1_000 + move % 2, 1_002, 60 * Second);
        validator.Compare(60 * Second);
        Assert.Equal(0, validator.StandstillNow); // one venue alone may be the strange one
        validator.Observe(new InstrumentId(2), 1_001, 1_002, 60 * Second);
        validator.Compare(60 * Second);
        Assert.Equal(1, validator.StandstillNow);
        Assert.Equal(VenueQuoteFlags.Fresh | VenueQuoteFlags.Standstill, Flags(validator, 3));
        validator.Observe(new InstrumentId(3), 1_001, 1_002, 61 * Second);
        validator.Compare(61 * Second);
        Assert.Equal(0, validator.StandstillNow);
    }

    [Fact]
    public void Quote_assets_are_different_instruments_unless_they_are_said_to_be_equivalent()
    {
        var instruments = new[] { Instrument(1, "USD"), Instrument(2, "USDT"), Instrument(3, "USDT") with { Symbol = "BTC-USDT-PERP" } };
        Assert.Equal(3, new CrossVenueValidator(instruments, Options).InstrumentCount);
        var validator = new CrossVenueValidator(instruments, Options with { EquivalentQuotes = ["USD=USDT"], BasisBps = 30 });
        Assert.Equal(2, validator.InstrumentCount);
        validator.Observe(new InstrumentId(1), 999_999, 1_000_001, 0);
        validator.Observe(new InstrumentId(2), 1_006_999, 1_007_001, 0);
        validator.Compare(0);
        validator.Compare(2 * Second);
        // 70 basis points apart: within 50 and the basis of 30; and no opportunity, because a dollar is not a tether.
        Assert.Equal(0, validator.DivergentNow + validator.CrossedAcrossNow);
    }

    [Fact]
    public void Prices_of_different_scales_are_compared_exactly()
    {
        var validator = new CrossVenueValidator([Instrument(1, "USDT"), Instrument(2, "USDT") with { PriceScale = 10 }], Options);
        validator.Observe(new InstrumentId(1), 1_000, 1_002, 0);
        validator.Observe(new InstrumentId(2), 100_000, 100_200, 0);
        validator.Compare(0);
        validator.Compare(2 * Second);
        Assert.Equal((0, 0), (validator.DivergentNow, validator.CrossedAcrossNow));
        Assert.Equal((1_001, 100_100), (validator.MedianRaw(new InstrumentId(1)), validator.MedianRaw(new InstrumentId(2))));
    }

    [Fact]
    [Trait("requirement", "R37")]
    public void Observing_and_comparing_allocate_nothing()
    {
        var validator = new CrossVenueValidator(Venues(10), Options);
        var books = Enumerable.Range(1, 10).Select(id => Book(id, 1_000_000)).ToArray();
        var before = 0L;
        for (var round = 0; round < 1_000; round++)
        {
            if (round == 500) before = GC.GetAllocatedBytesForCurrentThread();
            for (var id = 1; id <= 10; id++)
            {
                validator.Observe(new InstrumentId(id), books[id - 1], round * Second);
                validator.Observe(new InstrumentId(id), 1_000 + round % 7, 1_010, round * Second);
            }

            validator.Compare(round * Second);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static VenueQuoteFlags Flags(CrossVenueValidator validator, int id) => validator.FlagsOf(new InstrumentId(id));

    private static List<Instrument> Venues(int count) => [.. Enumerable.Range(1, count).Select(id => Instrument(id, "USDT"))];

    private static Instrument Instrument(int id, string quote) => new()
    {
        Id = new InstrumentId(id), Venue = new VenueId((byte)id), Symbol = $"BTC-{quote}", VenueSymbol = $"BTC{quote}", Base = Text16.From("BTC"), Quote = Text16.From(quote),
        Tick = new Price(1), Lot = new Quantity(1),
    };

    private static SortedArrayBook Book(int id, long mid)
    {
        var book = new SortedArrayBook(new InstrumentId(id));
        book.Apply(Level(id, Side.Buy, mid - 50, MarketEventFlags.FirstOfMessage));
        book.Apply(Level(id, Side.Sell, mid + 50, MarketEventFlags.LastOfMessage));
        return book;
    }

    private static MarketEvent Level(int id, Side side, long price, MarketEventFlags flags) => new()
    {
        Kind = MarketEventKind.BookSnapshot, Instrument = new InstrumentId(id), Side = side, Price = new Price(price), Quantity = new Quantity(1), Flags = flags,
    };
}
