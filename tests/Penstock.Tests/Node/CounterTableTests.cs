using Penstock.Control.Verbs;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Problems;
using Penstock.Node.Reporting;

namespace Penstock.Tests.Node;

/// <summary>`penstock ctl counters` needs the file and nothing else: here no node ever ran.</summary>
public sealed class CounterTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-table").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("requirement", "R52")]
    [Trait("requirement", "R54")]
    [Trait("requirement", "R59")]
    public void Names_labels_values_and_sentences_are_read_from_the_file_alone()
    {
        using var written = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All);
        var trusted = written.Add(NodeCounters.Trusted.Id);
        written.Add(NodeCounters.Frames.Id, "okx").Set(1_234_567);
        written.AddHistogram(NodeCounters.DecisionNs.Id).Record(1_000);
        written.AddHistogram(NodeCounters.ExecutionNs.Id).Record(2_000_000);

        using var read = CounterTable.Open(_folder);
        var lines = CounterTable.Text(read).ToList();
        Assert.Contains("still warming up", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("feed_frames", StringComparison.Ordinal) && l.Contains("okx", StringComparison.Ordinal)
            && l.Contains("1,234,567", StringComparison.Ordinal) && l.EndsWith(NodeCounters.Frames.Sentence, StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("decision_latency_ns", StringComparison.Ordinal) && l.Contains("max 1,000", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("execution_latency_ns", StringComparison.Ordinal) && l.Contains("max 2,000,000", StringComparison.Ordinal));

        trusted.Set(1);
        var json = CounterTable.Json(read);
        Assert.True((bool)json["trusted"]!);
        Assert.True((bool)json["live"]!);
        Assert.Equal(1_234_567, (long)json["counters"]!.AsArray().Single(c => (string?)c!["label"] == "okx")!["value"]!);
        Assert.DoesNotContain(CounterTable.Text(read), l => l.Contains("warming up", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dead_node_leaves_its_last_figures_and_says_so()
    {
        using (var written = CounterFile.Create(Path.Combine(_folder, "counters"), NodeCounters.All)) written.Add(NodeCounters.Frames.Id, "okx").Set(7);
        using var read = CounterTable.Open(_folder);
        Assert.Contains("has closed this file", CounterTable.Text(read).First(), StringComparison.Ordinal);
        Assert.Equal(7, (long)CounterTable.Json(read)["counters"]!.AsArray().Single()!["value"]!);
    }

    [Fact]
    public void No_file_is_not_found_and_a_foreign_one_is_refused()
    {
        Assert.Equal(ExitCode.NotFound, Assert.Throws<Problem>(() => CounterTable.Open(_folder)).Code);
        File.WriteAllBytes(Path.Combine(_folder, "counters"), new byte[8192]);
        Assert.Equal(ExitCode.Error, Assert.Throws<Problem>(() => CounterTable.Open(_folder)).Code);
    }
}
