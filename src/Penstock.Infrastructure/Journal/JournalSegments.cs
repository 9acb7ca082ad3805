namespace Penstock.Infrastructure.Journal;

/// <summary>One segment file of a journal.</summary>
/// <param name="Number">Its place in the row.</param>
/// <param name="Bytes">Of the file; the last one's is allocated ahead.</param>
/// <param name="FirstSequence">Of its first record.</param>
/// <param name="Written">When the file was last changed, UTC.</param>
/// <param name="CreatedBy">Which build.</param>
public sealed record JournalSegmentInfo(long Number, long Bytes, long FirstSequence, DateTimeOffset Written, string CreatedBy);

/// <summary>The segment files of a journal as things to keep, move or remove; their records are <see cref="JournalReader"/>'s.</summary>
public static class JournalSegments
{
    /// <summary>Oldest first; segments no writer has started are left out.</summary>
    public static IReadOnlyList<JournalSegmentInfo> List(string directory)
    {
        var segments = new List<JournalSegmentInfo>();
        var bytes = new byte[JournalFormat.SegmentHeaderBytes];
        foreach (var number in JournalFiles.Numbers(directory))
        {
            if (!JournalFiles.IsStarted(directory, number, out _)) continue;
            var file = new FileInfo(JournalFormat.SegmentPath(directory, number));
            using var handle = JournalFiles.OpenToRead(directory, number);
            var header = default(SegmentHeader);
            var isWhole = RandomAccess.Read(handle, bytes, 0) == bytes.Length && JournalFormat.ReadHeader(bytes, number, out header) == JournalFault.None;
            segments.Add(isWhole
                ? new JournalSegmentInfo(number, file.Length, header.FirstSequence, file.LastWriteTimeUtc, JournalFormat.CreatedBy(bytes))
                : new JournalSegmentInfo(number, file.Length, 0, file.LastWriteTimeUtc, "?"));
        }

        return segments;
    }

    /// <summary>Takes one out of the journal: into the archive, or for good.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Remove(string directory, long number, string? archive)
    {
        var path = JournalFormat.SegmentPath(directory, number);
        if (archive is null)
        {
            File.Delete(path);
            return;
        }

        Directory.CreateDirectory(archive);
        File.Move(path, Path.Combine(archive, Path.GetFileName(path)));
    }
}
