using Penstock.MarketData.Reference;
using Penstock.Node.Configuration;
using Penstock.Strategies.Backtesting;

namespace Penstock.Node.Backtesting;

/// <summary>What a person asked a back test to be.</summary>
internal sealed record BacktestOrder
{
    /// <summary>Recordings, or one journal folder.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Null: those of the configuration, else those of the journal.</summary>
    public string? Strategy { get; init; }

    /// <summary>A node's: its limits, and its strategies with their instruments and settings. Null: a source's own, or the default ones.</summary>
    public NodeConfiguration? Configuration { get; init; }

    /// <summary>By name as in a node's configuration; before those of the configuration and the journal.</summary>
    public IReadOnlyDictionary<string, string> Limits { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>SYMBOL.VENUE; none means every instrument with data, each with a strategy of its own.</summary>
    public IReadOnlyList<string> Instruments { get; init; } = [];

    public SimulationOptions Simulation { get; init; } = new();

    /// <summary>By venue name; applied when the venues are known.</summary>
    public IReadOnlyDictionary<string, FeeRates> FeesByVenue { get; init; } = new Dictionary<string, FeeRates>();

    /// <summary>The person named fees: a journal's own rates of its instruments do not count.</summary>
    public bool HasFees { get; init; }

    public BacktestTime? From { get; init; }

    public BacktestTime? To { get; init; }

    /// <summary>Multiple of real time; 0 as fast as it goes.</summary>
    public double Pace { get; init; }

    /// <summary>Folder of the session; its journal goes into journal/.</summary>
    public required string Data { get; init; }
}

/// <param name="Ns">Since the Unix epoch, or since the recording's first event.</param>
internal readonly record struct BacktestTime(long Ns, bool IsOffset);
