using System.Text.Json.Nodes;
using Penstock.Infrastructure.Problems;

namespace Penstock.Control.Family;

/// <summary>
/// demo --faults storm: everything a venue can do wrong, at every venue at once, while the node trades; then the venues behave again and the
/// node has to come back by itself. Frames are lost, doubled, swapped and late, checksums wrong, answers lost, orders refused, REST fails and
/// throttles, and all connections of all venues are cut ten times a minute.
/// </summary>
internal sealed class FaultStorm : IDisposable
{
    private static readonly TimeSpan CutEvery = TimeSpan.FromSeconds(6);

    private readonly VenueSwitch _venues;
    private TimeSpan _nextCut;

    /// <param name="nodeConfiguration">The demo's own: its venues are the ones to disturb.</param>
    public FaultStorm(string nodeConfiguration) => _venues = new VenueSwitch(nodeConfiguration);

    /// <summary>Whether it blows; it begins once.</summary>
    public bool IsOn { get; private set; }

    /// <summary>It has blown and is over.</summary>
    public bool IsOver { get; private set; }

    /// <exception cref="Problem">There is no storm of that name.</exception>
    public static bool IsWanted(string? name) => name switch
    {
        null or "none" => false,
        "storm" => true,
        _ => throw new Problem(ExitCode.Usage, $"there are no faults '{name}'", "penstock demo --faults", "known: none, storm", "penstock demo --faults storm"),
    };

    public async Task BeginAsync(TimeSpan elapsed, CancellationToken cancel)
    {
        IsOn = true;
        _nextCut = elapsed + CutEvery;
        await _venues.SetAsync(new JsonObject
        {
            ["scope"] = "All", ["delayMs"] = 50, ["retryAfterSeconds"] = 1,
            ["rate"] = new JsonObject
            {
                ["DropFrame"] = 1_000, ["DelayFrame"] = 500, ["DuplicateFrame"] = 1_000, ["ReorderFrame"] = 500, ["SequenceGap"] = 500, ["BadChecksum"] = 500,
                ["RejectOrder"] = 10_000, ["LoseAck"] = 5_000, ["LateFill"] = 10_000, ["HttpServerError"] = 20_000, ["HttpTooManyRequests"] = 5_000,
            },
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Cuts everybody when it is time to.</summary>
    public async Task StepAsync(TimeSpan elapsed, CancellationToken cancel)
    {
        if (!IsOn || elapsed < _nextCut) return;
        _nextCut = elapsed + CutEvery;
        await _venues.SetAsync(new JsonObject { ["arm"] = new JsonObject { ["Disconnect"] = 3 } }, cancel).ConfigureAwait(false);
    }

    public async Task EndAsync(CancellationToken cancel)
    {
        if (!IsOn) return;
        (IsOn, IsOver) = (false, true);
        await _venues.SetAsync(new JsonObject { ["clear"] = true }, cancel).ConfigureAwait(false);
    }

    public void Dispose() => _venues.Dispose();
}
