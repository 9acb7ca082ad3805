using Penstock.Infrastructure.Snapshots;

namespace Penstock.Connectivity.RateLimits;

/// <summary>A venue's permits for new orders, and for changes of resting ones at what it counts them for. One thread; allocates nothing.</summary>
public sealed class OrderLimiter
{
    private readonly RateLimiter _orders;
    private readonly RateLimiter? _amends;
    private readonly int _permitsOfAmend;

    /// <param name="orders">On new orders; none for a venue without.</param>
    /// <param name="amends">What a change costs; null: as a new order.</param>
    public OrderLimiter(IReadOnlyList<RateLimit> orders, AmendRate? amends)
    {
        _orders = new RateLimiter(orders);
        _permitsOfAmend = amends?.OrderPermits ?? 1;
        if (amends is { Limits.Count: > 0 }) _amends = new RateLimiter(amends.Limits);
    }

    /// <param name="nowNs">Monotonic or engine time, ns.</param>
    public bool AllowsOrder(long nowNs) => _orders.NextPermitNs(1, nowNs) <= nowNs;

    /// <summary>One order left.</summary>
    public void CountOrder(long nowNs) => _orders.TryAcquire(1, nowNs);

    /// <param name="nowNs">Monotonic or engine time, ns.</param>
    public bool AllowsAmend(long nowNs) =>
        _orders.NextPermitNs(_permitsOfAmend, nowNs) <= nowNs && (_amends is null || _amends.NextPermitNs(1, nowNs) <= nowNs);

    /// <summary>One change left.</summary>
    public void CountAmend(long nowNs)
    {
        _orders.TryAcquire(_permitsOfAmend, nowNs);
        _amends?.TryAcquire(1, nowNs);
    }

    /// <summary>What was granted and still counts; the limits themselves are given at construction.</summary>
    public void Archive(StateArchive state)
    {
        _orders.Archive(state);
        _amends?.Archive(state);
    }
}
