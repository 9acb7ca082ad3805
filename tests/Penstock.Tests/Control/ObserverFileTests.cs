using System.Diagnostics;
using System.Text.Json;
using Penstock.Control.Nodes;

namespace Penstock.Tests.Control;

[Trait("requirement", "R65")]
public sealed class ObserverFileTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("penstock-observers").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public void While_it_lives_it_is_found_and_an_orderly_end_leaves_nothing()
    {
        using (ObserverFile.Announce(_data, ObserverFile.Sidecar))
        {
            Assert.Equal(Environment.ProcessId, ObserverFile.PidOf(_data, ObserverFile.Sidecar));
            Assert.Null(ObserverFile.PidOf(_data, ObserverFile.Console));
            Assert.Empty(ObserverFile.Dead(_data));
        }

        Assert.Null(ObserverFile.PidOf(_data, ObserverFile.Sidecar));
        Assert.Empty(ObserverFile.Dead(_data));
    }

    [Fact]
    public void Another_process_of_the_same_number_is_not_the_one_that_was_announced_and_its_death_is_taken_once()
    {
        Directory.CreateDirectory(Path.Combine(_data, "observers"));
        using var self = Process.GetCurrentProcess();
        var file = Path.Combine(_data, "observers", "sidecar-1.json");
        File.WriteAllText(file, JsonSerializer.Serialize(
            new { role = "sidecar", pid = self.Id, startedTicks = self.StartTime.ToUniversalTime().Ticks - TimeSpan.TicksPerMinute }));
        File.WriteAllText(Path.Combine(_data, "observers", "broken-2.json"), "{");
        Assert.Null(ObserverFile.PidOf(_data, ObserverFile.Sidecar));
        Assert.Equal([(file, "sidecar")], ObserverFile.Dead(_data));

        Assert.True(ObserverFile.TryTake(file, out var taken));
        Assert.False(ObserverFile.TryTake(file, out _));
        Assert.Empty(ObserverFile.Dead(_data));
        ObserverFile.Finish(file, taken, isTold: false);
        Assert.Single(ObserverFile.Dead(_data));
        Assert.True(ObserverFile.TryTake(file, out taken));
        ObserverFile.Finish(file, taken, isTold: true);
        Assert.Empty(ObserverFile.Dead(_data));
        Assert.False(File.Exists(taken));
    }

    [Fact]
    public void A_folder_that_is_not_there_or_cannot_be_written_costs_nothing()
    {
        using var nowhere = ObserverFile.Announce(Path.Combine(_data, "missing"), ObserverFile.Sidecar);
        Assert.False(Directory.Exists(Path.Combine(_data, "missing")));
        File.WriteAllText(Path.Combine(_data, "observers"), "a file where the folder should be");
        using var blocked = ObserverFile.Announce(_data, ObserverFile.Sidecar);
        Assert.Null(ObserverFile.PidOf(_data, ObserverFile.Sidecar));
    }
}
