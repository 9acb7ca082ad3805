using Penstock.Trading.Risk;

namespace Penstock.Node.Lifecycle;

/// <summary>The lifecycle as people read it (R69).</summary>
internal static class NodeStateText
{
    public static string ToText(this NodeState state) => state switch
    {
        NodeState.Init => "INIT",
        NodeState.WarmUp => "WARM-UP",
        NodeState.Ready => "READY",
        NodeState.Degraded => "DEGRADED",
        NodeState.Draining => "DRAINING",
        _ => "STOPPED",
    };

    /// <summary>What a degraded node has lost, as the runbooks call it; empty when nothing.</summary>
    public static string Of(Degradation degradation) => string.Join(", ", Enum.GetValues<Degradation>().Where(d => d != Degradation.None && degradation.HasFlag(d)).Select(d => d switch
    {
        Degradation.MarketDataPartial => "MARKET_DATA_PARTIAL",
        Degradation.ExecutionPartial => "EXECUTION_PARTIAL",
        Degradation.Solo => "SOLO",
        Degradation.NoPersistence => "NO_PERSIST",
        Degradation.CancelOnly => "CANCEL_ONLY",
        _ => "HALTED",
    }));
}
