using Penstock.Node.Wiring;

namespace Penstock.Node.Reporting;

/// <summary>How a venue's sessions stand. Taken once more before the threads stop: afterwards everything is DOWN.</summary>
/// <param name="Feed">DOWN, SILENT or OPEN.</param>
/// <param name="Orders">none, PAPER, DOWN or READY.</param>
/// <param name="AgeMs">Since the last socket read of the feed.</param>
internal readonly record struct VenueStates(string Feed, string Orders, long AgeMs)
{
    public static VenueStates Of(VenueWires venue) => new(
        !venue.IsConnected ? "DOWN" : venue.Ingest.IsStale ? "SILENT" : "OPEN",
        venue.IsOnPaper ? "PAPER" : venue.Orders is null ? "none" : venue.Orders.IsReady ? "READY" : "DOWN",
        venue.AgeMs);
}
