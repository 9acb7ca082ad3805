using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// Judges a whole journal without changing it. The difficult question is the end of a journal nobody closed: what death leaves
/// behind, or damage? Death of the process leaves nothing torn but the record being written (memory outlives it). Loss of power
/// leaves unsynced sectors as they were, which is zero. So bad bytes are a torn tail only behind the last checkpoint, and only
/// if no intact record follows them or a whole sector among them is still zero. Everything else is corruption.
/// </summary>
public static class JournalVerifier
{
    private const int ScanBytes = 1 << 20;

    /// <summary>Reads everything. A journal being written is judged as far as it is at the moment.</summary>
    public static JournalVerdict Verify(string directory)
    {
        using var reader = JournalReader.Open(directory);
        return Verify(directory, reader);
    }

    internal static JournalVerdict Verify(string directory, JournalReader reader)
    {
        while (true)
        {
            while (reader.TryRead(out _))
            {
            }

            var verdict = Judge(directory, reader);

            // A live writer may have gone on between reading and judging; then what looked bad is only newer.
            if (verdict.Ok || reader.State == JournalReaderState.Bad || !reader.TryRead(out _))
            {
                return verdict;
            }
        }
    }

    private static JournalVerdict Judge(string directory, JournalReader reader)
    {
        var verdict = new JournalVerdict
        {
            Condition = reader.State == JournalReaderState.Closed ? JournalCondition.Closed : JournalCondition.Open,
            Records = reader.Records,
            Bytes = reader.Bytes,
            Segments = reader.Segments,
            LastSequence = reader.Sequence,
            Segment = reader.Segment,
            Offset = reader.Offset,
            Fault = reader.Fault,
        };
        if (reader.State == JournalReaderState.Bad)
        {
            return verdict with { Condition = JudgeBad(directory, verdict) };
        }

        if (reader.Segment == 0)
        {
            return JudgeUnstarted(directory, JournalFiles.First(directory), verdict with { Condition = JournalCondition.Empty });
        }

        return JudgeUnstarted(
            directory,
            reader.Segment + 1,
            verdict.Condition == JournalCondition.Closed ? verdict : JudgeOpenEnd(directory, verdict));
    }

    /// <summary>Bytes of a torn tail, to its last one that is not zero.</summary>
    internal static long TornBytes(string directory, long segment, long offset)
    {
        using var file = JournalFiles.OpenToRead(directory, segment);
        return Math.Max(0, LastNonZero(file, offset) + 1 - offset);
    }

    private static JournalCondition JudgeBad(string directory, JournalVerdict verdict)
    {
        if (verdict.Fault == JournalFault.NewerFormat)
        {
            return JournalCondition.NewerFormat;
        }

        var recordFault = verdict.Fault is JournalFault.RecordMissing or JournalFault.RecordDamaged
            or JournalFault.RecordLength or JournalFault.RecordChecksum or JournalFault.ChainBroken;
        return recordFault && verdict.Offset > 0 && IsTorn(directory, verdict)
            ? JournalCondition.TornTail
            : JournalCondition.Corrupt;
    }

    private static bool IsTorn(string directory, JournalVerdict verdict)
    {
        var header = new byte[JournalFormat.SegmentHeaderBytes];
        using var file = JournalFiles.OpenToRead(directory, verdict.Segment);
        _ = RandomAccess.Read(file, header, 0);
        if (JournalFormat.ReadSeal(header, verdict.Segment, out var seal) != JournalFault.None
            || JournalFormat.ReadCheckpoint(header, verdict.Segment, out var committed) != JournalFault.None
            || seal.Kind is SealKind.Closed or SealKind.Recovered
            || verdict.Offset < committed)
        {
            return false;
        }

        var later = JournalFiles.Numbers(directory).Where(number => number > verdict.Segment).ToList();
        if (later.Any(number => HasCommitted(directory, number)))
        {
            return false;
        }

        var next = NextIntactRecord(file, verdict.Offset, verdict.LastSequence);
        if (next >= 0)
        {
            return HasLostSector(file, verdict.Offset, next);
        }

        var followed = seal.Kind == SealKind.Rolled || later.Any(number => JournalFiles.IsStarted(directory, number, out _));
        var end = seal.Kind == SealKind.Rolled ? seal.EndOffset : EndClaimed(file, verdict.Offset);
        return !followed || HasLostSector(file, verdict.Offset, end);
    }

    /// <summary>Did the committer ever reach this segment? A damaged note counts as yes.</summary>
    private static bool HasCommitted(string directory, long number)
    {
        var header = new byte[JournalFormat.SegmentHeaderBytes];
        using var file = JournalFiles.OpenToRead(directory, number);
        return RandomAccess.Read(file, header, 0) == header.Length
               && (JournalFormat.ReadCheckpoint(header, number, out var committed) != JournalFault.None || committed > 0);
    }

