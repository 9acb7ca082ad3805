using Penstock.Control.Sidecar;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Sidecar;

/// <summary>A node comes, dies, comes back; the file is missing, foreign or newer: what the sidecar makes of it.</summary>
[Trait("requirement", "R53")]
public sealed class CounterFollowerTests : IDisposable
{
    // Offsets of src/Penstock.Infrastructure/Memory/MappedHeader.cs.
    private const int VersionAt = 16;
    private const int PidAt = 56;

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-follower").FullName;
    private readonly ManualClock _clock = new(nowNs: 100_000_000_000);

    private string Path_ => Path.Combine(_folder, "counters");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Missing_foreign_and_newer_files_are_told_apart_with_what_to_do()
    {
        using var follower = new CounterFollower(_folder, _clock);
        var missing = Assert.Throws<Problem>(follower.Require);
        Assert.Equal((ExitCode.NotFound, "there are no counters to serve"), (missing.Code, missing.Message));
        File.WriteAllBytes(Path_, new byte[8192]);
        Assert.Contains("no counter file", Assert.Throws<Problem>(follower.Require).Message, StringComparison.Ordinal);
        File.Delete(Path_);
        CounterFile.Create(Path_, NodeCounters.All).Dispose();
        Patch(VersionAt, 99);
        Assert.Contains("another version", Assert.Throws<Problem>(follower.Require).Message, StringComparison.Ordinal);
        var view = follower.Look();
        Assert.False(view.IsUp);
        Assert.NotEmpty(view.Problem);
    }

    [Fact]
    public void A_node_that_starts_again_is_followed_and_a_closed_one_is_down()
    {
        using var follower = new CounterFollower(_folder, _clock);
        Assert.False(follower.Look().IsUp);
        using (var first = CounterFile.Create(Path_, NodeCounters.All))
        {
            first.Add(NodeCounters.Gaps.Id, "okx").Set(5);
            Assert.Equal((true, 1L, 5L), Of(follower.Look()));
        }

        Assert.Equal("the node has ended", follower.Look().Problem);
        using var second = CounterFile.Create(Path_, NodeCounters.All);
        second.Add(NodeCounters.Gaps.Id, "okx").Set(1);
        Assert.Equal((true, 2L, 1L), Of(follower.Look()));
        using var third = CounterFile.Create(Path_, NodeCounters.All);
        third.Add(NodeCounters.Gaps.Id, "okx").Set(2);
        // The second never closed, as after kill -9: the new file says that it is superseded.
        Assert.Equal((true, 3L, 2L), Of(follower.Look()));
        Assert.Equal(3, follower.Opened);
    }

    [Fact]
    public void A_node_killed_without_a_word_is_down_once_its_heartbeat_is_old_and_its_process_gone()
    {
        using var file = CounterFile.Create(Path_, NodeCounters.All);
        file.Heartbeat(_clock.NowNs);
        using var follower = new CounterFollower(_folder, _clock);
        _clock.AdvanceMs(60_000);
        Assert.True(follower.Look().IsUp, "its process lives: it is late, not dead");
        Assert.Equal(60, follower.Look().HeartbeatAgeSeconds);
        Patch(PidAt, int.MaxValue);
        Assert.Equal((false, "the node ended without a word"), (follower.Look().IsUp, follower.Look().Problem));
        var page = new NodeMetrics(follower, new OtlpFigures()).Render();
        Assert.Contains("penstock_node_up 0\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("penstock_feed_", page, StringComparison.Ordinal);
    }

    private static (bool, long, long) Of(CounterView view) => (view.IsUp, view.Generation, view.Counters.Single().Value);

    private void Patch(int at, int value)
    {
        using var stream = new FileStream(Path_, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Position = at;
        stream.Write(BitConverter.GetBytes(value));
    }
}
