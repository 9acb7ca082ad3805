namespace Penstock.Infrastructure.Journal;

public sealed partial class JournalReader
{
    /// <summary>
    /// No record at the offset: the live end, the end of a segment, or a hole. True when reading goes on (in the next segment, or
    /// because a record has just arrived).
    /// </summary>
    private bool PastEnd()
    {
        if (RandomAccess.Read(_file!, _header, 0) < _header.Length)
        {
            return Stop(JournalFault.HeaderDamaged);
        }

        if (JournalFormat.ReadSeal(_header, Segment, out var seal) != JournalFault.None)
        {
            return Stop(JournalFault.SealDamaged);
        }

        if (JournalFormat.ReadCheckpoint(_header, Segment, out var committed) != JournalFault.None)
        {
            return Stop(JournalFault.CheckpointDamaged);
        }

        // The header was read after the word: a record that came between them explains the difference.
        if (Refill(8) && WordAt(Offset) != 0)
        {
            return true;
        }

        if (committed > Offset || (seal.Kind != SealKind.None && seal.EndOffset > Offset))
        {
            return Stop(JournalFault.RecordMissing);
        }

        if (seal.Kind != SealKind.None
            && (seal.EndOffset != Offset || seal.FinalSequence != Sequence || seal.FinalCrc != _chain))
        {
            return Stop(JournalFault.SealDamaged);
        }

        return NextSegment(seal.Kind);
    }

    private bool NextSegment(SealKind seal)
    {
        var next = Segment + 1;
        if (!JournalFiles.IsStarted(_directory, next, out var exists))
        {
            if (seal == SealKind.Rolled && !exists)
            {
                return Stop(JournalFault.SegmentMissing);
            }

            State = seal == SealKind.Closed ? JournalReaderState.Closed : JournalReaderState.Reading;
            return false;
        }

        // The next segment exists, so this one is complete; but its last records may have come after we looked.
        if (Refill(8) && WordAt(Offset) != 0)
        {
            return true;
        }

        // An unsealed segment whose successor starts at a later sequence: the records that are missing, are missing here.
        return seal == SealKind.None && !Continues(next) ? Stop(JournalFault.RecordMissing) : EnterSegment(next);
    }

    private bool Continues(long next)
    {
        var bytes = new byte[JournalFormat.SegmentHeaderBytes];
        using var file = JournalFiles.OpenToRead(_directory, next);
        return RandomAccess.Read(file, bytes, 0) < bytes.Length
               || JournalFormat.ReadHeader(bytes, next, out var header) != JournalFault.None
               || (header.FirstSequence == Sequence + 1 && header.Chain == _chain);
    }

    private bool EnterSegment(long number)
    {
        if (number == 0 || !JournalFiles.IsStarted(_directory, number, out _))
        {
            return false;
        }

        var file = JournalFiles.OpenToRead(_directory, number);
        if (RandomAccess.Read(file, _header, 0) < _header.Length)
        {
            _header.AsSpan().Clear();
        }

        _file?.Dispose();
        _file = file;
        var fault = JournalFormat.ReadHeader(_header, number, out var header);
        if (fault == JournalFault.None && Segments > 0)
        {
            fault = header.JournalId != _journalId ? JournalFault.ForeignSegment
                : header.FirstSequence != Sequence + 1 || header.Chain != _chain ? JournalFault.ChainBroken
                : JournalFault.None;
        }

        Segment = number;
        Offset = fault == JournalFault.None ? JournalFormat.SegmentHeaderBytes : 0;
        _bufferAt = 0;
        _buffered = 0;
        Segments++;
        if (fault != JournalFault.None)
        {
            return Stop(fault);
        }

        _segment = header;
        _journalId = header.JournalId;
        Sequence = header.FirstSequence - 1;
        _chain = header.Chain;
        return true;
    }

    private bool Stop(JournalFault fault)
    {
        Reject(fault);
        return false;
    }
}
