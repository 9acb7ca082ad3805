using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Testing.Matching;

/// <summary>
/// One side of a book: price levels in an array sorted so that the best is last (most changes happen there, so little is
/// moved), each level a first-in first-out list threaded through its orders. One thread.
/// </summary>
public sealed class BookSide(Side side)
{
    private readonly List<PriceLevel> _levels = [];

    public Side Side { get; } = side;

    public int Count => _levels.Count;

    /// <summary>Level by rank, 0 is the best.</summary>
    public PriceLevel this[int rank] => _levels[_levels.Count - 1 - rank];

    public PriceLevel? Best => _levels.Count == 0 ? null : _levels[^1];

    /// <summary>True when a taker limited to <paramref name="limit"/> on the other side may trade at <paramref name="price"/>.</summary>
    public bool IsReachedBy(Price limit, Price price) => Side == Side.Buy ? price.Raw >= limit.Raw : price.Raw <= limit.Raw;

    internal PriceLevel GetOrAdd(Price price)
    {
        var index = Search(price);
        if (index < _levels.Count && _levels[index].Price == price) return _levels[index];
        var level = new PriceLevel(price);
        _levels.Insert(index, level);
        return level;
    }

    public PriceLevel? Find(Price price)
    {
        var index = Search(price);
        return index < _levels.Count && _levels[index].Price == price ? _levels[index] : null;
    }

    internal void Remove(PriceLevel level) => _levels.RemoveAt(Search(level.Price));

    private int Search(Price price)
    {
        int low = 0, high = _levels.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Key(_levels[middle].Price) < Key(price)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private long Key(Price price) => Side == Side.Buy ? price.Raw : -price.Raw;
}

/// <summary>All orders at one price, the oldest first.</summary>
public sealed class PriceLevel(Price price)
{
    public Price Price { get; } = price;

    public Quantity Quantity { get; internal set; }

    public int OrderCount { get; private set; }

    internal SimulatedOrder? First { get; private set; }

    private SimulatedOrder? _last;

    internal void Append(SimulatedOrder order)
    {
        order.Level = this;
        order.Previous = _last;
        if (_last is null) First = order;
        else _last.Next = order;
        _last = order;
        OrderCount++;
        Quantity += order.Remaining;
    }

    /// <summary>Takes the order out; what remains of it leaves the level's quantity.</summary>
    internal void Remove(SimulatedOrder order)
    {
        if (order.Previous is null) First = order.Next;
        else order.Previous.Next = order.Next;
        if (order.Next is null) _last = order.Previous;
        else order.Next.Previous = order.Previous;
        order.Next = order.Previous = null;
        order.Level = null;
        OrderCount--;
        Quantity -= order.Remaining;
    }
}
