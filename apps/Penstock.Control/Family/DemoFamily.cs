using System.Text.Json;
using System.Text.Json.Nodes;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Locations;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Family;

/// <summary>What a demo is made of; every field has a flag.</summary>
internal sealed record DemoOptions(
    IReadOnlyList<string> Venues, ulong Seed, int Port, string Data, bool WithControl)
{
    public required DemoStrategy Strategy { get; init; }

    /// <summary>Where a sidecar serves Prometheus; null without one.</summary>
    public int? SidecarPort { get; init; }

    /// <summary>Events each venue's ring holds; null for the usual.</summary>
    public int? RingCapacity { get; init; }

    /// <summary>First core of the node's hot threads, the venues' stay below; null pins nothing.</summary>
    public int? PinCore { get; init; }
}

/// <summary>
/// The demo's processes and their supervision (R66, R156): simulated venues → node → control plane. A killed control
/// child comes back and the node never notices; a killed node comes back and recovers from its journal; when this process
/// ends, however it ends, the pipes close and everybody leaves.
/// </summary>
internal sealed class DemoFamily : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DemoOptions _options;
    private readonly Action<string, int> _onRestart;
    private readonly Action<string> _onControlLine;
    private readonly TaskCompletionSource<string> _endpoints = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _venues;
    private ChildProcess? _node;
    private ChildProcess? _control;
    private ChildProcess? _sidecar;

    private DemoFamily(DemoOptions options, Action<string, int> onRestart, Action<string> onControlLine)
    {
        _options = options;
        _onRestart = onRestart;
        _onControlLine = onControlLine;
    }

    public int NodeRestarts { get; private set; }

    public int ControlRestarts { get; private set; }

    public string Data => _options.Data;

    public string JournalFolder => Path.Combine(Data, "journal");

    /// <summary>The newest process of each role: name → pid. Tests aim their kill -9 with it.</summary>
    public IReadOnlyDictionary<string, int> Pids => new Dictionary<string, int>(
        new[] { _venues, _node, _control, _sidecar }.OfType<ChildProcess>().Select(c => KeyValuePair.Create(c.Role, c.Id)));

    public static async Task<DemoFamily> StartAsync(
        DemoOptions options, Action<string, int> onRestart, Action<string> onControlLine, CancellationToken cancel)
    {
        Folders.Create(options.Data);
        var family = new DemoFamily(options, onRestart, onControlLine);
        try
        {
            await family.StartVenuesAsync(cancel).ConfigureAwait(false);
            family._node = family.StartNode();
            if (options.WithControl) family._control = family.StartControl();
            if (options.SidecarPort is not null) family._sidecar = family.StartSidecar();
            return family;
        }
        catch
        {
            await family.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One look at the children: whoever is gone and may come back is started again. Call every so often.</summary>
    public void Tend()
    {
        if (_venues is { HasExited: true })
            throw new Problem(ExitCode.Error, "the simulated venues ended", Log("venues"), $"exit code {_venues.ExitCode}", "read the log; then penstock demo");
        if (_node is { HasExited: true } node)
        {
            // A node that refuses its start says why and will say it again: only one that was running is restarted.
            if (node.ExitCode is (int)ExitCode.Configuration or (int)ExitCode.Usage || NodeRestarts >= 20)
                throw new Problem(ExitCode.Error, "the node does not stay up", Log("node"), $"exit code {node.ExitCode} after {NodeRestarts} restarts", "read the log");
            node.Dispose();
            NodeRestarts++;
            _node = StartNode();
            _onRestart("node", _node.Id);
        }

        if (_control is { HasExited: true } control && ControlRestarts < 100)
        {
            control.Dispose();
            ControlRestarts++;
            _control = StartControl();
            _onRestart("control", _control.Id);
        }

        if (_sidecar is { HasExited: true } sidecar && ControlRestarts < 100)
        {
            sidecar.Dispose();
            ControlRestarts++;
            _sidecar = StartSidecar();
            _onRestart("sidecar", _sidecar.Id);
        }
    }

    /// <summary>The running node's own words; null while it starts.</summary>
    public async Task<JsonObject?> StatusAsync(CancellationToken cancel)
    {
        if (_node is null || _node.HasExited) return null;
        var entry = NodeRegistry.Running().FirstOrDefault(n => n.Pid == _node.Id);
        if (entry is null) return null;
        try
        {
            return await NodeClient.AskAsync(entry, new JsonObject { ["command"] = "status" }, cancel).ConfigureAwait(false);
        }
        catch (Problem)
        {
            // It was killed between the look and the question; Tend restarts it.
            return null;
        }
    }

    /// <summary>Stops in order: node first (it cancels its orders while the venues still answer), then the rest. Returns its summary.</summary>
    public async Task<JsonObject> StopAsync()
    {
        if (_node is not null) await _node.StopAsync(Patience).ConfigureAwait(false);
        var summary = Path.Combine(Data, "summary.json");
        var result = File.Exists(summary) ? JsonNode.Parse(await File.ReadAllTextAsync(summary).ConfigureAwait(false))!.AsObject() : null;
        if (result is not null)
        {
            var truth = await VenueTruth.AskAsync(Path.Combine(Data, "node.json"), CancellationToken.None).ConfigureAwait(false);
            result["positionsEqualVenues"] = EqualToVenues(result, truth);
            result["venueTruth"] = truth;
        }

        if (_sidecar is not null) await _sidecar.StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        if (_control is not null) await _control.StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        if (_venues is not null) await _venues.StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        return result ?? throw new Problem(ExitCode.Error, "the node left no summary", summary, "it was killed while it stopped", $"read {Log("node")}");
    }

    /// <summary>Every asset the node accounts for, against the venue's own books.</summary>
    private static bool EqualToVenues(JsonObject summary, JsonObject truth) => (summary["assetPositions"]?.AsArray() ?? []).All(position =>
        Number(truth[(string)position!["venue"]!]?[(string)position["asset"]!]) == Number(position["quantity"]));

    private static decimal Number(JsonNode? text) => decimal.Parse((string?)text ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        foreach (var child in new[] { _node, _sidecar, _control, _venues }.OfType<ChildProcess>())
        {
            await child.StopAsync(TimeSpan.FromSeconds(3)).ConfigureAwait(false);
            child.Dispose();
        }
    }

    private async Task StartVenuesAsync(CancellationToken cancel)
    {
        _venues = ChildProcess.Start("venues", Programs.Self,
            [
                "sim", "--venues", string.Join(',', _options.Venues), "--seed", $"{_options.Seed}",
                "--world", $"{_options.Strategy.World}", "--supervised", .. _options.PinCore is { } core ? (string[])["--below", $"{core}"] : [],
            ],
            Log("venues"), line => _endpoints.TrySetResult(line));
        var first = await Task.WhenAny(_endpoints.Task, _venues.Ended, Task.Delay(Patience, cancel)).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        if (first != _endpoints.Task)
            throw new Problem(ExitCode.Error, "the simulated venues did not start", Log("venues"), "no endpoint list came within 15 s", "read the log");
        DemoConfiguration.Write(_options, JsonNode.Parse(await _endpoints.Task.ConfigureAwait(false))!.AsArray());
    }

    private ChildProcess StartNode()
    {
        File.Delete(Path.Combine(Data, "summary.json"));
        return ChildProcess.Start("node", _options.Strategy.NodeProgram,
            ["run", "--config", Path.Combine(Data, "node.json"), "--keys", Path.Combine(Data, "keys.json"), "--data", Data, "--supervised"],
            Log("node"));
    }

    private ChildProcess StartControl() => ChildProcess.Start("control", Programs.Self,
        ["serve", "--data", Data, "--port", $"{_options.Port}", "--supervised"], Log("control"), _onControlLine);

    private ChildProcess StartSidecar() => ChildProcess.Start("sidecar", Programs.Self,
        ["sidecar", "--node", Data, "--wait", "--port", $"{_options.SidecarPort}", "--supervised"], Log("sidecar"), _onControlLine);

    private string Log(string role) => Path.Combine(Data, $"{role}.log");
}