    /// <summary>An open end: the rest of the segment must be zero, else something was torn there or lies behind a hole.</summary>
    private static JournalVerdict JudgeOpenEnd(string directory, JournalVerdict verdict)
    {
        using (var file = JournalFiles.OpenToRead(directory, verdict.Segment))
        {
            if (LastNonZero(file, verdict.Offset) < 0)
            {
                return verdict;
            }
        }

        var missing = verdict with { Fault = JournalFault.RecordMissing };
        return missing with
        {
            Condition = IsTorn(directory, missing) ? JournalCondition.TornTail : JournalCondition.Corrupt,
        };
    }

    /// <summary>
    /// A segment without a magic must be a prepared one, all zero; or its header sector never reached the disk, and then the
    /// committer never reached the segment.
    /// </summary>
    private static JournalVerdict JudgeUnstarted(string directory, long number, JournalVerdict verdict)
    {
        if (number == 0 || !verdict.Ok || !HasStrayBytes(directory, number))
        {
            return verdict;
        }

        Span<byte> sector = stackalloc byte[JournalFormat.SectorBytes];
        using var file = JournalFiles.OpenToRead(directory, number);
        _ = RandomAccess.Read(file, sector, 0);
        return !sector.ContainsAnyExcept((byte)0) && !JournalFiles.Numbers(directory).Any(n => n >= number && HasCommitted(directory, n))
            ? verdict with { Condition = JournalCondition.TornTail, Fault = JournalFault.RecordMissing }
            : verdict with
            {
                Condition = JournalCondition.Corrupt, Segment = number, Offset = 0, Fault = JournalFault.HeaderDamaged,
            };
    }

    /// <summary>Not started, and yet not all zero.</summary>
    internal static bool HasStrayBytes(string directory, long number)
    {
        if (JournalFiles.IsStarted(directory, number, out var exists) || !exists)
        {
            return false;
        }

        using var file = JournalFiles.OpenToRead(directory, number);
        return LastNonZero(file, 0) >= 0;
    }

    /// <summary>Offset of the last byte that is not zero, from <paramref name="from"/> on; -1 when there is none.</summary>
    private static long LastNonZero(SafeFileHandle file, long from)
    {
        var buffer = new byte[(int)Math.Clamp(RandomAccess.GetLength(file) - from, 1, ScanBytes)];
        long last = -1;
        for (var at = from; ;)
        {
            var read = RandomAccess.Read(file, buffer, at);
            if (read == 0)
            {
                return last;
            }

            var index = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            last = index >= 0 ? at + index : last;
            at += read;
        }
    }

    /// <summary>Offset of the next intact record of a later sequence behind the bad place, or -1; records start at multiples of 8.</summary>
    private static long NextIntactRecord(SafeFileHandle file, long from, long sequence)
    {
        var length = RandomAccess.GetLength(file);
        var last = LastNonZero(file, from);
        var header = new byte[JournalFormat.RecordHeaderBytes];
        var window = new byte[(int)Math.Clamp((last + 8 - from) & ~7L, 8, ScanBytes)];
        for (var at = from + 8; at <= last; at += window.Length)
        {
            var read = RandomAccess.Read(file, window, at);
            for (var index = 7; index < read; index += 8)
            {
                if (JournalFormat.IsRecordMagic(window[index]) && IsIntact(file, at + index - 7, length, sequence, header))
                {
                    return at + index - 7;
                }
            }
        }

        return -1;
    }

    private static bool IsIntact(SafeFileHandle file, long at, long length, long sequence, byte[] header)
    {
        if (RandomAccess.Read(file, header, at) < header.Length
            || JournalRecordCheck.Length(header, at, length, out var total) != JournalFault.None
            || BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)) <= sequence)
        {
            return false;
        }

        var bytes = new byte[total];
        return RandomAccess.Read(file, bytes, at) == total
               && JournalFormat.RecordCrc(bytes) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(28));
    }

    /// <summary>Where the bad record ends if its length can be believed.</summary>
    private static long EndClaimed(SafeFileHandle file, long offset)
    {
        var header = new byte[JournalFormat.RecordHeaderBytes];
        _ = RandomAccess.Read(file, header, offset);
        return JournalRecordCheck.Length(header, offset, RandomAccess.GetLength(file), out var total) == JournalFault.None
            ? offset + total
            : offset + JournalFormat.RecordHeaderBytes;
    }

    /// <summary>Is any sector between the two still (or again) zero, as it is when it never reached the disk?</summary>
    private static bool HasLostSector(SafeFileHandle file, long from, long to)
    {
        var sector = new byte[JournalFormat.SectorBytes];
        for (var at = from; at < to; at = (at / sector.Length + 1) * sector.Length)
        {
            var rest = sector.AsSpan(0, (int)Math.Min(sector.Length - (at % sector.Length), to - at));
            var read = RandomAccess.Read(file, rest, at);
            if (read == 0 || !rest[..read].ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }
}
