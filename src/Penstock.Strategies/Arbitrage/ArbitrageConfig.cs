using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Penstock.Strategies.Arbitrage;

/// <summary>When and how much the arbitrageur takes. Decimals are exact to 1e-8.</summary>
public sealed record ArbitrageConfig : IValidatableObject
{
    private const decimal FeeBpsMax = 1_000m;

    /// <summary>What must be left of a trade after both fees, in 1/100 %, where it adds to the inventories.</summary>
    [Range(0.0, 1_000.0)]
    public decimal EdgeBps { get; init; } = 2m;

    /// <summary>The same where it brings inventories back: may be negative, getting flat is worth something.</summary>
    [Range(-100.0, 1_000.0)]
    public decimal UnwindEdgeBps { get; init; }

    /// <summary>Taker fee assumed at a venue whose fee neither <see cref="FeesBps"/> nor the node's configuration names.</summary>
    [Range(-10.0, 200.0)]
    public decimal TakerFeeBps { get; init; } = 10m;

    /// <summary>Taker fees by instrument in the order they were given, separated by blanks: <c>"10 26 8"</c>.</summary>
    public string FeesBps { get; init; } = "";

    /// <summary>Most that one trade takes, in the base asset.</summary>
    [Range(0.00000001, 1_000_000_000.0)]
    public decimal Size { get; init; } = 0.01m;

    /// <summary>Position on one venue, either direction, beyond which nothing is added.</summary>
    [Range(0.0, 1_000_000_000.0)]
    public decimal InventoryMax { get; init; } = 0.05m;

    /// <summary>How much worse than the best price a hedge of a leg left alone may trade.</summary>
    [Range(0.0, 1_000.0)]
    public decimal HedgeReachBps { get; init; } = 20m;

    /// <summary>
    /// What counts as a leg left alone, in 1/100 % of <see cref="Size"/>: less is what venues took as fees in coins, and chasing it costs more than
    /// it is worth.
    /// </summary>
    [Range(0.0, 10_000.0)]
    public decimal HedgeMinBps { get; init; } = 500m;

    /// <summary>Hedges in a row that may fail before the strategy stops taking and only keeps trying to get even.</summary>
    [Range(1, 100)]
    public int HedgesMax { get; init; } = 5;

    /// <summary>Pause after a trade or a hedge, so that the books can show it.</summary>
    [Range(0, 60_000)]
    public int PauseMs { get; init; } = 50;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var fee in (FeesBps ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!decimal.TryParse(fee, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bps))
                yield return new ValidationResult("FeesBps are numbers separated by blanks.");
            else if (Math.Abs(bps) > FeeBpsMax || decimal.Round(bps, 8) != bps)
                yield return new ValidationResult($"A fee of FeesBps lies between -{FeeBpsMax} and {FeeBpsMax}, with 8 decimals at most.");
        }
    }
}
