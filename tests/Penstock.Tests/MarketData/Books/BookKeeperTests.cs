using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Books;

public sealed class BookKeeperTests
{
    private readonly InstrumentTable _table = new();
    private readonly BookKeeper _keeper;
    private readonly InstrumentId _first;
    private readonly InstrumentId _second;
    private readonly InstrumentId _elsewhere;

    public BookKeeperTests()
    {
        _first = _table.Add(OrderBookTests.Instrument(1, "BTC", new Price(100))).Id;
        _second = _table.Add(OrderBookTests.Instrument(2, "ETH", new Price(100))).Id;
        _elsewhere = _table.Add(OrderBookTests.Instrument(3, "SOL", new Price(100)) with { Venue = new VenueId(2) }).Id;
        _keeper = new BookKeeper(_table);
    }

    [Fact]
    [Trait("requirement", "R7")]
    public void Silence_of_a_venue_makes_all_its_books_stale_and_no_other()
    {
        foreach (var id in new[] { _first, _second, _elsewhere }) Snapshot(id);
        Health(InstrumentId.None, stale: true);

        Assert.Equal(BookFlags.Synced | BookFlags.Stale, _keeper[_first]!.Flags);
        Assert.Equal(BookFlags.Synced | BookFlags.Stale, _keeper[_second]!.Flags);
        Assert.Equal(BookFlags.Synced, _keeper[_elsewhere]!.Flags);

        Health(InstrumentId.None, stale: false);
        Assert.Equal(BookFlags.Synced, _keeper[_first]!.Flags);
    }

    [Fact]
    public void A_book_made_while_its_venue_is_silent_is_stale_from_the_start()
    {
        Health(InstrumentId.None, stale: true);
        Snapshot(_first);
        Assert.Equal(BookFlags.Synced | BookFlags.Stale, _keeper[_first]!.Flags);
        Assert.False(_keeper[_first]!.IsTradable);
    }

    [Fact]
    public void A_lapped_reader_trusts_no_book_until_its_next_snapshot()
    {
        Snapshot(_first);
        Snapshot(_second);
        _keeper.InvalidateAll();
        Assert.Equal(BookFlags.Gap, _keeper[_first]!.Flags);
        Snapshot(_first);
        Assert.Equal(BookFlags.Synced, _keeper[_first]!.Flags);
        Assert.Equal(BookFlags.Gap, _keeper[_second]!.Flags);
    }

    [Fact]
    public void An_event_of_an_instrument_nobody_knows_is_counted()
    {
        Snapshot(new InstrumentId(99));
        Assert.Null(_keeper[new InstrumentId(99)]);
        Assert.Equal(1, _keeper.UnknownInstruments);
    }

    private void Snapshot(InstrumentId id)
    {
        var e = OrderBookTests.Event(Side.Buy, 100, 5, MarketEventKind.BookSnapshot);
        e.Instrument = id;
        _keeper.Apply(in e);
    }

    private void Health(InstrumentId id, bool stale) => _keeper.Apply(new MarketEvent
    {
        Kind = MarketEventKind.FeedHealth, Venue = new VenueId(1), Instrument = id,
        Flags = stale ? MarketEventFlags.Stale : MarketEventFlags.None,
    });
}
