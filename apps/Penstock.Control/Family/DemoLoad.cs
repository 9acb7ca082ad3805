using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Penstock.Control.Family;

/// <summary>
/// demo --load: once the node is READY the simulated venues become so busy that all together send about as many frames a second as wanted, in their
/// usual mix. Venues and node share the machine, so what was really sent is reported, and who used the processors for it.
/// </summary>
internal sealed class DemoLoad : IDisposable
{
    private const int SpeedMax = 1_000;

    /// <summary>What one venue sends at its usual pace, roughly: where the search for the right speed begins.</summary>
    private const int UsualFramesPerVenue = 180;

    /// <summary>The speed is corrected this often, and from the last correction on everything is measured.</summary>
    private static readonly TimeSpan TuneEvery = TimeSpan.FromSeconds(2);

    private const int TunesMax = 3;

    /// <summary>Less is no measurement.</summary>
    private const double SecondsMin = 3;

    private readonly int _framesPerSecond;
    private readonly VenueSwitch _venues;
    private readonly Dictionary<string, TimeSpan> _cpuBefore = [];
    private JsonObject? _before;
    private JsonObject? _after;
    private JsonObject _cpu = [];
    private int _speed;
    private int _tunes;

    /// <param name="framesPerSecond">Wanted of all venues together.</param>
    /// <param name="nodeConfiguration">The demo's own.</param>
    public DemoLoad(int framesPerSecond, string nodeConfiguration)
    {
        _framesPerSecond = framesPerSecond;
        _venues = new VenueSwitch(nodeConfiguration);
    }

    public bool HasMeasured => _before is not null && _after is not null && Seconds(_before, _after) >= SecondsMin;

    /// <summary>A look at the node, which has been READY: begins, tunes, and then measures.</summary>
    public async Task StepAsync(DemoFamily family, JsonObject status, CancellationToken cancel)
    {
        var seconds = _before is null ? 0 : Seconds(_before, status);
        if (_before is null)
        {
            await SetSpeedAsync(_framesPerSecond / (UsualFramesPerVenue * (int)Number(status["venues"])), cancel).ConfigureAwait(false);
            Begin(family, status);
        }
        else if (_tunes < TunesMax && seconds >= TuneEvery.TotalSeconds)
        {
            _tunes++;
            var rate = Math.Max(1, Rate(_before, status, "frames"));
            await SetSpeedAsync((int)((long)_speed * _framesPerSecond / rate), cancel).ConfigureAwait(false);
            Begin(family, status);
        }
        else if (_tunes == TunesMax)
        {
            _after = status;
            _cpu = new JsonObject(family.Pids.Where(p => _cpuBefore.ContainsKey(p.Key)).Select(p => KeyValuePair.Create<string, JsonNode?>(
                p.Key, seconds > 0 ? Math.Round((CpuTime(p.Value) - _cpuBefore[p.Key]).TotalSeconds / seconds, 2) : 0)));
        }
    }

    /// <summary>Back to the usual pace, so that the node ends among ordinary venues.</summary>
    public Task EndAsync(CancellationToken cancel) =>
        _before is null ? Task.CompletedTask : _venues.SetAsync(new JsonObject { ["speed"] = 1 }, cancel);

    /// <summary>Null where the run was too short to measure anything.</summary>
    public JsonObject? Report(JsonObject summary)
    {
        if (_before is null || _after is null) return null;
        var inputs = summary["inputs"]!;
        var accounted = new[] { "applied", "duplicate", "stale", "quarantined", "shed", "pending" }.Sum(k => Number(inputs[k]));
        var seconds = Seconds(_before, _after);
        return new JsonObject
        {
            ["wantedPerSecond"] = (long)_framesPerSecond, ["framesPerSecond"] = Rate(_before, _after, "frames"),
            ["eventsPerSecond"] = Rate(_before, _after, "events"),
            ["seconds"] = Math.Round(seconds, 1), ["speed"] = _speed,
            ["lost"] = summary["lost"]!.AsObject().Sum(r => Number(r.Value)), ["inputsUnaccounted"] = Number(inputs["received"]) - accounted,
            ["framesPerVenue"] = new JsonObject(_after["venueDetails"]!.AsObject().Select(v => KeyValuePair.Create<string, JsonNode?>(
                v.Key, (long)((Number(v.Value!["frames"]) - Number(_before["venueDetails"]![v.Key]!["frames"])) / seconds)))),
            ["coresUsed"] = _cpu.DeepClone(), ["cores"] = Environment.ProcessorCount,
        };
    }

    public static string Line(JsonObject load) => string.Create(CultureInfo.InvariantCulture,
        $"Load: {Number(load["framesPerSecond"]):N0} frames/s of {Number(load["wantedPerSecond"]):N0} wanted, " +
        $"{Number(load["lost"]):N0} events lost, cores used {load["coresUsed"]!.ToJsonString()}");

    public void Dispose() => _venues.Dispose();

    private async Task SetSpeedAsync(int speed, CancellationToken cancel)
    {
        _speed = Math.Clamp(speed, 1, SpeedMax);
        await _venues.SetAsync(new JsonObject { ["speed"] = _speed }, cancel).ConfigureAwait(false);
    }

    private void Begin(DemoFamily family, JsonObject status)
    {
        _before = status;
        foreach (var (role, pid) in family.Pids) _cpuBefore[role] = CpuTime(pid);
    }

    private static double Seconds(JsonObject before, JsonObject after) => (Number(after["uptimeMs"]) - Number(before["uptimeMs"])) / 1e3;

    private static long Rate(JsonObject before, JsonObject after, string key) =>
        Seconds(before, after) is > 0 and var seconds ? (long)((Number(after[key]) - Number(before[key])) / seconds) : 0;

    private static long Number(JsonNode? node) => node?.GetValue<long>() ?? 0;

    private static TimeSpan CpuTime(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended between the look at the family and this one.
            return TimeSpan.Zero;
        }
    }
}
