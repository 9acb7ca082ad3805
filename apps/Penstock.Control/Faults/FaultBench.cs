using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Testing.Faults;

namespace Penstock.Control.Faults;

/// <summary>
/// Makes things go wrong on purpose (R67): a simulated venue misbehaves, a reader of the node stands still, answers wait, a venue's pace becomes
/// a burst, the sidecar or the node is killed. Only where the node's own configuration says environment sim, and venues only at loopback
/// addresses: there is no way from here to a real exchange.
/// </summary>
/// <param name="data">The node's data folder.</param>
/// <param name="ask">A question to the node; null when it does not answer.</param>
internal sealed class FaultBench(string data, Func<JsonObject, Task<JsonObject?>> ask) : IDisposable
{
    public const string SlowReader = "SlowReader";
    public const string ExecutionBacklog = "ExecutionBacklog";
    public const string Burst = "Burst";
    public const string KillSidecar = "KillSidecar";
    public const string RestartNode = "RestartNode";

    /// <summary>How many times its usual pace a venue sends in a burst.</summary>
    private const int BurstSpeed = 60;

    /// <summary>Longer than any venue of the demo is quiet by itself.</summary>
    private const int SilenceMs = 6_000;

    private static readonly FaultKind[] Single = [FaultKind.SequenceGap, FaultKind.Silence, FaultKind.Disconnect, FaultKind.BadChecksum];

    /// <summary>What is done to the node and its watchers; the venues' own kinds stand beside them.</summary>
    private static readonly string[] Classes = [SlowReader, ExecutionBacklog, Burst, KillSidecar, RestartNode];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static IReadOnlyList<string> Kinds { get; } = [.. Classes, .. Enum.GetNames<FaultKind>()];

    /// <summary>For people to choose from: which there are, and which happen once.</summary>
    public static JsonArray List() =>
    [
        .. Classes.Select(c => (JsonNode)new JsonObject { ["kind"] = c, ["once"] = c != Burst }),
        .. Enum.GetValues<FaultKind>().Select(k => (JsonNode)new JsonObject { ["kind"] = k.ToString(), ["once"] = Single.Contains(k) }),
    ];

    /// <summary>A result or an error in words, null when no node answers; never throws for something that is away.</summary>
    /// <param name="venue">Whom it is about; of no meaning where a process is killed or answers wait.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="isOn">False takes everything at the venue away.</param>
    /// <param name="who">Journaled.</param>
    /// <param name="why">Journaled.</param>
    public async Task<JsonObject?> DoAsync(string venue, string kind, bool isOn, string who, string why)
    {
        if (!Kinds.Contains(kind)) return Error($"there is no fault '{kind}'; known: {string.Join(", ", Kinds)}");
        // Journaled first, like everything people do to a node: what cannot be journaled does not happen.
        var text = $"{kind} {(isOn ? "on" : "off")} {venue}".TrimEnd();
        var journaled = await AskAsync(new JsonObject { ["command"] = "fault", ["text"] = text }, who, why).ConfigureAwait(false);
        if (journaled is null || journaled.ContainsKey("error")) return journaled;
        if (Venues() is not { } venues) return Error("this is no simulation");
        if (isOn)
        {
            switch (kind)
            {
                case SlowReader: return await StallAsync("reader", venue, who, why).ConfigureAwait(false);
                case ExecutionBacklog: return await StallAsync("answers", venue, who, why).ConfigureAwait(false);
                case KillSidecar: return Kill("sidecar", ObserverFile.PidOf(data, ObserverFile.Sidecar));
                case RestartNode: return Kill("node", NodePid());
            }
        }

        return venues.GetValueOrDefault(venue) is { } address
            ? await SetAsync(address, isOn ? Behaviour(kind) : new JsonObject { ["clear"] = true, ["speed"] = 1 },
                isOn ? $"{venue}: {kind}." : $"{venue}: all faults cleared.").ConfigureAwait(false)
            : Error($"there is no simulated venue '{venue}' here");
    }

    public void Dispose() => _http.Dispose();

    private int? NodePid() => NodeRegistry.Running().FirstOrDefault(n => Path.GetFullPath(n.Data) == Path.GetFullPath(data))?.Pid;

    private static JsonObject Behaviour(string kind)
    {
        if (kind == Burst) return new JsonObject { ["speed"] = BurstSpeed };
        return Single.Contains(Enum.Parse<FaultKind>(kind)) ? new JsonObject { ["arm"] = new JsonObject { [kind] = 1 }, ["silenceMs"] = SilenceMs }
            : new JsonObject { ["rate"] = new JsonObject { [kind] = 20_000 }, ["scope"] = "All", ["delayMs"] = 50 };
    }

    private Task<JsonObject?> StallAsync(string what, string venue, string who, string why) =>
        AskAsync(new JsonObject { ["command"] = "stall", ["what"] = what, ["venue"] = venue }, who, why);

    private Task<JsonObject?> AskAsync(JsonObject command, string who, string why)
    {
        (command["who"], command["why"]) = (who, why);
        return ask(command);
    }

    private static JsonObject Kill(string role, int? pid)
    {
        if (pid is not { } id) return Error($"no {role} runs here");
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            return new JsonObject { ["result"] = $"The {role}, process {id}, was killed." };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return Error($"the {role}, process {id}, cannot be killed: {e.Message}");
        }
    }

    private async Task<JsonObject> SetAsync(Uri address, JsonObject behaviour, string result)
    {
        try
        {
            using var content = new StringContent(behaviour.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(new Uri(address, "/sim/faults"), content).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? new JsonObject { ["result"] = result } : Error($"the venue answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return Error($"the venue does not answer: {e.Message}");
        }
    }

    /// <summary>The simulated venues by name, null addresses where they are not on this machine; null when this is no simulation.</summary>
    private Dictionary<string, Uri?>? Venues()
    {
        try
        {
            var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(data, "node.json")))!;
            if ((string?)configuration["environment"] != "sim") return null;
            return configuration["venues"]!.AsArray().ToDictionary(v => (string)v!["name"]!, v =>
                Uri.TryCreate((string?)v!["rest"], UriKind.Absolute, out var address) && address is { IsLoopback: true, Scheme: "http" or "https" }
                    ? address : null, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            return null;
        }
    }

    private static JsonObject Error(string why) => new() { ["error"] = why };
}
