using System.Text;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Memory;
using Penstock.Tests.Infrastructure.Rings;

namespace Penstock.Tests.Infrastructure.Counters;

public sealed class CounterFileTests : IDisposable
{
    private static readonly CounterDeclaration Frames = new(1, "feed_frames", "Frames received from the venue.", CounterKind.Total);
    private static readonly CounterDeclaration Depth = new(2, "queue_depth_max", "The longest the queue has been.", CounterKind.Maximum);
    private static readonly CounterDeclaration Books = new(3, "books_synced", "Books that are synced now.", CounterKind.Gauge);
    private static readonly CounterDeclaration Latency = new(4, "decision_latency_ns", "Socket read to order sent.", CounterKind.Histogram);

    private readonly MappedTestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder.File("node.counters");

    private CounterFile Create(int counters = 16, int histograms = 2) =>
        CounterFile.Create(Path, [Frames, Depth, Books, Latency], counters, histograms);

    [Fact]
    [Trait("requirement", "R51")]
    [Trait("requirement", "R52")]
    public void Another_process_reads_names_labels_sentences_and_values_from_the_file_alone()
    {
        using var file = Create();
        using var reader = CounterFile.Open(Path);
        Assert.Empty(reader.ReadCounters());

        var kraken = file.Add(1, "kraken");
        var okx = file.Add(1, "okx");
        kraken.Increment();
        kraken.Add(41);
        okx.Increment();
        Assert.Equal(
            [new CounterReading(1, "feed_frames", "kraken", "Frames received from the venue.", CounterKind.Total, 42),
             new CounterReading(1, "feed_frames", "okx", "Frames received from the venue.", CounterKind.Total, 1)],
            reader.ReadCounters());

        // Added later, while the reader is attached.
        var depth = file.Add(2);
        var books = file.Add(3);
        foreach (var value in new long[] { 3, 9, 4 })
        {
            depth.Max(value);
            books.Set(value);
        }

        Assert.Equal([42L, 1, 9, 4], reader.ReadCounters().Select(c => c.Value));
        Assert.Equal([42L, 1, 9, 4], file.ReadCounters().Select(c => c.Value));
        Assert.Equal((9, 4, 0), (depth.Value, books.Value, reader.Malformed));
        file.Heartbeat(77);
        Assert.Equal((77, Environment.ProcessId), (reader.HeartbeatNs, reader.ProducerPid));
    }

    [Fact]
    [Trait("requirement", "R52")]
    public void Values_outlive_their_writer()
    {
        using (var file = Create())
        {
            file.Add(1, "okx").Add(5);
            file.AddHistogram(4).Record(1_000);
        }

        using var reader = CounterFile.Open(Path);
        Assert.True(reader.ProducerGone);
        Assert.Equal(5, Assert.Single(reader.ReadCounters()).Value);
        Assert.Equal(1_000, Assert.Single(reader.ReadHistograms()).Summary.Max);
        Assert.Contains("Total\t1\t0\tfeed_frames\tokx\tFrames received from the venue.\n", Encoding.UTF8.GetString(File.ReadAllBytes(Path)));
    }

    [Fact]
    [Trait("requirement", "R51")]
    public void Histograms_live_in_the_file_and_merge_across_labels()
    {
        using var file = Create();
        using var reader = CounterFile.Open(Path);
        var okx = file.AddHistogram(4, "okx");
        var kraken = file.AddHistogram(4, "kraken");
        for (var i = 1; i <= 100; i++) okx.Record(i);
        kraken.Record(1_000_000);

        var readings = reader.ReadHistograms();
        Assert.Equal(["okx", "kraken"], readings.Select(r => r.Label));
        Assert.Equal((100, 50, 99, 100), (readings[0].Summary.Count, readings[0].Summary.P50, readings[0].Summary.P99, readings[0].Summary.Max));
        var all = reader.CopyHistogram(4, "okx")!;
        all.Merge(reader.CopyHistogram(4, "kraken")!);
        Assert.Equal((101, 1_000_000), (all.Count, all.Max));
        Assert.Equal(100, okx.Count);
        Assert.Null(reader.CopyHistogram(4, "binance"));
    }

