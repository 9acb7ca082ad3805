using System.Text.Json.Nodes;
using Penstock.Control.Faults;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Time;

namespace Penstock.Control.Api;

/// <summary>Faults on purpose, asked for over the API: done by the bench, told as an event with the moment it was asked.</summary>
internal sealed class FaultDesk(string data, ReadModelAgent models, IWallClock wall) : IDisposable
{
    private readonly FaultBench _bench = new(data, command => models.Node.AskAsync(command, CancellationToken.None));

    public static JsonArray Kinds() => FaultBench.List();

    /// <summary>What came of it, an error, or null when no node answers; never throws for something that is away.</summary>
    public async Task<JsonObject?> DoAsync(JsonObject body, string who)
    {
        var (venue, kind, on, why, askedNs) = (body.Text("venue")!, body.Text("kind")!, (bool)body["on"]!, body.Text("why")!, wall.UnixNs);
        var answer = await _bench.DoAsync(venue, kind, on, who, why).ConfigureAwait(false);
        if (answer is null || answer.ContainsKey("error")) return answer;
        await models.AskAsync(() => models.Journal.Events.Add("info", "fault", $"fault {kind} {(on ? "on" : "off")}: {why}", askedNs, venue),
            CancellationToken.None).ConfigureAwait(false);
        return answer;
    }

    public void Dispose() => _bench.Dispose();
}
