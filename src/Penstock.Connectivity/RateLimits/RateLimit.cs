namespace Penstock.Connectivity.RateLimits;

/// <summary>At most <paramref name="Permits"/> units within any window of <paramref name="Window"/> (R112).</summary>
public sealed record RateLimit(int Permits, TimeSpan Window);
