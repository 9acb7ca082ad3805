using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies;

/// <summary>How far a new version is.</summary>
public enum SwapPhase : byte
{
    /// <summary>No swap is under way: the strategy's version is the active one.</summary>
    None,
    /// <summary>Loaded and started; it has seen no event yet.</summary>
    Loaded,
    /// <summary>Sees every event the strategy sees; what it would send is counted and goes nowhere.</summary>
    Warming,
    /// <summary>The old one places nothing any more and its orders end; the new one still only looks on.</summary>
    TakingOver,
}

/// <summary>What a swap waits for the node to say, by a command: it is journaled, so the moment is the same in a replay.</summary>
public enum SwapStep : byte
{
    None,
    /// <summary>The new version has seen what was asked for.</summary>
    TakeOver,
    /// <summary>The old version's last order has ended.</summary>
    Finish,
}

/// <summary>A new version of a strategy on its way in, beside the one that trades. Part of the engine's state.</summary>
public sealed class StrategySwap
{
    private long _sinceNs;

    internal StrategySwap(SwapOrder order, HostedStrategy next)
    {
        Order = order;
        Next = next;
        Next.Context.IsWithheld = true;
    }

    public SwapOrder Order { get; }

    public SwapPhase Phase { get; private set; } = SwapPhase.Loaded;

    /// <summary>Books and trades the new version was shown.</summary>
    public long Events { get; private set; }

    /// <summary>Orders, changes and cancels the new version asked for so far; none left.</summary>
    public long Withheld => Next.Context.Withheld;

    /// <summary>Engine time it has been shown events, milliseconds.</summary>
    public long WarmedMs { get; private set; }

    public SwapStep Step { get; private set; }

    /// <summary>The new version's own; null where no time is taken.</summary>
    public StrategyBudget? Budget { get; internal set; }

    internal HostedStrategy Next { get; }

    internal long NextSweepNs { get; set; }

    /// <summary>After each call of the new version.</summary>
    internal void Seen(bool isMarket, long nowNs)
    {
        if (isMarket) Events++;
        if (Phase == SwapPhase.Loaded && isMarket) (Phase, _sinceNs) = (SwapPhase.Warming, nowNs);
        if (Phase != SwapPhase.Warming) return;
        WarmedMs = (nowNs - _sinceNs) / 1_000_000;
        if (Events >= Order.WarmUpEvents && WarmedMs >= Order.WarmUpMs) Step = SwapStep.TakeOver;
    }

    internal void BeginTakeOver() => (Phase, Step) = (SwapPhase.TakingOver, SwapStep.None);

    internal void Drained() => Step = SwapStep.Finish;

    internal void Archive(StateArchive state)
    {
        Phase = state.Value(Phase);
        Step = state.Value(Step);
        Events = state.Value(Events);
        WarmedMs = state.Value(WarmedMs);
        _sinceNs = state.Value(_sinceNs);
        NextSweepNs = state.Value(NextSweepNs);
    }
}
