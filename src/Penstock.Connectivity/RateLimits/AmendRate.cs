namespace Penstock.Connectivity.RateLimits;

/// <summary>What one change of a resting order takes of a venue's limits (R112), and whether the changed order is still post-only.</summary>
public sealed record AmendRate
{
    /// <summary>Permits of the venue's limits on new orders; zero where changes are counted apart.</summary>
    public int OrderPermits { get; init; } = 1;

    /// <summary>The venue's limits on changes alone; none where they count as orders.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>A changed post-only order never takes. False also where the venue does not say so: quotes are replaced there.</summary>
    public bool KeepsPostOnly { get; init; }
}
