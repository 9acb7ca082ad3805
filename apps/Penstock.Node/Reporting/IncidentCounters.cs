using Penstock.Node.Wiring;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Reporting;

/// <summary>What goes wrong around the engine, and the queue of answers a backlog builds up in. Written by the trading thread.</summary>
internal static class IncidentCounters
{
    public static void Bind(CounterPublisher to, Pipeline pipeline)
    {
        foreach (var incident in pipeline.Incidents.All)
            to.Add(NodeCounters.Incidents, $"{IncidentRecord.NameOf(incident.Kind)} {incident.Subject}", () => incident.Total);
        to.Add(NodeCounters.RouterPending, "", () => pipeline.Router.PendingCount);
        foreach (var venue in pipeline.Venues) to.Add(NodeCounters.RouterLate, venue.Name, () => pipeline.Router.LateOf(venue.Id));
    }
}
