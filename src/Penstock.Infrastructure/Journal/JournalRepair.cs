namespace Penstock.Infrastructure.Journal;

/// <summary>Opening's work before a writer starts: judge, cut what may be cut, seal, and tell where to go on.</summary>
internal static class JournalRepair
{
    public readonly record struct FoundJournal(JournalRecovery Recovery, uint Chain, long JournalId);

    private const string CutSuffix = ".cut";

    /// <exception cref="JournalCorruptException">When going on would bury damage.</exception>
    public static FoundJournal Run(string directory, bool verifyAll)
    {
        foreach (var leftover in Directory.EnumerateFiles(directory, "*" + Preparation.Suffix))
        {
            File.Delete(leftover);
        }

        using var reader = OpenReader(directory, verifyAll);
        var verdict = JournalVerifier.Verify(directory, reader);
        if (!verdict.Ok && verdict.Condition != JournalCondition.TornTail)
        {
            throw new JournalCorruptException(verdict, directory);
        }

        RefuseHoles(directory, verdict);
        var setAside = SetLaterSegmentsAside(directory, verdict.Segment);
        var torn = 0L;
        if (verdict is { Segment: > 0, Condition: JournalCondition.TornTail or JournalCondition.Open })
        {
            torn = CutAndSeal(directory, verdict, reader.Chain);
        }

        return new FoundJournal(
            new JournalRecovery(verdict.LastSequence, torn, setAside, verdict.Segment, verdict.Offset),
            reader.Chain,
            reader.JournalId);
    }

    private static JournalReader OpenReader(string directory, bool verifyAll)
    {
        var started = JournalFiles.Numbers(directory).LastOrDefault(number => JournalFiles.IsStarted(directory, number, out _));
        if (verifyAll || started == 0) return JournalReader.Open(directory);

        // A loss of power may have torn every segment the committer was not done with, not the last one alone.
        while (JournalFiles.IsStarted(directory, started - 1, out _) && !IsOnDisk(directory, started - 1)) started--;
        return JournalReader.OpenAt(directory, started);
    }

    /// <summary>Sealed, and known to be on disk to its end: closing and recovering sync before they seal, rolling over does not.</summary>
    private static bool IsOnDisk(string directory, long number)
    {
        var header = new byte[JournalFormat.SegmentHeaderBytes];
        using var file = JournalFiles.OpenToRead(directory, number);
        return RandomAccess.Read(file, header, 0) == header.Length
               && JournalFormat.ReadSeal(header, number, out var seal) == JournalFault.None
               && JournalFormat.ReadCheckpoint(header, number, out var committed) == JournalFault.None
               && (seal.Kind is SealKind.Closed or SealKind.Recovered || (seal.Kind == SealKind.Rolled && committed >= seal.EndOffset));
    }

    /// <summary>A started segment behind a number that is missing: somebody removed a file.</summary>
    private static void RefuseHoles(string directory, JournalVerdict verdict)
    {
        foreach (var number in JournalFiles.Numbers(directory))
        {
            if (number > verdict.Segment + 1 && verdict.Ok && JournalFiles.IsStarted(directory, number, out _))
            {
                throw new JournalCorruptException(
                    verdict with
                    {
                        Condition = JournalCondition.Corrupt,
                        Segment = verdict.Segment + 1,
                        Offset = 0,
                        Fault = JournalFault.SegmentMissing,
                    },
                    directory);
            }
        }
    }

    /// <summary>Prepared segments are removed; started ones that lost their predecessor's tail are kept under another name.</summary>
    private static int SetLaterSegmentsAside(string directory, long last)
    {
        var setAside = 0;
        foreach (var number in JournalFiles.Numbers(directory))
        {
            var path = JournalFormat.SegmentPath(directory, number);
            if (number > last
                && (JournalFiles.IsStarted(directory, number, out _) || JournalVerifier.HasStrayBytes(directory, number)))
            {
                File.Move(path, path + CutSuffix, overwrite: true);
                setAside++;
            }
            else if (number > last)
            {
                File.Delete(path);
            }
        }

        return setAside;
    }

    private static long CutAndSeal(string directory, JournalVerdict verdict, uint chain)
    {
        var torn = JournalVerifier.TornBytes(directory, verdict.Segment, verdict.Offset);
        using var file = File.OpenHandle(
            JournalFormat.SegmentPath(directory, verdict.Segment),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);

        // Shrinking and growing again leaves zeros, in one step each however long the tail is.
        var length = RandomAccess.GetLength(file);
        RandomAccess.SetLength(file, verdict.Offset);
        RandomAccess.SetLength(file, JournalSegment.TruncatedBytes(verdict.Offset, Math.Max(length, verdict.Offset)));

        var header = new byte[JournalFormat.SegmentHeaderBytes];
        _ = RandomAccess.Read(file, header, 0);
        var seal = new SegmentSeal(SealKind.Recovered, verdict.Offset, verdict.LastSequence, chain);
        var word = JournalFormat.PrepareSeal(header, verdict.Segment, seal);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(JournalFormat.SealWordAt), word);
        RandomAccess.FlushToDisk(file);
        RandomAccess.Write(file, header.AsSpan(JournalFormat.EndOffsetAt, 32), JournalFormat.EndOffsetAt);
        RandomAccess.FlushToDisk(file);
        return torn;
    }
}
