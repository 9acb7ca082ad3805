using System.Buffers.Binary;

namespace Penstock.Infrastructure.Journal;

/// <summary>Checks of a single record, shared by reader and judge.</summary>
internal static class JournalRecordCheck
{
    /// <summary>Is the header's first part possible? <paramref name="total"/> is the whole record's bytes when it is.</summary>
    public static JournalFault Length(ReadOnlySpan<byte> header, long offset, long segmentBytes, out int total)
    {
        total = 0;
        if (!JournalFormat.IsRecordMagic(header[7]))
        {
            return JournalFault.RecordDamaged;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length > JournalWriter.RecordBytesMax)
        {
            return JournalFault.RecordLength;
        }

        total = JournalFormat.RecordHeaderBytes + JournalFormat.PaddedBytes((int)length);
        return offset + total <= segmentBytes ? JournalFault.None : JournalFault.RecordLength;
    }
}
