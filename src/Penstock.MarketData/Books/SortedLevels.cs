using System.Runtime.CompilerServices;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.MarketData.Books;

/// <summary>
/// One side as a sorted array with the best level at the END, because that is where the market changes: an insert or a
/// delete near the best moves few elements. Keys ascend towards the best, so asks are kept with their price negated.
/// </summary>
internal sealed class SortedLevels(Side side)
{
    /// <summary>Four of five updates hit the best levels; past these a binary search is faster (PERFORMANCE 2f).</summary>
    private const int LinearSteps = 8;

    /// <summary>More than most sides have: growing is garbage on the thread that trades.</summary>
    private const int FirstCapacity = 256;

    private readonly bool _negated = side == Side.Sell;
    private SideLevel[] _levels = new SideLevel[FirstCapacity];
    private int _count;

    private struct SideLevel
    {
        public long Key;
        public long Quantity;
    }

    public int Count => _count;

    public void Clear() => _count = 0;

    /// <summary>Sets the absolute quantity; zero or less removes, and removing what is not there changes nothing.</summary>
    public bool Set(long price, long quantity)
    {
        var key = Key(price);
        var index = Find(key);
        if (index >= 0)
        {
            if (quantity > 0) _levels[index].Quantity = quantity;
            else RemoveAt(index);
            return true;
        }

        return quantity <= 0 || Insert(~index, key, quantity);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBest(out long price, out long quantity)
    {
        if (_count == 0)
        {
            price = quantity = 0;
            return false;
        }

        ref var level = ref _levels[_count - 1];
        price = Key(level.Key);
        quantity = level.Quantity;
        return true;
    }

    /// <param name="rank">0 is the best.</param>
    public BookLevel At(int rank)
    {
        ref var level = ref _levels[_count - 1 - rank];
        return new BookLevel(new Price(Key(level.Key)), new Quantity(level.Quantity));
    }

    public int CopyTop(Span<BookLevel> destination)
    {
        var count = Math.Min(_count, destination.Length);
        for (var rank = 0; rank < count; rank++) destination[rank] = At(rank);
        return count;
    }

    private long Key(long price) => _negated ? -price : price;

    private int Find(long key)
    {
        var index = _count - 1;
        var linearEnd = Math.Max(-1, index - LinearSteps);
        for (; index > linearEnd; index--)
        {
            var candidate = _levels[index].Key;
            if (candidate == key) return index;
            if (candidate < key) return ~(index + 1);
        }

        int low = 0, high = index;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var candidate = _levels[middle].Key;
            if (candidate == key) return middle;
            if (candidate < key) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private bool Insert(int index, long key, long quantity)
    {
        if (_count == _levels.Length)
        {
            if (_count >= OrderBook.LevelsPerSideMax) return false;
            Array.Resize(ref _levels, _levels.Length * 2);
        }

        _levels.AsSpan(index, _count - index).CopyTo(_levels.AsSpan(index + 1));
        _levels[index] = new SideLevel { Key = key, Quantity = quantity };
        _count++;
        return true;
    }

    private void RemoveAt(int index)
    {
        _levels.AsSpan(index + 1, _count - index - 1).CopyTo(_levels.AsSpan(index));
        _count--;
    }
}
