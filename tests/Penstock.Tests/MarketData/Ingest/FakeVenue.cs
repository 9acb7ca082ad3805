using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>
/// The truth: what a venue's book really is, message by message, and the messages that say so under a given rule. With a
/// depth limit it shows the best levels only and, as Kraken does, sends no delete for a level that is pushed out.
/// </summary>
internal sealed class FakeVenue(InstrumentId instrument, BookSyncRule rule, int seed)
{
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<long, long> _bids = new(Comparer<long>.Create((x, y) => y.CompareTo(x)));
    private readonly SortedDictionary<long, long> _asks = [];
    private readonly Dictionary<long, BookLevel[]> _history = [];
    private long _id = seed * 1_000_000L;

    /// <summary>What the book was after the message with this id.</summary>
    public BookLevel[] At(long id) => _history[id];

    public long Id => _id;

    public FakeMessage Delta()
    {
        var (oldBids, oldAsks) = (View(_bids), View(_asks));
        for (var change = _random.Next(1, 5); change > 0; change--) Change();
        var first = _id + 1;
        var previous = _id;
        _id += _random.Next(1, 4);
        var events = new List<MarketEvent>();
        Difference(Side.Buy, oldBids, View(_bids), _bids, events);
        Difference(Side.Sell, oldAsks, View(_asks), _asks, events);
        Remember();
        return new FakeMessage(FeedMessageKind.BookDelta, instrument)
        {
            First = first, Last = _id, Previous = previous, Events = events, Checksum = Checksum(),
        };
    }

    public FakeMessage Snapshot()
    {
        var events = new List<MarketEvent>();
        foreach (var (side, levels) in new[] { (Side.Buy, View(_bids)), (Side.Sell, View(_asks)) })
        {
            foreach (var (price, quantity) in levels) events.Add(Level(MarketEventKind.BookSnapshot, side, price, quantity));
        }

        Remember();
        return new FakeMessage(FeedMessageKind.BookSnapshot, instrument) { Last = _id, Events = events, Checksum = Checksum() };
    }

    public static BookLevel[] LevelsOf(IOrderBook book)
    {
        var levels = new BookLevel[book.Count(Side.Buy) + book.Count(Side.Sell)];
        var bids = book.CopyTop(Side.Buy, levels.AsSpan(0, book.Count(Side.Buy)));
        book.CopyTop(Side.Sell, levels.AsSpan(bids));
        return levels;
    }

    private void Change()
    {
        var isBid = _random.Next(2) == 0;
        var price = isBid ? 1_000 - _random.Next(1, 60) : 1_000 + _random.Next(1, 60);
        var side = isBid ? _bids : _asks;
        if (_random.Next(100) < 40) side.Remove(price);
        else side[price] = _random.Next(1, 1_000);
    }

    private Dictionary<long, long> View(SortedDictionary<long, long> side) =>
        (rule.PruneDepth == 0 ? side : side.Take(rule.PruneDepth)).ToDictionary(p => p.Key, p => p.Value);

    private static void Difference(
        Side side, Dictionary<long, long> before, Dictionary<long, long> after, SortedDictionary<long, long> whole, List<MarketEvent> events)
    {
        foreach (var (price, quantity) in after)
        {
            if (!before.TryGetValue(price, out var old) || old != quantity) events.Add(Level(MarketEventKind.BookDelta, side, price, quantity));
        }

        foreach (var price in before.Keys)
        {
            if (!whole.ContainsKey(price)) events.Add(Level(MarketEventKind.BookDelta, side, price, 0));
        }
    }

    private static MarketEvent Level(MarketEventKind kind, Side side, long price, long quantity) => new()
    {
        Kind = kind, Side = side, Price = new Price(price), Quantity = new Quantity(quantity),
    };

    private void Remember() => _history[_id] =
        [.. View(_bids).Concat(View(_asks)).Select(l => new BookLevel(new Price(l.Key), new Quantity(l.Value)))];

    private long? Checksum() => rule.Checksum?.Compute(Top(View(_bids)), Top(View(_asks)));

    private static ChecksumLevel[] Top(Dictionary<long, long> view) =>
        [.. view.Select(l => new ChecksumLevel { PriceRaw = l.Key, QuantityRaw = l.Value })];
}
