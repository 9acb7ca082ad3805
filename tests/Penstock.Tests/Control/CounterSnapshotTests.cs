using Penstock.Control.ReadModels;
using Penstock.Infrastructure.Counters;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Control;

/// <summary>Goal: figures by name and label from values that are copied without their names.</summary>
[Trait("requirement", "R51")]
public sealed class CounterSnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-snapshot").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Sums_labels_and_rates_are_those_of_the_names_also_after_the_node_added_counters()
    {
        using var file = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All);
        var okx = file.Add(NodeCounters.Gaps.Id, "okx");
        file.Add(NodeCounters.UptimeMs.Id).Set(100);
        okx.Set(5);
        CounterIndex? index = null;
        var first = CounterSnapshot.Take(file, 1_000_000_000, ref index);
        var known = index;
        okx.Set(9);
        Assert.Equal(5, first.Of(NodeCounters.Gaps.Name, "okx"));
        var same = CounterSnapshot.Take(file, 2_000_000_000, ref index);
        Assert.Same(known, index);
        Assert.Equal(4, same.Rate(first, NodeCounters.Gaps.Name));

        file.Add(NodeCounters.Gaps.Id, "kraken").Set(2);
        var more = CounterSnapshot.Take(file, 3_000_000_000, ref index);
        Assert.NotSame(known, index);
        Assert.Equal((11, 9, 2, 100), (more.Sum(NodeCounters.Gaps.Name), more.Of(NodeCounters.Gaps.Name, "okx"),
            more.Of(NodeCounters.Gaps.Name, "kraken"), more.Sum(NodeCounters.UptimeMs.Name)));
        Assert.Equal([("okx", 9), ("kraken", 2)], more.All(NodeCounters.Gaps.Name));
        Assert.Equal(2, more.Rate(same, NodeCounters.Gaps.Name));
        Assert.Equal((0, 0), (more.Of("nothing", ""), more.Sum("nothing")));
        Assert.Empty(more.All("nothing"));
    }
}
