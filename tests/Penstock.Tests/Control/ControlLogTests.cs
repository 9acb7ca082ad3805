using Penstock.Control.Logging;
using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Control;

/// <summary>Goal: a level people give the node is the level of sidecar and control plane too, over the counter file alone.</summary>
[Trait("requirement", "R41")]
[Trait("requirement", "R75")]
public sealed class ControlLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-log").FullName;
    private readonly ManualClock _clock = new();
    private readonly StringWriter _lines = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_level_follows_the_nodes_and_falls_back_when_it_ends()
    {
        using var follower = new CounterFollower(_folder, _clock);
        using var log = new ControlLog(follower.Glance, _lines, _clock, _clock);
        Step(log);
        Assert.Contains("No node to be seen", Lines(), StringComparison.Ordinal);
        using (var file = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All))
        {
            var level = file.Add(NodeCounters.LogsFrom.Id, "");
            level.Set((long)LogLevel.Debug);
            Step(log);
            Assert.Contains($"The node runs: process {Environment.ProcessId}", Lines(), StringComparison.Ordinal);
            Assert.Equal(LogLevel.Debug, log.Ring.LevelOf(3));
            log.Ring.Write(ControlMessages.RequestRefused, "GET", "/api/v1/me", "unauthenticated");
            Step(log);
            Assert.Contains("Refused: GET /api/v1/me: unauthenticated", Lines(), StringComparison.Ordinal);
            level.Set((long)LogLevel.Warning);
            Step(log);
            Assert.Contains("Logged is from Warning on", Lines(), StringComparison.Ordinal);
            Assert.False(log.Ring.Write(ControlMessages.CommandCarried, "kill", "ann", "done"));
            level.Set(77);
            Step(log);
            Assert.Equal(LogLevel.Information, log.Ring.LevelOf(3));
            level.Set((long)LogLevel.Error);
            Step(log);
        }

        Assert.Equal(LogLevel.Error, log.Ring.LevelOf(3));
        Step(log);
        Assert.Equal(LogLevel.Information, log.Ring.LevelOf(3));
    }

    [Fact]
    [Trait("requirement", "R53")]
    public void Cores_the_nodes_threads_are_pinned_to_are_kept_off_until_it_ends()
    {
        var asked = 0;
        var way = new GivingWay(() =>
        {
            asked++;
            return [];
        });
        using var follower = new CounterFollower(_folder, _clock);
        using var log = new ControlLog(follower.Glance, _lines, _clock, _clock, way);
        using (var file = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All))
        {
            file.Add(NodeCounters.PinnedCore.Id, "admin").Set(-1);
            Step(log);
            Step(log);
            Assert.Equal(0, asked);
            file.Add(NodeCounters.PinnedCore.Id, "trading").Set(3);
            file.Add(NodeCounters.PinnedCore.Id, "feed-okx").Set(2);
            Step(log);
            Step(log);
            Assert.Contains("Cores kept off because the node's threads are pinned to them: 2, 3", Lines(), StringComparison.Ordinal);
            Assert.Equal(1, asked);
        }

        Step(log);
        Assert.Contains("Cores kept off because the node's threads are pinned to them: none", Lines(), StringComparison.Ordinal);
        Assert.Equal(2, asked);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_control_plane_takes_it_from_the_node_beside_it()
    {
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal(LogLevel.Information, world.Host.LogsFrom);
        using var file = CounterFile.Create(Path.Combine(world.Folder, "counters"), NodeCounters.All);
        file.Add(NodeCounters.LogsFrom.Id, "").Set((long)LogLevel.Error);
        world.Clock.AddedNs += 2_000_000_000;
        while (world.Host.LogsFrom != LogLevel.Error)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private void Step(ControlLog log)
    {
        _clock.AdvanceMs(1_000);
        foreach (var agent in log.Agents) agent.DoWork();
    }

    private string Lines()
    {
        var lines = _lines.ToString();
        _lines.GetStringBuilder().Clear();
        return lines;
    }
}
