using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Trading;

namespace Penstock.Strategies.Backtesting;

/// <summary>One fill the matching came to; zero quantity never appears.</summary>
internal readonly record struct SimulatedFill(RestingOrder Order, long PriceRaw, long QuantityRaw);

/// <summary>
/// Our orders of one instrument beside a recorded book that does not know them. The book is the engine's own and is never changed:
/// what we take is remembered, what others do comes from the recording.
/// </summary>
internal sealed class SimulatedMarket(Instrument instrument, IBookSource books, QueueModel model)
{
    /// <summary>Levels of ours that are made before the first order.</summary>
    private const int LevelsReady = 32;

    private readonly List<LevelQueue> _bids = new(LevelsReady);
    private readonly List<LevelQueue> _asks = new(LevelsReady);
    private readonly Stack<LevelQueue> _spare = new(Enumerable.Range(0, LevelsReady).Select(_ => new LevelQueue()));
    private readonly TakenLevels _takenBids = new();
    private readonly TakenLevels _takenAsks = new();
    private readonly List<(RestingOrder Order, long QuantityRaw)> _hits = new(LevelsReady);
    private BookLevel[] _levels = new BookLevel[64];
    private bool _isLoading;

    public Instrument Instrument => instrument;

    /// <summary>Something of ours depends on what happens here.</summary>
    public bool IsWatched => _bids.Count + _asks.Count + _takenBids.Count + _takenAsks.Count > 0;

    /// <summary>Takes that were given up because the memory was full.</summary>
    public long TakesForgone { get; private set; }

    /// <summary>What a taker would get up to a limit, best first; the memory of taken levels is charged unless only asked.</summary>
    /// <param name="side">Of the taker.</param>
    /// <param name="limitRaw">Zero for any price.</param>
    /// <returns>Quantity found.</returns>
    public long Take(Side side, long limitRaw, long quantityRaw, bool asks, List<BookLevel>? taken = null)
    {
        if (books.Find(instrument.Id) is not { } book || !IsRight(book)) return 0;
        var opposite = side == Side.Buy ? Side.Sell : Side.Buy;
        var memory = opposite == Side.Buy ? _takenBids : _takenAsks;
        long found = 0;
        for (var depth = 0; found < quantityRaw;)
        {
            if (_levels.Length < depth + 64) _levels = new BookLevel[_levels.Length * 2];
            var count = book.CopyTop(opposite, _levels);
            if (count == depth) break;
            for (; depth < count && found < quantityRaw; depth++)
            {
                var level = _levels[depth];
                if (limitRaw > 0 && (side == Side.Buy ? level.Price.Raw > limitRaw : level.Price.Raw < limitRaw)) return found;
                var free = Math.Min(quantityRaw - found, level.Quantity.Raw - memory.At(level.Price.Raw));
                if (free <= 0) continue;
                if (!asks && !memory.TryAdd(level.Price.Raw, free))
                {
                    TakesForgone++;
                    return found;
                }

                found += free;
                taken?.Add(new BookLevel(level.Price, new Quantity(free)));
            }

            if (count < _levels.Length) break;
        }

        return found;
    }

    /// <summary>True when a limit order of that price would trade at once.</summary>
    public bool IsMarketable(Side side, long priceRaw) =>
        books.Find(instrument.Id) is { } book && book.TryBest(side == Side.Buy ? Side.Sell : Side.Buy, out var best)
        && (side == Side.Buy ? priceRaw >= best.Price.Raw : priceRaw <= best.Price.Raw);

    /// <summary>The order joins the back of its price's queue.</summary>
    /// <param name="order">At its price.</param>
    /// <param name="isBlind">The book is of another time: how much stands ahead is seen when the next one comes.</param>
    public void Rest(RestingOrder order, bool isBlind = false)
    {
        var levels = Levels(order.Request.Side);
        var index = 0;
        while (index < levels.Count && IsBetter(order.Request.Side, levels[index].PriceRaw, order.PriceRaw)) index++;
        if (index == levels.Count || levels[index].PriceRaw != order.PriceRaw)
        {
            var level = _spare.Count > 0 ? _spare.Pop() : new LevelQueue();
            level.Begin(order.PriceRaw, isBlind ? LevelQueue.Unknown : DisplayedAt(order.Request.Side, order.PriceRaw));
            levels.Insert(index, level);
        }

        levels[index].Join(order);
    }

    public void Remove(RestingOrder order)
    {
        var levels = Levels(order.Request.Side);
        var index = 0;
        while (index < levels.Count && levels[index].PriceRaw != order.PriceRaw) index++;
        if (index == levels.Count) return;
        levels[index].Remove(order);
        if (!levels[index].IsEmpty) return;
        _spare.Push(levels[index]);
        levels.RemoveAt(index);
    }

