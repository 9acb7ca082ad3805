using Penstock.Infrastructure.Counters;

namespace Penstock.Node.Reporting;

/// <summary>Strategies and their versions, and what went wrong.</summary>
internal static partial class NodeCounters
{
    // Versions of strategies. Label: the strategy.
    public static readonly CounterDeclaration SwapsBegun = Total(3402, "strategy_swaps_begun", "New versions of strategies that began to warm up.");
    public static readonly CounterDeclaration SwapsDone = Total(3403, "strategy_swaps_done", "Of these, those that took over.");
    public static readonly CounterDeclaration SwapsDropped =
        Total(3404, "strategy_swaps_dropped", "Of these, those dropped: they threw, were too slow or were cancelled.");
    public static readonly CounterDeclaration SwapEvents =
        Total(3405, "strategy_swap_events", "Books and trades shown to new versions before they took over.");
    public static readonly CounterDeclaration SwapWithheld =
        Total(3406, "strategy_swap_withheld", "Orders and cancels of new versions that were withheld.");
    public static readonly CounterDeclaration StrategyBooks = Total(3407, "strategy_books", "Books the strategy was shown.");
    public static readonly CounterDeclaration StrategyTrades = Total(3408, "strategy_trades", "Trades the strategy was shown.");
    public static readonly CounterDeclaration StrategyPhase =
        Gauge(3409, "strategy_phase", "0 active, or of a new version: 1 loaded, 2 warming, 3 taking over.");

    // The same over all strategies. No label.
    public static readonly CounterDeclaration VersionsLoaded =
        Gauge(3410, "strategy_versions_loaded", "Versions of plugins whose code is in memory.");
    public static readonly CounterDeclaration CommandBytes =
        Total(3411, "trading_command_bytes", "Allocated on the trading thread by commands and questions, not by events.");

    // What code that fails costs. No label.
    public static readonly CounterDeclaration EngineInputFaults =
        Total(3760, "engine_input_faults", "Inputs that threw while they were applied: only cancels leave until the node is started again.");
    public static readonly CounterDeclaration EngineCommandFaults =
        Total(3761, "engine_command_faults", "Commands that threw, and were refused for it.");
    public static readonly CounterDeclaration RouterGatewayFaults =
        Total(3762, "execution_gateway_faults", "Calls of a venue's session that threw: what became of the order is unknown.");

    // Incidents, labelled by class and subject; and the queue of venues' answers, the late ones by venue.
    public static readonly CounterDeclaration Incidents = Total(3650, "incidents",
        "Things that went wrong, by class and subject, as the journal has them: events lost, late answers, bursts, deaths, starts, silences.");
    public static readonly CounterDeclaration RouterPending = Gauge(3651, "execution_pending",
        "Answers of venues that wait for the engine right now.");
    public static readonly CounterDeclaration RouterLate = Total(3652, "execution_answers_late",
        "Answers of the venue that waited longer than 250 ms between socket and engine: the execution backlog.");
}
