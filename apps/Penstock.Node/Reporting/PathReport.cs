using System.Text.Json.Nodes;
using Penstock.Connectivity.Network;

namespace Penstock.Node.Reporting;

/// <summary>
/// A network path as one JSON object: nanoseconds, null for what is not known. Read while the path's thread writes: each figure is whole.
/// </summary>
internal static class PathReport
{
    public static JsonObject Of(PathObserver path)
    {
        var s = path.Statistics;
        var (answered, gaps) = (s.ProbesAnswered + s.VenuePongs, path.ArrivalGaps.Summarize());
        return new JsonObject
        {
            ["resolveNs"] = s.ResolveNs, ["connectNs"] = s.ConnectNs, ["tlsNs"] = s.SecureNs, ["upgradeNs"] = s.UpgradeNs,
            ["pings"] = s.ProbesSent, ["pongs"] = answered,
            ["pingNs"] = Known(answered > 0, s.RoundTripNs), ["pingNsMin"] = Known(answered > 0, s.RoundTripNsMin),
            ["pingNsP99"] = Known(answered > 0, path.RoundTrips.ValueAt(0.99)), ["jitterNs"] = Known(answered > 1, s.JitterNs),
            ["gapsNs"] = new JsonObject { ["count"] = gaps.Count, ["p50"] = gaps.P50, ["p99"] = gaps.P99, ["max"] = gaps.Max },
            ["clockOffsetNsMin"] = Known(s.ClockBounds > 0, s.ClockOffsetNsMin), ["clockOffsetNsMax"] = Known(s.ClockBounds > 1, s.ClockOffsetNsMax),
            ["clockSamples"] = s.ClockSamples, ["clockSteps"] = s.ClockSteps,
            ["exchangeDelayNsMin"] = Known(s.ClockBounds > 1, s.DelayNsMin), ["exchangeDelayNsMax"] = Known(s.ClockBounds > 1, s.DelayNsMax),
        };
    }

    private static JsonNode? Known(bool isKnown, long value) => isKnown ? JsonValue.Create(value) : null;
}