    [Fact]
    [Trait("requirement", "R53")]
    public void Values_alone_are_read_in_the_order_of_the_names_without_allocating()
    {
        using var file = Create();
        using var reader = CounterFile.Open(Path);
        foreach (var (label, value) in ((string, long)[])[("okx", 5), ("kraken", 7)]) file.Add(1, label).Set(value);
        file.AddHistogram(4).Record(9);
        var values = new long[8];
        Assert.Equal(2, reader.ReadValues(values));
        Assert.Equal(reader.ReadCounters().Select(c => c.Value), values.Take(2));
        Assert.Equal(2, reader.ReadValues(values.AsSpan(0, 1)));
        Assert.Equal([5, 7], reader.ReadValues("feed_frames"));
        Assert.Empty(reader.ReadValues("nothing"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) reader.ReadValues(values);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    [Trait("requirement", "R53")]
    public void Histograms_are_read_into_room_that_is_used_again_and_each_shows_itself_alone()
    {
        using var file = Create();
        using var reader = CounterFile.Open(Path);
        var all = file.AddHistogram(4);
        var okx = file.AddHistogram(4, "okx");
        for (var i = 1; i <= 100; i++) all.Record(i);
        okx.Record(1_000_000);
        var views = reader.ReadHistograms((reading, buckets) => (reading.Label, reading.Summary.Max, buckets.Count, Sum: buckets.Sum));
        Assert.Equal([("", 100, 100, 5_050), ("okx", 1_000_000, 1, 1_000_000)], views);
        var name = reader.ReadHistograms()[0].Name;
        var kept = new Histogram();
        for (var i = 0; i < 3; i++) Assert.True(reader.TryCopyHistogram(name, kept));
        Assert.Equal((100, 100), (kept.Count, kept.Max));
        Assert.False(reader.TryCopyHistogram("nothing", kept));
        Assert.Equal(100, kept.Count);
    }

    [Fact]
    [Trait("requirement", "R53")]
    public void Full_file_drops_instances_and_says_so_instead_of_stopping_the_process()
    {
        using var file = Create(counters: 3, histograms: 1);
        using var reader = CounterFile.Open(Path);
        var counters = Enumerable.Range(0, 6).Select(i => file.Add(1, $"venue{i}")).ToArray();
        foreach (var counter in counters) counter.Increment();
        file.AddHistogram(4, "a").Record(1);
        file.AddHistogram(4, "b").Record(1);

        Assert.Equal(["venue0", "venue1", "venue2"], reader.ReadCounters().Select(c => c.Label));
        Assert.All(reader.ReadCounters(), c => Assert.Equal(1, c.Value));
        Assert.Equal("a", Assert.Single(reader.ReadHistograms()).Label);
        Assert.Equal(4, reader.Dropped);
    }

    [Fact]
    [Trait("requirement", "R51")]
    public void Reader_beside_the_writing_thread_sees_a_total_that_only_grows()
    {
        const int Total = 500_000;
        using var file = Create();
        using var reader = CounterFile.Open(Path);
        var counter = file.Add(1);
        var writer = new Thread(() => { for (var i = 0; i < Total; i++) counter.Increment(); }) { IsBackground = true };
        writer.Start();
        long last = 0;
        while (last < Total)
        {
            var now = reader.ReadCounters()[0].Value;
            Assert.InRange(now, last, Total);
            last = now;
            Thread.Yield();
        }

        Assert.True(writer.Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    [Trait("requirement", "R36")]
    [Trait("requirement", "R51")]
    public void Counting_allocates_nothing()
    {
        using var file = Create();
        var total = file.Add(1);
        var maximum = file.Add(2);
        var histogram = file.AddHistogram(4);
        Assert.Equal(0, AllocationMeter.BytesOf(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                total.Increment();
                maximum.Max(i);
                histogram.Record(i * 37L);
            }
        }));
        Assert.Equal((total.Value, 19_999), (histogram.Count, maximum.Value));
    }

    [Fact]
    public void Declarations_and_instances_are_unique_and_of_one_line()
    {
        Assert.Throws<ArgumentException>(() => CounterFile.Create(Path, [Frames, Frames with { Id = 9 }]));
        Assert.Throws<ArgumentException>(() => CounterFile.Create(Path, [Frames, Depth with { Id = 1 }]));
        Assert.Throws<ArgumentException>(() => CounterFile.Create(Path, [Frames with { Name = "Feed Frames" }]));
        Assert.Throws<ArgumentException>(() => CounterFile.Create(Path, [Frames with { Sentence = "two\nlines" }]));
        Assert.Throws<ArgumentException>(() => CounterFile.Create(Path, [Frames with { Id = 0 }]));
        Assert.False(File.Exists(Path));

        using var file = Create();
        file.Add(1, "okx");
        Assert.Throws<ArgumentException>(() => file.Add(1, "okx"));
        Assert.Throws<ArgumentException>(() => file.Add(5));
        Assert.Throws<ArgumentException>(() => file.Add(4));
        Assert.Throws<ArgumentException>(() => file.AddHistogram(1));
        Assert.Throws<ArgumentException>(() => file.Add(1, "tab\there"));
        using var reader = CounterFile.Open(Path);
        Assert.Throws<InvalidOperationException>(() => reader.Add(1, "kraken"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadCounters());
    }

    [Fact]
    public void Damaged_text_is_counted_and_the_rest_is_read()
    {
        using (var file = Create())
        {
            file.Add(1, "okx");
            file.Add(1, "kraken").Add(6);
        }

        var at = File.ReadAllBytes(Path).AsSpan().IndexOf("Total\t1\t0"u8);
        MappedTestFolder.Poke(Path, at + 8, (byte)'x');
        using var reader = CounterFile.Open(Path);
        Assert.Equal(("kraken", 6), reader.ReadCounters().Select(c => (c.Label, c.Value)).Single());
        Assert.Equal(1, reader.Malformed);
    }

    [Fact]
    public void Impossible_layout_is_refused()
    {
        Create().Dispose();
        MappedTestFolder.Poke(Path, 648, 200);
        Assert.Equal(MappedFileFault.Damaged, Assert.Throws<MappedFileException>(() => CounterFile.Open(Path)).Fault);
        MappedTestFolder.Poke(Path, 648, 255, 255, 255, 255, 255, 255, 255, 255);
        Assert.Equal(MappedFileFault.Damaged, Assert.Throws<MappedFileException>(() => CounterFile.Open(Path)).Fault);
    }
}
