using Penstock.Connectivity.RateLimits;
using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Trading;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>What an engine is made of. The same setup and the same inputs give the same outputs.</summary>
public sealed record TradingEngineSetup
{
    /// <summary>Complete: none may be added while the engine lives.</summary>
    public required InstrumentTable Instruments { get; init; }

    /// <summary>Owned by the engine from here on.</summary>
    public required IBookSource Books { get; init; }

    /// <summary>Configured strategies with their setups, ids 1, 2, 3 …</summary>
    public required IReadOnlyList<(StrategySetup Setup, IStrategy Strategy)> Strategies { get; init; }

    /// <summary>Finds what a swap names; null: this engine's strategies cannot be swapped.</summary>
    public IStrategyVersions? Versions { get; init; }

    public RiskLimits Limits { get; init; } = RiskLimits.Default;

    /// <summary>Further limits, each NAME SCOPE VALUE as in a command; see LimitCatalog.</summary>
    public IReadOnlyList<string> NamedLimits { get; init; } = [];

    public OrderManagerOptions Orders { get; init; } = OrderManagerOptions.Default;

    /// <summary>Orders each venue takes; a venue not named here is not limited.</summary>
    public IReadOnlyDictionary<VenueId, IReadOnlyList<RateLimit>> OrderLimits { get; init; } = new Dictionary<VenueId, IReadOnlyList<RateLimit>>();

    /// <summary>Venues that can change a resting order, and what that takes: declared quotes are changed there instead of replaced.</summary>
    public IReadOnlyDictionary<VenueId, AmendRate> Amends { get; init; } = new Dictionary<VenueId, AmendRate>();

    /// <summary>What the venues charge, maker and taker in parts per million; a venue not named here counts as free.</summary>
    public IReadOnlyDictionary<VenueId, (int MakerPpm, int TakerPpm)> Fees { get; init; } = new Dictionary<VenueId, (int, int)>();

    /// <summary>Rates of single instruments, instead of their venues'.</summary>
    public IReadOnlyDictionary<InstrumentId, FeeRates> InstrumentFees { get; init; } = new Dictionary<InstrumentId, FeeRates>();

    /// <summary>No order on a venue that has not confirmed what we believe of it.</summary>
    public bool RequireReconciliation { get; init; } = true;

    /// <summary>Input records between two state hashes in the journal.</summary>
    public int CheckpointInterval { get; init; } = 10_000;
}
