using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Time;
using Penstock.Testing.Faults;

namespace Penstock.Control.Api;

/// <summary>
/// Makes simulated venues misbehave on purpose. Only where the node's own configuration says environment sim, and only at loopback addresses:
/// there is no way from here to a real exchange.
/// </summary>
internal sealed class FaultDesk(string data, ReadModelAgent models, IWallClock wall) : IDisposable
{
    private static readonly FaultKind[] Single = [FaultKind.SequenceGap, FaultKind.Silence, FaultKind.Disconnect, FaultKind.BadChecksum];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static JsonArray Kinds() =>
        [.. Enum.GetValues<FaultKind>().Select(k => (JsonNode)new JsonObject { ["kind"] = k.ToString(), ["once"] = Single.Contains(k) })];

    /// <summary>What the venue said, or an error; never throws for a venue that is away.</summary>
    public async Task<JsonObject> DoAsync(JsonObject body)
    {
        var (venue, on) = (body.Text("venue")!, (bool)body["on"]!);
        if (!Enum.TryParse<FaultKind>(body.Text("kind"), out var kind) || !Enum.IsDefined(kind))
            return Error($"there is no fault '{body.Text("kind")}'; GET /api/v1/faults");
        if (Address(venue) is not { } address) return Error($"there is no simulated venue '{venue}' here, or this is no simulation");
        var behaviour = !on ? new JsonObject { ["clear"] = true }
            : Single.Contains(kind) ? new JsonObject { ["arm"] = new JsonObject { [kind.ToString()] = 1 } }
            : new JsonObject { ["rate"] = new JsonObject { [kind.ToString()] = 20_000 }, ["scope"] = "All", ["delayMs"] = 50 };
        try
        {
            using var content = new StringContent(behaviour.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(new Uri(address, "/sim/faults"), content).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) return Error($"the venue answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return Error($"the venue does not answer: {e.Message}");
        }

        await models.AskAsync(() => models.Journal.Events.Add("info", "command", $"fault {kind} {(on ? "on" : "off")}: {body.Text("why")}",
            wall.UnixNs, venue), CancellationToken.None)
            .ConfigureAwait(false);
        return new JsonObject { ["result"] = on ? $"{venue}: {kind}." : $"{venue}: all faults cleared." };
    }

    public void Dispose() => _http.Dispose();

    private Uri? Address(string venue)
    {
        try
        {
            var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(data, "node.json")))!;
            if ((string?)configuration["environment"] != "sim") return null;
            var found = configuration["venues"]!.AsArray().FirstOrDefault(v => venue.Equals((string?)v!["name"], StringComparison.OrdinalIgnoreCase));
            return found is not null && Uri.TryCreate((string?)found["rest"], UriKind.Absolute, out var address)
                && address is { IsLoopback: true, Scheme: "http" or "https" } ? address : null;
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            return null;
        }
    }

    private static JsonObject Error(string why) => new() { ["error"] = why };
}
