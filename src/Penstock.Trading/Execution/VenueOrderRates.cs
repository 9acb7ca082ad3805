using Penstock.Connectivity.RateLimits;
using Penstock.Model.Instruments;

namespace Penstock.Trading.Execution;

/// <summary>
/// The venues' own limits on new orders and on changes, kept a second time in engine time: a wish that would find the limit reached is
/// refused before it becomes an order, instead of being journaled, handed over and reported back as never sent. Deterministic;
/// a little slower than the venue allows, because an order leaves a little later than it is decided. One thread.
/// </summary>
public sealed partial class VenueOrderRates
{
    /// <summary>How much longer each window is than the venue's: decision and hand-over are never further apart.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<RateLimit>?[] _limits = new IReadOnlyList<RateLimit>?[byte.MaxValue + 1];
    private readonly AmendRate?[] _amends = new AmendRate?[byte.MaxValue + 1];
    private readonly OrderLimiter?[] _limiters = new OrderLimiter?[byte.MaxValue + 1];

    /// <summary>Before the first session.</summary>
    /// <param name="venue">Whose limits.</param>
    /// <param name="limits">On new orders.</param>
    /// <param name="amends">What a change takes; null where the venue cannot change an order, or nobody has said: it counts as an order then.</param>
    public void Set(VenueId venue, IReadOnlyList<RateLimit> limits, AmendRate? amends = null)
    {
        _limits[venue.Value] = Widened(limits);
        _amends[venue.Value] = amends is null ? null : amends with { Limits = Widened(amends.Limits) };
        _limiters[venue.Value] = new OrderLimiter(_limits[venue.Value]!, _amends[venue.Value]);
    }

    /// <summary>What a change of an order takes there; null where the venue is not known to change orders.</summary>
    public AmendRate? AmendsOf(VenueId venue) => _amends[venue.Value];

    /// <summary>A session starts with another clock and another connection.</summary>
    public void BeginSession()
    {
        for (var i = 0; i < _limits.Length; i++)
        {
            if (_limits[i] is { } limits) _limiters[i] = new OrderLimiter(limits, _amends[i]);
        }
    }

    /// <summary>Whether the venue takes one more order now. Allocates nothing.</summary>
    public bool Allows(VenueId venue, long nowNs) => _limiters[venue.Value]?.AllowsOrder(nowNs) ?? true;

    /// <summary>One order was handed over.</summary>
    public void Count(VenueId venue, long nowNs) => _limiters[venue.Value]?.CountOrder(nowNs);

    /// <summary>Whether the venue takes one more change now. Allocates nothing.</summary>
    public bool AllowsAmend(VenueId venue, long nowNs) => _limiters[venue.Value]?.AllowsAmend(nowNs) ?? true;

    /// <summary>One change was handed over.</summary>
    public void CountAmend(VenueId venue, long nowNs) => _limiters[venue.Value]?.CountAmend(nowNs);

    private static IReadOnlyList<RateLimit> Widened(IReadOnlyList<RateLimit> limits) =>
        [.. limits.Select(l => l with { Window = l.Window + Margin })];
}
