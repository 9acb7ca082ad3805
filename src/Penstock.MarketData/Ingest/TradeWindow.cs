using Penstock.Connectivity.Feeds;

namespace Penstock.MarketData.Ingest;

/// <summary>
/// The trades of one instrument that some line already brought: the last 1024 to 2048 of them, in two hash tables of which the older
/// is emptied when the newer is full. Not ordered by id, because a trade one line lost comes from another after later ones.
/// </summary>
internal sealed class TradeWindow(TradeIdOrder order)
{
    /// <summary>Trades a line may be behind another and still be recognised.</summary>
    public const int TradesMin = 1024;

    private const int Slots = TradesMin * 2;

    private IdTable _new = new();
    private IdTable _old = new();
    private long _forgottenId = long.MinValue;
    private long _newestTimeNs;

    /// <summary>True when the trade was not seen before; else <paramref name="first"/> says who brought it and when.</summary>
    /// <param name="id">Not zero.</param>
    /// <param name="timeNs">The exchange's time of it.</param>
    /// <param name="arrival">By which line, when.</param>
    /// <param name="first">The earlier arrival; no line where it is not known any more.</param>
    public bool TryAdd(long id, long timeNs, LineArrival arrival, out LineArrival first)
    {
        if (_new.TryGet(id, out first) || _old.TryGet(id, out first)) return false;
        first = LineArrival.None;
        // Older than what is remembered, and not later in the exchange's time: seen or lost long ago. A venue that restarted its ids goes on in time.
        if (order != TradeIdOrder.Unordered && id <= _forgottenId && timeNs <= _newestTimeNs) return false;
        if (_new.Count == TradesMin)
        {
            (_new, _old) = (_old, _new);
            _forgottenId = _new.IdMax;
            _new.Clear();
        }

        _newestTimeNs = Math.Max(_newestTimeNs, timeNs);
        _new.Add(id, arrival);
        return true;
    }

    private sealed class IdTable
    {
        private readonly long[] _ids = new long[Slots];
        private readonly LineArrival[] _arrivals = new LineArrival[Slots];

        public int Count { get; private set; }

        public long IdMax { get; private set; } = long.MinValue;

        public bool TryGet(long id, out LineArrival arrival)
        {
            var slot = Find(id);
            arrival = _arrivals[slot];
            return _ids[slot] == id;
        }

        public void Add(long id, LineArrival arrival)
        {
            var slot = Find(id);
            _ids[slot] = id;
            _arrivals[slot] = arrival;
            IdMax = Math.Max(IdMax, id);
            Count++;
        }

        public void Clear()
        {
            Array.Clear(_ids);
            Count = 0;
            IdMax = long.MinValue;
        }

        /// <summary>The id's slot, or the empty one where it would be; half of the slots are always empty.</summary>
        private int Find(long id)
        {
            var slot = (int)((ulong)(id * -7046029254386353131L) >> 53);
            while (_ids[slot] != 0 && _ids[slot] != id) slot = (slot + 1) & (Slots - 1);
            return slot;
        }
    }
}

/// <summary>Which line brought something first, and when on the monotonic clock.</summary>
internal readonly record struct LineArrival(int Line, long Ns)
{
    public static readonly LineArrival None = new(-1, 0);
}
