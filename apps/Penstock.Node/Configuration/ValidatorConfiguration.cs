using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.MarketData.Validation;

namespace Penstock.Node.Configuration;

/// <summary>The comparison of venues (R49). It flags and counts; it stops nobody.</summary>
public sealed record ValidatorConfiguration
{
    [Description("Furthest a venue's mid price may be from the median of all venues, in basis points.")]
    [Range(1, 10_000)]
    public int DivergenceBps { get; init; } = 50;

    [Description("Milliseconds it must be further than that, without a pause, to be flagged.")]
    [Range(0, 600_000)]
    public int DivergenceMs { get; init; } = 2_000;

    [Description("Milliseconds without a change of price, while other venues' prices change, after which it is flagged.")]
    [Range(100, 600_000)]
    public int StandstillMs { get; init; } = 10_000;

    [Description("Quote assets compared as one, e.g. USD=USDT.")]
    public IReadOnlyList<string> EquivalentQuotes { get; init; } = [];

    [Description("Basis points added where venues quote an instrument in different assets.")]
    [Range(0, 10_000)]
    public int BasisBps { get; init; } = 30;

    [Description("Milliseconds a book may be crossed before it is fetched anew, that instrument alone; 0 leaves it.")]
    [Range(0, 600_000)]
    public int CrossedMs { get; init; } = 2_000;

    public ValidatorOptions ToOptions() => new()
    {
        DivergenceBps = DivergenceBps, DivergenceAfter = TimeSpan.FromMilliseconds(DivergenceMs), StandstillAfter = TimeSpan.FromMilliseconds(StandstillMs),
        EquivalentQuotes = [.. EquivalentQuotes.Where(p => p.Split('=').Length == 2)], BasisBps = BasisBps,
    };
}
