namespace Penstock.Connectivity.RateLimits;

/// <summary>A <see cref="RateLimiter"/> behind a lock: the REST limits all sessions of a venue share. Any thread; not for the hot path.</summary>
public sealed class SharedRateLimiter(IReadOnlyList<RateLimit> limits)
{
    private readonly Lock _lock = new();
    private readonly RateLimiter _limiter = new(limits);

    public bool TryAcquire(int weight, long nowNs)
    {
        lock (_lock) return _limiter.TryAcquire(weight, nowNs);
    }

    public long NextPermitNs(int weight, long nowNs)
    {
        lock (_lock) return _limiter.NextPermitNs(weight, nowNs);
    }

    public void BlockUntil(long ns)
    {
        lock (_lock) _limiter.BlockUntil(ns);
    }

    public int Used(int index, long nowNs)
    {
        lock (_lock) return _limiter.Used(index, nowNs);
    }
}
