using Penstock.Infrastructure.Journal;

namespace Penstock.Tests.Infrastructure.Journal;

/// <summary>A journal directory in memory where there is one, so thousands of journals cost no disk; removed at the end.</summary>
public sealed class JournalTestBench : IDisposable
{
    public const int HeaderBytes = 1024;

    private static int _count;

    public JournalTestBench()
    {
        var root = System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        Directory = Path.Combine(root, $"penstock-journal-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        System.IO.Directory.CreateDirectory(Directory);
    }

    public string Directory { get; }

    public JournalOptions Options(long segmentBytes = 8192) => new()
    {
        Directory = Directory, SegmentBytes = segmentBytes, CreatedBy = "test", JournalId = 7, Flush = _ => { },
    };

    public string Path_(long segment) => Path.Combine(Directory, $"{segment:D8}.pjl");

    public static byte[] Payload(Random random, int bytes)
    {
        var payload = new byte[bytes];
        for (var i = 0; i < bytes; i++)
        {
            payload[i] = (byte)random.Next(1, 256);
        }

        return payload;
    }

    /// <summary>Everything readable, with where each record lies; and how it ended.</summary>
    public List<(long Sequence, ushort Type, byte[] Payload, long Segment, long Offset)> ReadAll()
    {
        var records = new List<(long, ushort, byte[], long, long)>();
        using var reader = JournalReader.Open(Directory);
        while (reader.TryRead(out var record))
        {
            records.Add((record.Sequence, record.Type, record.Payload.ToArray(), record.Segment, record.Offset));
        }

        return records;
    }

    public void Save(string to)
    {
        System.IO.Directory.CreateDirectory(to);
        foreach (var file in System.IO.Directory.GetFiles(Directory))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
