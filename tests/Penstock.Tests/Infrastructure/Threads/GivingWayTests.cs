using System.Globalization;
using Penstock.Control.Nodes;
using Penstock.Infrastructure.Threads;

namespace Penstock.Tests.Infrastructure.Threads;

/// <summary>Goal: what watches a node takes no core that the node wants, and says so where the system does not let it.</summary>
[Trait("requirement", "R53")]
public sealed class GivingWayTests
{
    [Fact]
    public void A_thread_gets_the_lower_share_interrupts_nobody_and_keeps_off_the_cores_of_the_node()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Scheduling by thread is Linux only.");
        var (before, after, off, back) = ("", "", "", "");
        var shortfalls = new List<string>();
        var thread = new Thread(() =>
        {
            var own = int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(' ')[0], CultureInfo.InvariantCulture);
            var way = new GivingWay(() => [own]);
            var cores = Cores();
            before = cores;
            shortfalls.AddRange(way.Begin());
            after = ProcessWay.Parse(File.ReadAllText("/proc/thread-self/stat"), cores).ToString();
            shortfalls.AddRange(way.KeepOff([FirstOf(cores)]));
            off = Cores();
            shortfalls.AddRange(way.KeepOff([]));
            back = Cores();
        });
        thread.Start();
        thread.Join();
        Assert.Empty(shortfalls);
        Assert.Equal($"gives way (nice 10, batch, cores {before})", after);
        Assert.Equal(before, back);
        // A machine of one core has none to keep off.
        if (before.Length > 1) Assert.NotEqual(FirstOf(before), FirstOf(off));
        else Assert.Equal(before, off);

        static string Cores() => File.ReadLines("/proc/thread-self/status")
            .First(line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal)).Split('\t')[1];
        static int FirstOf(string cores) => int.Parse(cores.Split(',', '-')[0], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Cores_that_are_left_are_never_none()
    {
        Assert.Equal([1, 3], GivingWay.Left([0, 1, 2, 3], [2, 0, 9]));
        Assert.Equal([0, 1], GivingWay.Left([0, 1], [0, 1]));
        Assert.Equal([0, 1], GivingWay.Left([0, 1], []));
    }

    [Fact]
    public void A_thread_that_has_ended_wants_nothing_and_is_no_shortfall()
    {
        var way = new GivingWay(() => [int.MaxValue, int.MaxValue - 1]);
        Assert.Empty(way.Begin());
        Assert.Empty(way.KeepOff([0]));
    }

    [Theory]
    [InlineData("7 (a) b) S 1 1 1 0 -1 0 1 0 0 0 5 5 0 0 30 10 1 0 9 1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 3 0 0 0", 10, true, true)]
    [InlineData("7 (dotnet) S 1 1 1 0 -1 0 1 0 0 0 5 5 0 0 20 0 1 0 9 1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0 0 0 0", 0, false, false)]
    [InlineData("7 (dotnet) S 1 1 1 0 -1 0 1 0 0 0 5 5 0 0 25 5 1 0 9 1 1 1 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0 0 0 0", 5, false, false)]
    public void The_kernels_line_is_read(string stat, int nice, bool isBatch, bool givesWay)
    {
        var way = ProcessWay.Parse(stat, "0-1\n");
        Assert.Equal((nice, isBatch, "0-1", givesWay), (way.Nice, way.IsBatch, way.Cores, way.GivesWay));
        Assert.Null(ProcessWay.Of(int.MaxValue));
    }
}
