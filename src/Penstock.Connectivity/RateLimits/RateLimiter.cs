using Penstock.Infrastructure.Snapshots;

namespace Penstock.Connectivity.RateLimits;

/// <summary>
/// Exact sliding windows (R112): in no window of any limit are more units granted than it allows; a token bucket would let
/// twice as many pass around a boundary. Every grant is remembered until it leaves the longest window:
/// <code>
///   limit k:  [ expired | granted within the last Window ] ← now     used = sum of weights on the right
/// </code>
/// Memory is one slot per permit, taken at construction; acquiring allocates nothing. One thread;
/// <see cref="SharedRateLimiter"/> is for several.
/// </summary>
public sealed class RateLimiter
{
    /// <summary>No venue allows more in one window; a larger figure is a mistake in a profile.</summary>
    public const int PermitsMax = 1 << 20;

    private readonly SlidingWindow[] _windows;
    private long _blockedUntilNs = long.MinValue;
    private long _latestNs = long.MinValue;

    public RateLimiter(IReadOnlyList<RateLimit> limits)
    {
        _windows = new SlidingWindow[limits.Count];
        for (var i = 0; i < limits.Count; i++) _windows[i] = new SlidingWindow(limits[i]);
    }

    /// <summary>Grants given.</summary>
    public long Granted { get; private set; }

    /// <summary>Requests refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes <paramref name="weight"/> units of every limit, or of none.</summary>
    public bool TryAcquire(int weight, long nowNs)
    {
        if (NextPermitNs(weight, nowNs) > _latestNs)
        {
            Refused++;
            return false;
        }

        foreach (var window in _windows) window.Add(weight, _latestNs);
        Granted++;
        return true;
    }

    /// <summary>The earliest time at which <paramref name="weight"/> units will be granted; never (MaxValue) when above a limit.</summary>
    public long NextPermitNs(int weight, long nowNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        // A clock reading of another thread may be a little older than the last one seen: time does not go back here.
        _latestNs = Math.Max(_latestNs, nowNs);
        var next = Math.Max(_latestNs, _blockedUntilNs);
        foreach (var window in _windows) next = Math.Max(next, window.NextPermitNs(weight, _latestNs));
        return next;
    }

    /// <summary>Nothing is granted before <paramref name="ns"/>: the venue's own Retry-After. An earlier time changes nothing.</summary>
    public void BlockUntil(long ns) => _blockedUntilNs = Math.Max(_blockedUntilNs, ns);

    /// <summary>Units in use of the limit at <paramref name="index"/>.</summary>
    public int Used(int index, long nowNs) => _windows[index].UsedAt(nowNs);

    /// <summary>What was granted and still counts; the limits themselves are given at construction.</summary>
    public void Archive(StateArchive state)
    {
        _blockedUntilNs = state.Value(_blockedUntilNs);
        _latestNs = state.Value(_latestNs);
        Granted = state.Value(Granted);
        Refused = state.Value(Refused);
        foreach (var window in _windows) window.Archive(state);
    }

    private sealed class SlidingWindow
    {
        private readonly int _permits;
        private readonly long _windowNs;
        private readonly long[] _times;
        private readonly int[] _weights;
        private int _head;
        private int _count;
        private int _used;

        public SlidingWindow(RateLimit limit)
        {
            if (limit.Permits is < 1 or > PermitsMax) throw new ArgumentException($"Expected 1 to {PermitsMax} permits, found {limit.Permits}.");
            if (limit.Window <= TimeSpan.Zero) throw new ArgumentException($"Expected a positive window, found {limit.Window}.");
            _permits = limit.Permits;
            _windowNs = (long)limit.Window.TotalNanoseconds;
            _times = new long[limit.Permits];
            _weights = new int[limit.Permits];
        }

        public int UsedAt(long nowNs)
        {
            Expire(nowNs);
            return _used;
        }

        public long NextPermitNs(int weight, long nowNs)
        {
            if (weight > _permits) return long.MaxValue;
            Expire(nowNs);
            var excess = _used + weight - _permits;
            if (excess <= 0) return nowNs;
            for (var i = 0; i < _count; i++)
            {
                var slot = (_head + i) % _times.Length;
                excess -= _weights[slot];
                if (excess <= 0) return _times[slot] + _windowNs;
            }

            return long.MaxValue;
        }

        public void Add(int weight, long nowNs)
        {
            if (weight == 0) return;
            // Every grant weighs at least one, so there are never more of them than permits.
            var slot = (_head + _count) % _times.Length;
            _times[slot] = nowNs;
            _weights[slot] = weight;
            _count++;
            _used += weight;
        }

        public void Archive(StateArchive state)
        {
            state.Values(_times.AsSpan());
            state.Values(_weights.AsSpan());
            _head = state.Value(_head);
            _count = state.Value(_count);
            _used = state.Value(_used);
        }

        private void Expire(long nowNs)
        {
            while (_count > 0 && nowNs - _times[_head] >= _windowNs)
            {
                _used -= _weights[_head];
                _head = (_head + 1) % _times.Length;
                _count--;
            }
        }
    }
}
