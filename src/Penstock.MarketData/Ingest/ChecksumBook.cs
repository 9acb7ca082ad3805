using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// The book as the venue's checksum sees it: every level with the digits it was sent with, cut to the subscribed depth. Kept
/// by the ingest because a message that fails its checksum must not reach anybody, and because only here is it known which
/// levels fell out of the depth. Sorted arrays, best at the end.
/// </summary>
public sealed class ChecksumBook
{
    private readonly IBookChecksum? _checksum;
    private readonly int _pruneDepth;
    private readonly LevelArray _bids = new(descending: false);
    private readonly LevelArray _asks = new(descending: true);
    private readonly ChecksumLevel[] _topBids;
    private readonly ChecksumLevel[] _topAsks;

    public ChecksumBook(IBookChecksum? checksum, int pruneDepth)
    {
        _checksum = checksum;
        _pruneDepth = pruneDepth;
        _topBids = new ChecksumLevel[checksum?.Depth ?? 0];
        _topAsks = new ChecksumLevel[checksum?.Depth ?? 0];
    }

    public int BidCount => _bids.Count;

    public int AskCount => _asks.Count;

    public int CountOf(Side side) => LevelsOf(side).Count;

    /// <param name="side">Of the book.</param>
    /// <param name="rank">0 for the best, less than <see cref="CountOf"/>.</param>
    public ref readonly ChecksumLevel At(Side side, int rank) => ref LevelsOf(side).At(rank);

    public bool IsCrossed => _bids.Count > 0 && _asks.Count > 0 && _bids.Best.PriceRaw >= _asks.Best.PriceRaw;

    public void Clear()
    {
        _bids.Clear();
        _asks.Clear();
    }

    /// <summary>Applies the levels of a message.</summary>
    /// <returns>False when a side is full.</returns>
    public bool Apply(ReadOnlySpan<MarketEvent> events)
    {
        foreach (ref readonly var e in events)
        {
            if (e.Side == Side.None) continue;
            if (!LevelsOf(e.Side).Set(in e)) return false;
        }

        return true;
    }

    /// <summary>Levels beyond the depth, over both sides.</summary>
    public int Excess => _pruneDepth == 0 ? 0 : Math.Max(0, _bids.Count - _pruneDepth) + Math.Max(0, _asks.Count - _pruneDepth);

    /// <summary>Removes one level beyond the depth, the worst first. Call <see cref="Excess"/> times.</summary>
    public ChecksumLevel PruneOne(out Side side)
    {
        side = _bids.Count > _pruneDepth ? Side.Buy : Side.Sell;
        return LevelsOf(side).RemoveWorst();
    }

    /// <summary>The checksum over the best levels as they are now.</summary>
    public long Compute()
    {
        var bids = _bids.CopyTop(_topBids);
        var asks = _asks.CopyTop(_topAsks);
        return _checksum!.Compute(_topBids.AsSpan(0, bids), _topAsks.AsSpan(0, asks));
    }

    private LevelArray LevelsOf(Side side) => side == Side.Buy ? _bids : _asks;

    private sealed class LevelArray(bool descending)
    {
        private const int LevelsMax = Books.OrderBook.LevelsPerSideMax;

        private ChecksumLevel[] _levels = new ChecksumLevel[256];

        public int Count { get; private set; }

        public ref readonly ChecksumLevel Best => ref _levels[Count - 1];

        public ref readonly ChecksumLevel At(int rank) => ref _levels[Count - 1 - rank];

        public void Clear() => Count = 0;

        public bool Set(in MarketEvent e)
        {
            var index = Find(e.Price.Raw, out var found);
            if (e.Quantity.Raw <= 0)
            {
                if (found) RemoveAt(index);
                return true;
            }

            if (!found)
            {
                if (Count >= LevelsMax) return false;
                if (Count == _levels.Length) Array.Resize(ref _levels, Count * 2);
                _levels.AsSpan(index, Count - index).CopyTo(_levels.AsSpan(index + 1));
                Count++;
            }

            _levels[index] = new ChecksumLevel
            {
                PriceRaw = e.Price.Raw, QuantityRaw = e.Quantity.Raw,
                PriceDecimals = e.PriceDecimals, QuantityDecimals = e.QuantityDecimals,
            };
            return true;
        }

        public ChecksumLevel RemoveWorst()
        {
            var worst = _levels[0];
            RemoveAt(0);
            return worst;
        }

        public int CopyTop(Span<ChecksumLevel> destination)
        {
            var count = Math.Min(Count, destination.Length);
            for (var rank = 0; rank < count; rank++) destination[rank] = _levels[Count - 1 - rank];
            return count;
        }

        private int Find(long price, out bool found)
        {
            int low = 0, high = Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var order = _levels[middle].PriceRaw.CompareTo(price);
                if (order == 0)
                {
                    found = true;
                    return middle;
                }

                if (order < 0 != descending) low = middle + 1;
                else high = middle - 1;
            }

            found = false;
            return low;
        }

        private void RemoveAt(int index)
        {
            _levels.AsSpan(index + 1, Count - index - 1).CopyTo(_levels.AsSpan(index));
            Count--;
        }
    }
}
