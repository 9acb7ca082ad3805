using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Journal;

namespace Penstock.Benchmarks.Rows;

/// <summary>
/// Appending records, once the size of an order and once that of a depth message, which the node appends as one record: ours, the same records
/// (header, chained CRC32C) through a FileStream, and for the small one the bare bytes through a FileStream, which no reader could tell from
/// damage. All take their payloads from the same array, as they come from a ring: a record stored a moment ago would make each wait for those
/// stores, and measure that.
/// </summary>
internal static class JournalRows
{
    private const int Goal = 5;
    private const string SameRecords = "the same records, FileStream 64 KB";

    public static IEnumerable<Row> Append(bool quick)
    {
        var (small, smallStream, smallBare) = Measure(64, quick ? 400_000 : 2_000_000);
        yield return Row("journal append, 64-byte record", small, smallStream, SameRecords, "with header and chained CRC32C on both sides");
        yield return Row("journal append, against bare bytes", small, smallBare, "64 bytes, FileStream 64 KB",
            "no header and no checksum there; our 96 bytes alone take 4.4 ns to copy");
        var (large, largeStream, _) = Measure(18 * 64, quick ? 40_000 : 200_000);
        yield return Row("journal append, depth message", large, largeStream, SameRecords, "one record of 18 events: what a socket read becomes");
    }

    private static Row Row(string name, double ours, double baseline, string baselineName, string note) =>
        new(name, "ns", ours, baseline, baselineName, Goal, Better.Faster, note + "; pages touched beforehand, as the preparer does");

    private static (double Ours, double Stream, double Bare) Measure(int bytes, int records)
    {
        var folder = Directory.CreateTempSubdirectory("penstock-bench-").FullName;
        try
        {
            var source = new byte[1 << 16];
            new Random(5).NextBytes(source);
            var round = 0;
            var medians = Comparison.Medians(5,
                () => JournalNs(Path.Combine(folder, $"journal-{round++}"), source, bytes, records),
                () => RecordsNs(Path.Combine(folder, "records"), source, bytes, records),
                () => BareNs(Path.Combine(folder, "plain"), source, bytes, records));
            return (medians[0], medians[1], medians[2]);
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

    /// <summary>
    /// The format of ours, written as a journal over FileStream would be: the header made on the stack, both parts handed to the buffer.
    /// </summary>
    private static double RecordsNs(string path, byte[] source, int bytes, int records)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
        Span<ulong> header = stackalloc ulong[4];
        var inSource = source.Length / bytes;
        var chain = 0u;
        var watch = Stopwatch.StartNew();
        for (int i = 0, next = 0; i < records; i++, next = next + 1 == inSource ? 0 : next + 1)
        {
            var payload = source.AsSpan(next * bytes, bytes);
            (header[0], header[1], header[2]) = ((uint)bytes | (1UL << 32), (ulong)i, chain);
            var register = BitOperations.Crc32C(BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, header[0]), (ulong)i), (ulong)chain);
            chain = ~Crc32C.Update(register, payload);
            header[3] = (ulong)chain << 32;
            file.Write(MemoryMarshal.AsBytes(header));
            file.Write(payload);
        }

        file.Flush();
        watch.Stop();
        return watch.Elapsed.TotalNanoseconds / records;
    }

    private static double BareNs(string path, byte[] source, int bytes, int records)
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
