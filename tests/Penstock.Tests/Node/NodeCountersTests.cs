using System.Reflection;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Threads;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Node;

[Trait("requirement", "R51")]
public class NodeCountersTests
{
    /// <summary>
    /// Goal: no statistics field is forgotten, and none is shown under another's name. Every field of every statistics object of
    /// a real pipeline gets a number of its own; each of these numbers must then stand in the file exactly once.
    /// </summary>
    [Fact]
    [Trait("requirement", "R52")]
    public void Every_field_the_components_count_is_in_the_file_once()
    {
        using var node = new NodeBench(ThreadPlan.Inline());
        var expected = new Dictionary<long, string>();
        foreach (var (owner, statistics) in Statistics(node)) Number(owner, statistics, expected);
        node.Threads.Publish();

        using var file = CounterFile.Open(node.Counters.Path);
        var values = file.ReadCounters().GroupBy(c => c.Value).ToDictionary(g => g.Key, g => g.ToList());
        Assert.Equal([], expected.Where(e => !values.TryGetValue(e.Key, out var found) || found.Count != 1).Select(e => e.Value));
        Assert.Equal(0, file.Dropped);
        Assert.InRange(expected.Count, 400, 4095);
        Assert.Equal("okx", values[expected.Single(e => e.Value == "okx ingest Frames").Key].Single().Label);
        // Three latencies, and two distributions of every venue's network path.
        Assert.Equal(3 + 2 * node.Pipeline.Venues.Count, file.ReadHistograms().Count);
    }

    [Fact]
    public void A_publisher_copies_without_allocating_and_its_last_figures_stay_readable()
    {
        var folder = Directory.CreateTempSubdirectory("penstock-counters").FullName;
        var path = Path.Combine(folder, "counters");
        using (var file = CounterFile.Create(path, NodeCounters.All))
        {
            var frames = 0L;
            var publisher = new CounterPublisher("hot", file);
            for (var i = 0; i < 200; i++) publisher.Add(NodeCounters.Frames, $"v{i}", () => frames);
            publisher.DoWork();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (frames = 1; frames < 1_000; frames++) publisher.DoWork();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            publisher.OnStop();
        }

        using var read = CounterFile.Open(path);
        Assert.True(read.ProducerGone);
        Assert.All(read.ReadCounters(), c => Assert.Equal(1_000, c.Value));
        read.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_declared_counter_says_one_sentence_and_fits_its_line()
    {
        Assert.All(NodeCounters.All, c => Assert.EndsWith(".", c.Sentence, StringComparison.Ordinal));
        // A line of the file's text has 256 bytes on average: kind, ids, name and label take their part.
        Assert.All(NodeCounters.All, c => Assert.InRange(c.Name.Length + c.Sentence.Length, 10, 190));
        Assert.Equal(NodeCounters.All.Count, typeof(NodeCounters).GetFields(BindingFlags.Public | BindingFlags.Static).Length);
    }

    private static IEnumerable<(string Owner, object Statistics)> Statistics(NodeBench node)
    {
        var pipeline = node.Pipeline;
        foreach (var venue in pipeline.Venues)
        {
            yield return ($"{venue.Name} ingest", venue.Ingest.Statistics);
            foreach (var feed in venue.Feeds)
            {
                yield return ($"{venue.Name} feed", feed.Statistics);
                yield return ($"{venue.Name} feed link", feed.LinkStatistics);
                yield return ($"{venue.Name} feed rest", feed.RestStatistics!);
            }

            yield return ($"{venue.Name} path", venue.Path!.Statistics);
            foreach (var line in venue.Ingest.Lines.Where(_ => venue.Feeds.Count > 1)) yield return ($"{venue.Name} line", line.LineStatistics!);
            yield return ($"{venue.Name} orders", venue.Orders!.Statistics);
            yield return ($"{venue.Name} orders link", venue.Orders!.LinkStatistics);
            yield return ($"{venue.Name} orders rest", venue.Orders!.RestStatistics);
            yield return ($"{venue.Name} capture", venue.Capture!.Statistics);
        }

        yield return ("engine", pipeline.Engine.Statistics);
        yield return ("validator", pipeline.Trading.Validator!.Statistics);
        yield return ("orders", pipeline.Engine.Orders.Statistics);
        yield return ("positions", pipeline.Engine.Positions.Statistics);
        yield return ("controls", pipeline.Engine.Desk.Controls.Statistics);
        yield return ("risk", pipeline.Engine.Risk.Rejects);
        yield return ("router", pipeline.Router.Statistics);
        yield return ("journal", node.Journal.Statistics);
        yield return ("commits", node.Journal.CommitStatistics);
        foreach (var runner in node.Threads.Runners) yield return ($"thread {runner.Name}", runner.Statistics);
    }

    private static void Number(string owner, object statistics, Dictionary<long, string> expected)
    {
        if (statistics is long[] array)
        {
            NumberAll(array, owner, expected);
            return;
        }

        foreach (var field in statistics.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (field.GetValue(statistics) is long[] inside) NumberAll(inside, $"{owner} {field.Name}", expected);
            else if (field.FieldType == typeof(long)) field.SetValue(statistics, Next($"{owner} {field.Name}", expected));
        }
    }

    // The first of each is "None", which nobody counts.
    private static void NumberAll(long[] array, string owner, Dictionary<long, string> expected)
    {
        for (var i = 1; i < array.Length; i++) array[i] = Next($"{owner} {i}", expected);
    }

    // Far apart, so that no sum or difference of a few of them is another one by chance.
    private static long Next(string name, Dictionary<long, string> expected)
    {
        var number = 1_000_003L * (expected.Count + 1) + expected.Count;
        expected.Add(number, name);
        return number;
    }
}
