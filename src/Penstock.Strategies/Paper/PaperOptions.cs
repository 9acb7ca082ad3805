using Penstock.Strategies.Backtesting;

namespace Penstock.Strategies.Paper;

/// <summary>What trading on paper is made from.</summary>
public sealed record PaperOptions
{
    /// <summary>Assets that have no entry of their own and that instruments are paid in begin with this much.</summary>
    public const decimal PaidInDefault = 100_000m;

    /// <summary>Queue, latency and fees: those of a back test.</summary>
    public SimulationOptions Simulation { get; init; } = new();

    /// <summary>By asset, at every venue that has it. What recovery knows of an account comes before it.</summary>
    public IReadOnlyDictionary<string, decimal> Balances { get; init; } = new Dictionary<string, decimal>();

    /// <summary>Unix time at which the monotonic clock read zero, ns: reports carry a venue's time as any venue's do.</summary>
    public long UnixAtZeroNs { get; init; }

    /// <summary>What the account has of an asset before its first fill.</summary>
    public decimal StartOf(string asset, bool isPaidIn) => Balances.TryGetValue(asset, out var named) ? named : isPaidIn ? PaidInDefault : 0m;
}