    /// <summary>A trade of others, or a level's new quantity. The caller removes what is filled.</summary>
    public void OnEvent(in MarketEvent e, List<SimulatedFill> fills)
    {
        switch (e.Kind)
        {
            case MarketEventKind.Trade:
                OnTrade(e, fills);
                break;
            case MarketEventKind.BookDelta:
                Show(e.Side, e.Price.Raw, e.Quantity.Raw);
                break;
            case MarketEventKind.BookSnapshot:
                _isLoading = true;
                break;
            default:
                break;
        }
    }

    /// <summary>The engine's book has taken everything of this batch: new books are looked at whole, and orders the market moved through are filled.</summary>
    public void OnBatchEnd(List<SimulatedFill> fills)
    {
        if (books.Find(instrument.Id) is not { } book || !book.IsConsistent) return;
        if (_isLoading)
        {
            _isLoading = false;
            foreach (var level in _bids) level.Show(BookDepth.At(book, Side.Buy, new Price(level.PriceRaw)), model);
            foreach (var level in _asks) level.Show(BookDepth.At(book, Side.Sell, new Price(level.PriceRaw)), model);
            _takenBids.ShowAll(book, Side.Buy);
            _takenAsks.ShowAll(book, Side.Sell);
        }

        if (book.IsTradable) Cross(book, fills);
    }

    /// <summary>Quantity of others ahead, raw; −1 when the order does not rest.</summary>
    public long AheadOf(RestingOrder order) => Levels(order.Request.Side).Exists(l => l.PriceRaw == order.PriceRaw && l.Orders.Contains(order)) ? order.AheadRaw : -1;

    private void OnTrade(in MarketEvent trade, List<SimulatedFill> fills)
    {
        var left = trade.Quantity.Raw;
        if (trade.Side != Side.Buy) left = Hit(_bids, Side.Buy, trade.Price.Raw, left, fills);
        if (trade.Side != Side.Sell) Hit(_asks, Side.Sell, trade.Price.Raw, left, fills);
    }

    /// <summary>Price first, then time: levels better than the trade's would have been hit before it.</summary>
    private long Hit(List<LevelQueue> levels, Side side, long priceRaw, long left, List<SimulatedFill> fills)
    {
        foreach (var level in levels)
        {
            if (left <= 0 || IsBetter(side, priceRaw, level.PriceRaw)) break;
            _hits.Clear();
            left = level.PriceRaw == priceRaw ? level.Trade(left, _hits) : level.TradeThrough(left, _hits);
            foreach (var (order, quantity) in _hits) fills.Add(new SimulatedFill(order, level.PriceRaw, quantity));
        }

        return left;
    }

    private void Show(Side side, long priceRaw, long quantityRaw)
    {
        if (side == Side.None) return;
        var shown = Math.Max(0, quantityRaw);
        (side == Side.Buy ? _takenBids : _takenAsks).Show(priceRaw, shown);
        foreach (var level in Levels(side))
        {
            if (level.PriceRaw == priceRaw) level.Show(shown, model);
        }
    }

    /// <summary>The other side is displayed at our price or through it: it would have met us. No more than is displayed, once.</summary>
    private void Cross(IOrderBook book, List<SimulatedFill> fills)
    {
        if (_bids.Count > 0 && book.TryBest(Side.Sell, out var ask)) Cross(_bids, Side.Buy, ask.Price.Raw, fills);
        if (_asks.Count > 0 && book.TryBest(Side.Buy, out var bid)) Cross(_asks, Side.Sell, bid.Price.Raw, fills);
    }

    private void Cross(List<LevelQueue> levels, Side side, long oppositeRaw, List<SimulatedFill> fills)
    {
        foreach (var level in levels)
        {
            if (IsBetter(side, oppositeRaw, level.PriceRaw)) return;
            // By number: the enumerator of a list seen as an interface is an object.
            for (var i = 0; i < level.Orders.Count; i++)
            {
                var order = level.Orders[i];
                var leaves = order.LeavesRaw;
                foreach (var fill in fills)
                {
                    // A trade of the same batch may have filled it already.
                    if (ReferenceEquals(fill.Order, order)) leaves -= fill.QuantityRaw;
                }

                var quantity = leaves > 0 ? Take(side, level.PriceRaw, leaves, asks: false) : 0;
                if (quantity > 0) fills.Add(new SimulatedFill(order, level.PriceRaw, quantity));
            }
        }
    }

    private long DisplayedAt(Side side, long priceRaw) =>
        books.Find(instrument.Id) is { } book && IsRight(book) ? BookDepth.At(book, side, new Price(priceRaw)) : LevelQueue.Unknown;

    private static bool IsRight(IOrderBook book) => (book.Flags & (BookFlags.Synced | BookFlags.Gap)) == BookFlags.Synced;

    private List<LevelQueue> Levels(Side side) => side == Side.Buy ? _bids : _asks;

    private static bool IsBetter(Side side, long priceRaw, long thanRaw) => side == Side.Buy ? priceRaw > thanRaw : priceRaw < thanRaw;
}
