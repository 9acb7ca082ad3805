using System.Diagnostics.CodeAnalysis;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Books;

/// <summary>
/// All books of one reader (R21), kept from the event stream alone. Lives in the reader's thread; a reader that was lapped
/// calls <see cref="InvalidateAll"/> and waits for snapshots. A book is made at the first book event of its instrument.
/// </summary>
public sealed partial class BookKeeper(InstrumentTable instruments)
{
    private OrderBook?[] _books = new OrderBook?[Math.Max(16, instruments.Count + 1)];
    private readonly bool[] _staleVenues = new bool[byte.MaxValue + 1];

    /// <summary>Events that named an instrument the table does not have.</summary>
    public long UnknownInstruments { get; private set; }

    /// <summary>The instrument's book; null until its first book event.</summary>
    public IOrderBook? this[InstrumentId instrument] =>
        (uint)instrument.Value < (uint)_books.Length ? _books[instrument.Value] : null;

    public bool TryGet(InstrumentId instrument, [NotNullWhen(true)] out IOrderBook? book) => (book = this[instrument]) is not null;

    /// <summary>Takes any event of the stream; those that do not concern a book change nothing.</summary>
    public void Apply(in MarketEvent marketEvent)
    {
        switch (marketEvent.Kind)
        {
            case MarketEventKind.BookDelta:
            case MarketEventKind.BookSnapshot:
            case MarketEventKind.BookInvalid:
                BookOf(in marketEvent)?.Apply(in marketEvent);
                break;
            case MarketEventKind.FeedHealth:
                if (marketEvent.Instrument == InstrumentId.None) ApplyToVenue(in marketEvent);
                else BookOf(in marketEvent)?.Apply(in marketEvent);
                break;
        }
    }

    /// <summary>The reader missed events: no book is right until its next snapshot.</summary>
    public void InvalidateAll()
    {
        foreach (var book in _books) book?.Invalidate();
    }

    private void ApplyToVenue(in MarketEvent health)
    {
        _staleVenues[health.Venue.Value] = (health.Flags & MarketEventFlags.Stale) != 0;
        foreach (var book in _books)
        {
            if (book is not null && instruments[book.Instrument].Venue == health.Venue) book.Apply(in health);
        }
    }

    private OrderBook? BookOf(in MarketEvent e)
    {
        var id = e.Instrument.Value;
        if ((uint)id < (uint)_books.Length && _books[id] is { } book) return book;
        return Create(e.Instrument);
    }

    private OrderBook? Create(InstrumentId id)
    {
        if (!instruments.Contains(id))
        {
            UnknownInstruments++;
            return null;
        }

        if (id.Value >= _books.Length) Array.Resize(ref _books, Math.Max(_books.Length * 2, id.Value + 1));
        var instrument = instruments[id];
        var book = BookFactory.Choose(instrument);
        if (_staleVenues[instrument.Venue.Value])
        {
            // Made while the venue is silent: it has missed the event that says so.
            book.Apply(new MarketEvent { Kind = MarketEventKind.FeedHealth, Flags = MarketEventFlags.Stale, Venue = instrument.Venue });
        }

        return _books[id.Value] = book;
    }
}
