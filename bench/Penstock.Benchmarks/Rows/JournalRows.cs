using System.Diagnostics;
using Penstock.Infrastructure.Journal;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// Appending records: ours with header, chained checksum and crash safety; the baseline's bytes only buffered. Once the size of an order
/// and once that of a depth message, which the node appends as one record. Both sides take their records from the same
/// array, as they come from a ring: a record stored a moment ago would make both wait for those stores, and measure that.
/// </summary>
internal static class JournalRows
{
    private const int Goal = 5;

    public static IEnumerable<Row> Append(bool quick)
    {
        yield return Append("journal append, 64-byte record", 64, quick ? 400_000 : 2_000_000,
            "with header and chained CRC32C; its 96 bytes alone take 4.4 ns to copy");
        yield return Append("journal append, depth message", 18 * 64, quick ? 40_000 : 200_000,
            "one record of 18 events: what a socket read becomes");
    }

    private static Row Append(string name, int bytes, int records, string note)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
        try
        {
            var source = new byte[1 << 16];
            new Random(5).NextBytes(source);
            var round = 0;
            var (ours, baseline) = Comparison.Interleaved(5,
                () => JournalNs(Path.Combine(folder, $"journal-{round++}"), source, bytes, records),
                () => FileStreamNs(Path.Combine(folder, "plain"), source, bytes, records));
            return new Row(name, "ns", ours, baseline, "FileStream, 64 KB buffer", Goal, Better.Faster, note + "; pages touched beforehand, as the preparer does");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double JournalNs(string folder, byte[] source, int bytes, int records)
    {
        // One segment that holds the whole round: what is measured is appending, not making files.
        using var writer = JournalWriter.Open(new JournalOptions { Directory = folder, SegmentBytes = SegmentBytes(bytes, records), CreatedBy = "bench" });
        var inSource = source.Length / bytes;
        var watch = Stopwatch.StartNew();
        for (int i = 0, next = 0; i < records; i++, next = next + 1 == inSource ? 0 : next + 1) writer.Append(1, source.AsSpan(next * bytes, bytes));
        watch.Stop();
        if (writer.Sequence != records) throw new InvalidOperationException($"{records} records were appended, {writer.Sequence} taken.");
        return watch.Elapsed.TotalNanoseconds / records;
    }

    private static double FileStreamNs(string path, byte[] source, int bytes, int records)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
        var inSource = source.Length / bytes;
        var watch = Stopwatch.StartNew();
        for (int i = 0, next = 0; i < records; i++, next = next + 1 == inSource ? 0 : next + 1) file.Write(source.AsSpan(next * bytes, bytes));
        file.Flush();
        watch.Stop();
        return watch.Elapsed.TotalNanoseconds / records;
    }

    /// <summary>Room for every record with its header, in whole pages, and the segment's own header.</summary>
    private static long SegmentBytes(int bytes, int records) => ((records * (bytes + 64L)) + (1 << 20)) & ~4095L;
}
