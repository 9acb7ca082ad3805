using System.Text.Json.Nodes;

namespace Penstock.Control.Sidecar;

/// <summary>
/// The lifecycle (R69) as a service manager or load balancer asks for it (R58). Live says only that the process is there: a node
/// that is degraded, slow or draining must not be restarted by a machine while it may hold orders (R71). Ready says that it takes
/// new orders without reservation.
/// </summary>
/// <param name="State">The lifecycle's word; DOWN without a node.</param>
/// <param name="Why">One sentence where something is missing; else empty.</param>
internal sealed record NodeHealth(bool IsLive, bool IsReady, string State, string Why)
{
    public static NodeHealth Of(CounterView view)
    {
        if (!view.IsUp) return new NodeHealth(false, false, "DOWN", view.Problem);
        return view.State switch
        {
            0 => new NodeHealth(true, false, "INIT", "the node wires itself"),
            1 => new NodeHealth(true, false, "WARM-UP", "the node earns its readiness: books, reconciliation, steady latency"),
            2 => new NodeHealth(true, true, "READY", ""),
            3 => new NodeHealth(true, false, "DEGRADED", "the node trades with less than all it needs; penstock ctl status says with what"),
            4 => new NodeHealth(true, false, "DRAINING", "the node cancels its orders and takes no new ones"),
            5 => new NodeHealth(false, false, "STOPPED", "the session has ended"),
            _ => new NodeHealth(true, false, "UNKNOWN", "the counter file does not say its state"),
        };
    }

    public string ToJson(bool isOk) => new JsonObject { ["status"] = isOk ? "ok" : "unavailable", ["state"] = State, ["why"] = Why }.ToJsonString();
}
