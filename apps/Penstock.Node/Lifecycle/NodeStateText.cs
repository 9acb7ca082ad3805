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
}
