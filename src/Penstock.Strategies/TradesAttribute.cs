namespace Penstock.Strategies;

/// <summary>How a strategy wants its instruments, when a tool has to hand them out.</summary>
public enum InstrumentGrouping
{
    /// <summary>Each instrument on its own: one instance per instrument.</summary>
    EachAlone,
    /// <summary>The same pair on all venues that have it: one instance per pair.</summary>
    SamePair,
    /// <summary>Two instruments of one venue: one instance per two.</summary>
    Pair,
}

/// <summary>On a strategy's class: how it wants its instruments. Without it, each alone.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TradesAttribute(InstrumentGrouping grouping) : Attribute
{
    public InstrumentGrouping Grouping { get; } = grouping;
}
