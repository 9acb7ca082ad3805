using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Controls;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Control.ReadModels;

/// <summary>One class and subject of what went wrong, as the journal of this session adds up.</summary>
/// <param name="Total">How often.</param>
/// <param name="FirstNs">Engine time of the first record.</param>
/// <param name="LastNs">Engine time of the newest.</param>
/// <param name="Text">The newest, for people.</param>
internal sealed record LedgerLine(long Total, long FirstNs, long LastNs, string Text);

internal sealed partial class JournalModel
{
    partial void TakeControls(EngineRecordType type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case EngineRecordType.OrderHeld when EngineRecords.TryRead<HeldOrderRecord>(payload, out var held):
                OnOrder(in held.Order, isHeld: true);
                break;
            case EngineRecordType.HeldEnded when EngineRecords.TryRead<HeldEndRecord>(payload, out var ended):
                Orders.OnHeldEnded(ended.ClientOrderId, ended.State, _nowNs);
                break;
            case EngineRecordType.OrderRefused when EngineRecords.TryRead<OrderRefusedRecord>(payload, out var refused):
                OnRefused(refused);
                break;
            case EngineRecordType.BreakerTripped when EngineRecords.TryRead<LimitPassedRecord>(payload, out var tripped):
                Events.Add("alarm", "breaker", $"breaker tripped: {tripped}", ToUnixNs(tripped.NowNs));
                break;
            case EngineRecordType.LimitBreach when EngineRecords.TryRead<LimitPassedRecord>(payload, out var breach):
                Events.Add("alarm", "breach", $"beyond its cap: {breach}", ToUnixNs(breach.NowNs));
                break;
            case EngineRecordType.Incident when EngineRecords.TryRead<IncidentRecord>(payload, out var incident):
                OnIncident(in incident);
                break;
            case EngineRecordType.VenueBreaker when EngineRecords.TryRead<VenueBreakerRecord>(payload, out var breaker):
                var venue = Blueprint?.VenueName(new VenueId(breaker.Venue)) ?? "";
                var state = breaker.State.ToString().ToLowerInvariant();
                Events.Add(breaker.State == VenueBreakerState.Closed ? "info" : "warning", "breaker",
                    $"{venue}: its breaker is {state} after {breaker.Failures} failures", ToUnixNs(breaker.NowNs), venue);
                break;
        }
    }

    /// <summary>The journal's own count beside the counter's: of a class over all sessions the record says the whole.</summary>
    private void OnIncident(in IncidentRecord incident)
    {
        var (subject, text) = (incident.Subject.ToString(), incident.ToString());
        var key = $"{IncidentRecord.NameOf(incident.Kind)} {subject}";
        var before = Incidents.GetValueOrDefault(key) ?? new LedgerLine(incident.Total - incident.Count, incident.NowNs, incident.NowNs, text);
        Incidents[key] = before with { Total = before.Total + incident.Count, LastNs = incident.NowNs, Text = text };
        var (kind, severity) = incident.Kind switch
        {
            IncidentKind.SlowReader => ("lost", "alarm"),
            IncidentKind.ExecutionBacklog => ("backlog", "warning"),
            IncidentKind.Burst => ("burst", "warning"),
            IncidentKind.ObserverLost => ("observer", "alarm"),
            IncidentKind.Restart => ("restart", "alarm"),
            IncidentKind.InputFault => ("fault", "alarm"),
            _ => ("silent", "warning"),
        };
        var venue = Blueprint?.Venues.Contains(subject) == true ? subject : null;
        Events.Add(severity, kind, text, ToUnixNs(incident.NowNs), venue, null, incident.Count);
    }

    private void OnRefused(OrderRefusedRecord refused)
    {
        Count(refused.Strategy, rejects: 1 + refused.Skipped);
        if (IsRepeated(ref _seenRejects, _rebuilding.Rejects)) return;
        var name = Blueprint?.NameOf(new InstrumentId(refused.Instrument)) ?? "";
        Rejects.Add(json =>
        {
            json.Ms("atMs"u8, ToUnixNs(refused.NowNs));
            json.WriteNumber("strategy"u8, refused.Strategy);
            json.WriteString("instrument"u8, name);
            json.WriteString("side"u8, refused.Side == Side.Buy ? "buy"u8 : "sell"u8);
            json.WriteString("rule"u8, refused.Rule.ToString());
            json.WriteString("text"u8, refused.ToString());
            json.WriteNumber("skipped"u8, refused.Skipped);
        });
    }
}
