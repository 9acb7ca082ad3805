using System.ComponentModel.DataAnnotations;

namespace Penstock.Strategies.StatisticalArbitrage;

/// <summary>How a pair is watched and traded.</summary>
public sealed record PairConfig
{
    /// <summary>Samples of both mid prices that the regression is taken over.</summary>
    [FixedAtStart]
    [Range(20, 5_000)]
    public int Window { get; init; } = 240;

    /// <summary>Time between two samples.</summary>
    [Range(10, 3_600_000)]
    public int SampleMs { get; init; } = 1_000;

    /// <summary>Standard deviations from the mean at which the pair is entered.</summary>
    [Range(0.5, 10.0)]
    public double EntryZ { get; init; } = 2.0;

    /// <summary>Nearer than this to the mean it is left.</summary>
    [Range(0.0, 5.0)]
    public double ExitZ { get; init; } = 0.5;

    /// <summary>Farther than this the pair has broken: it is left at a loss, and not entered again before the window has turned over.</summary>
    [Range(1.0, 100.0)]
    public double StopZ { get; init; } = 5.0;

    /// <summary>
    /// Entered only while the residual's Dickey–Fuller statistic is below this. −3.34 is the 5 % value of Engle and Granger's test for two
    /// series with a constant (MacKinnon, Critical Values for Cointegration Tests, 2010, table 2).
    /// </summary>
    [Range(-10.0, 0.0)]
    public double CointegrationMax { get; init; } = -3.34;

    /// <summary>What the way back to the mean must bring beyond nothing, in 1/100 % of the first instrument's price: fees and crossing.</summary>
    [Range(0.0, 1_000.0)]
    public double CostBps { get; init; } = 20;

    /// <summary>Quantity of the first instrument; the second follows from the hedge ratio.</summary>
    [Range(0.00000001, 1_000_000_000.0)]
    public decimal Size { get; init; } = 0.01m;

    /// <summary>How much worse than the best price a leg may trade.</summary>
    [Range(0.0, 1_000.0)]
    public decimal ReachBps { get; init; } = 5m;

    /// <summary>
    /// How near to its target a leg is near enough, in 1/100 % of its whole size: less is what the venue took as fees in coins, and not worth an
    /// order.
    /// </summary>
    [Range(0.0, 1_000.0)]
    public decimal DustBps { get; init; } = 100m;

    /// <summary>Pause after orders, so that the books can show what they did.</summary>
    [Range(0, 60_000)]
    public int PauseMs { get; init; } = 50;

    /// <summary>Orders of one leg in a row that may bring nothing before the pair is given up and the other leg undone.</summary>
    [Range(1, 100)]
    public int FailuresMax { get; init; } = 5;
}
