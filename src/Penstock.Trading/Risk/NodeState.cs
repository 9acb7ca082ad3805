namespace Penstock.Trading.Risk;

/// <summary>The node's lifecycle (DESIGN §5). Orders are possible in Ready and Degraded only.</summary>
public enum NodeState : byte
{
    Init,
    WarmUp,
    Ready,
    Degraded,
    /// <summary>Everything is being cancelled; nothing new is placed; the node stops when no order is live.</summary>
    Draining,
    Stopped,
}

/// <summary>What a degraded node has lost. CancelOnly and Halted stop new orders; the others are shown.</summary>
[Flags]
public enum Degradation : byte
{
    None = 0,
    MarketDataPartial = 1,
    ExecutionPartial = 2,
    Solo = 4,
    NoPersistence = 8,
    CancelOnly = 16,
    Halted = 32,
}
