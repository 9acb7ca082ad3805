using System.Diagnostics;
using Penstock.Infrastructure.Journal;

namespace Penstock.Benchmarks.Rows;

/// <summary>Appending 64-byte records: ours with header, chained checksum and crash safety; the baseline's bytes only buffered.</summary>
internal static class JournalRows
{
    public static IEnumerable<Row> Append(bool quick)
    {
        var records = quick ? 400_000 : 2_000_000;
        var folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
        try
        {
            var round = 0;
            var (ours, baseline) = Comparison.Interleaved(5,
                () => JournalNs(Path.Combine(folder, $"journal-{round++}"), records),
                () => FileStreamNs(Path.Combine(folder, "plain"), records));
            yield return new Row("journal append, 64-byte record", "ns", ours, baseline, "FileStream, 64 KB buffer", 5, Better.Faster,
                "with header and chained CRC32C; pages touched beforehand, as the preparer does");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double JournalNs(string folder, int records)
    {
        // One segment that holds the whole round: what is measured is appending, not making files.
        using var writer = JournalWriter.Open(new JournalOptions { Directory = folder, SegmentBytes = records * 128L + (1 << 20), CreatedBy = "bench" });
        Span<byte> payload = stackalloc byte[64];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            payload[0] = (byte)i;
            writer.Append(1, payload);
        }

        watch.Stop();
        return watch.Elapsed.TotalNanoseconds / records;
    }

    private static double FileStreamNs(string path, int records)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
        Span<byte> payload = stackalloc byte[64];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < records; i++)
        {
            payload[0] = (byte)i;
            file.Write(payload);
        }

        file.Flush();
        watch.Stop();
        return watch.Elapsed.TotalNanoseconds / records;
    }
}
