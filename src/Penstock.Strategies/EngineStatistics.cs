namespace Penstock.Strategies;

/// <summary>What went into the engine. Written by the engine's thread; orders, risk and positions have their own.</summary>
public sealed class EngineStatistics
{
    /// <summary>Input records journaled and applied, of all kinds, over all sessions of this process and its recovery.</summary>
    public long Inputs;
    /// <summary>Market events applied.</summary>
    public long MarketEvents;
    /// <summary>Execution reports applied.</summary>
    public long Reports;
    /// <summary>Balance reports applied.</summary>
    public long Balances;
    /// <summary>Timer steps applied.</summary>
    public long Timers;
    /// <summary>Commands and state changes that did something.</summary>
    public long Commands;
    /// <summary>Commands refused: unknown, malformed, too long.</summary>
    public long CommandsRefused;
    /// <summary>Books handed to strategies.</summary>
    public long BookCalls;
    /// <summary>Handlers of strategies that threw; each switched its strategy off.</summary>
    public long StrategyFaults;
    /// <summary>Of these, strategies that sent without end in one call.</summary>
    public long StrategyRunaways;
    /// <summary>Inputs that threw while they were applied: each leaves a node that only cancels until it is started again.</summary>
    public long InputFaults;
    /// <summary>Commands that threw, and were refused for it.</summary>
    public long CommandFaults;
    /// <summary>New versions of strategies that began to warm up.</summary>
    public long SwapsBegun;
    /// <summary>Of these, those that took over.</summary>
    public long SwapsDone;
    /// <summary>Of these, those that were dropped: they threw, were too slow, were cancelled, or the node ended before they took over.</summary>
    public long SwapsDropped;
    /// <summary>Books and trades shown to new versions before they took over.</summary>
    public long SwapEvents;
    /// <summary>Orders, changes and cancels that versions asked for while they were not the active one; none of them left.</summary>
    public long SwapWithheld;
    /// <summary>Checkpoints written.</summary>
    public long Checkpoints;
    /// <summary>Sessions begun, recovered ones included.</summary>
    public long Sessions;
}
