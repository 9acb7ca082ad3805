using Penstock.Connectivity.RateLimits;
using Penstock.Model.Instruments;

namespace Penstock.Trading.Execution;

/// <summary>
/// The venues' own limits on new orders, kept a second time in engine time: a wish that would find the limit reached is
/// refused before it becomes an order, instead of being journaled, handed over and reported back as never sent. Deterministic;
/// a little slower than the venue allows, because an order leaves a little later than it is decided. One thread.
/// </summary>
public sealed partial class VenueOrderRates
{
    /// <summary>How much longer each window is than the venue's: decision and hand-over are never further apart.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<RateLimit>?[] _limits = new IReadOnlyList<RateLimit>?[byte.MaxValue + 1];
    private readonly RateLimiter?[] _limiters = new RateLimiter?[byte.MaxValue + 1];

    /// <summary>Before the first session.</summary>
    public void Set(VenueId venue, IReadOnlyList<RateLimit> limits)
    {
        _limits[venue.Value] = [.. limits.Select(l => l with { Window = l.Window + Margin })];
        _limiters[venue.Value] = new RateLimiter(_limits[venue.Value]!);
    }

    /// <summary>A session starts with another clock and another connection.</summary>
    public void BeginSession()
    {
        for (var i = 0; i < _limits.Length; i++)
        {
            if (_limits[i] is { } limits) _limiters[i] = new RateLimiter(limits);
        }
    }

    /// <summary>Whether the venue takes one more order now. Allocates nothing.</summary>
    public bool Allows(VenueId venue, long nowNs) => _limiters[venue.Value] is not { } limiter || limiter.NextPermitNs(1, nowNs) <= nowNs;

    /// <summary>One order was handed over.</summary>
    public void Count(VenueId venue, long nowNs) => _limiters[venue.Value]?.TryAcquire(1, nowNs);
}
