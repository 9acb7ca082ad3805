namespace Penstock.MarketData.Validation;

/// <summary>When venues' prices of the same instrument count as apart (R49).</summary>
public sealed record ValidatorOptions
{
    /// <summary>A mid further than this from the median of all fresh venues is suspicious.</summary>
    public int DivergenceBps { get; init; } = 50;

    /// <summary>It counts as divergent once it was suspicious without a pause for this long.</summary>
    public TimeSpan DivergenceAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A best bid and ask that did not change for this long, while others' did, stands still.</summary>
    public TimeSpan StandstillAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many changes of other venues' prices must have been seen meanwhile, of at least two venues.</summary>
    public int StandstillChanges { get; init; } = 20;

    /// <summary>Quote assets that are compared as one, as "USD=USDT"; others are different instruments.</summary>
    public IReadOnlyList<string> EquivalentQuotes { get; init; } = [];

    /// <summary>Added to <see cref="DivergenceBps"/> where an instrument's venues quote in different assets.</summary>
    public int BasisBps { get; init; } = 30;
}
