using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// The bytes of a journal, version 2. A journal is a directory of segments 00000001.pjl, 00000002.pjl, ...; all integers are
/// little endian.
/// <code>
/// segment   | header 1 KiB | record | record | ... | zeros (allocated ahead) |
/// header      0 magic(8) 8 version(4) 12 header bytes(4) 16 journal id(8) 24 segment number(8) 32 first sequence(8)
///            40 chain CRC at start(4) 44 zero(4) 48 segment bytes(8) 56 created-by length(1) 57 created-by(127)
///           184 CRC of 0..184(4) 188 zero(4)
///           192 end offset(8) 200 final sequence(8) 208 final CRC(4) 212 zero(4) 216 seal word(8): kind | CRC of the four
///           224 checkpoint word(8): offset / 8 | CRC; everything before that offset is known to be on disk
///           232 zeros 512 the checkpoint word once more, in another sector 520 zeros
/// record      0 payload bytes(4) 4 type(2) 6 flags(1) 7 magic 0xA8(1) 8 sequence(8) 16 previous record's CRC(4)
///            20 epoch(4) 24 zero(4) 28 CRC of 0..16, 24..28, the padded payload, 16..24(4) 32 payload, zero-padded to 8
/// </code>
/// The previous record's CRC enters a record's own last: so the processor sums the next record while it still waits for this one's. In version 1,
/// which is read as before, records have the magic 0xA7 and the CRC of 0..28 and of the padded payload.
/// The first word of a record, the seal word and the checkpoint word are each stored last and at once, so neither a reader in
/// another process nor a kill -9 between two stores can see half of one.
/// </summary>
internal static class JournalFormat
{
    public const ulong Magic = 0x314C_4E52_4A4E_4550; // "PENJRNL1"
    public const uint Version = 2;
    public const uint VersionMin = 1;
    public const int SegmentHeaderBytes = 1024;
    public const int RecordHeaderBytes = 32;
    public const byte RecordMagic = 0xA8;
    public const byte RecordMagicOfVersion1 = 0xA7;
    public const int CreatedByBytesMax = 127;

    public const int FirstSequenceAt = 32;
    public const int ChainAt = 40;
    public const int CreatedByAt = 56;
    public const int HeaderCrcAt = 184;
    public const int EndOffsetAt = 192;
    public const int SealWordAt = 216;
    public const int CheckpointAt = 224;
    public const int CheckpointMirrorAt = 512;

    /// <summary>What the disk writes or loses as one; the evidence of a lost write is such a piece still zero.</summary>
    public const int SectorBytes = 512;

    public static string SegmentPath(string directory, long number) => Path.Combine(directory, $"{number:D8}.pjl");

    public static int PaddedBytes(int payloadBytes) => (payloadBytes + 7) & ~7;

    /// <summary>CRC of one record that lies whole in memory: header (its own CRC left out) and padded payload.</summary>
    public static uint RecordCrc(ReadOnlySpan<byte> record)
    {
        if (record[7] == RecordMagicOfVersion1) return ~Crc32C.Update(Crc32C.Update(uint.MaxValue, record[..28]), record[RecordHeaderBytes..]);
        var register = Crc32C.Update(Crc32C.Update(uint.MaxValue, record[..16]), record[24..28]);
        return ~Crc32C.Update(Crc32C.Update(register, record[RecordHeaderBytes..]), record[16..24]);
    }

    public static bool IsRecordMagic(byte magic) => magic is RecordMagic or RecordMagicOfVersion1;

    /// <summary>Fills a segment header, all but the magic: who stores that starts the segment.</summary>
    public static void WriteHeader(Span<byte> header, in SegmentHeader values, ReadOnlySpan<byte> createdBy)
    {
        header[..SegmentHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], SegmentHeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], values.JournalId);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], values.Number);
        BinaryPrimitives.WriteInt64LittleEndian(header[FirstSequenceAt..], values.FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChainAt..], values.Chain);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], values.SegmentBytes);
        header[CreatedByAt] = (byte)createdBy.Length;
        createdBy.CopyTo(header[(CreatedByAt + 1)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderCrcAt..], HeaderCrc(header));
    }

    /// <summary>Judges a header. Newer versions are told apart before anything else of them is believed.</summary>
    public static JournalFault ReadHeader(ReadOnlySpan<byte> header, long number, out SegmentHeader values)
    {
        values = default;
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
        {
            return JournalFault.HeaderDamaged;
        }

        var intact = BinaryPrimitives.ReadUInt32LittleEndian(header[HeaderCrcAt..]) == HeaderCrc(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) is < VersionMin or > Version)
        {
            return intact && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) > Version
                ? JournalFault.NewerFormat
                : JournalFault.HeaderDamaged;
        }

        if (!intact
            || BinaryPrimitives.ReadUInt32LittleEndian(header[(HeaderCrcAt + 4)..]) != 0
            || header[(CheckpointAt + 8)..CheckpointMirrorAt].ContainsAnyExcept((byte)0)
            || header[(CheckpointMirrorAt + 8)..SegmentHeaderBytes].ContainsAnyExcept((byte)0))
        {
            return JournalFault.HeaderDamaged;
        }

        values = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[FirstSequenceAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[ChainAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[48..]));
        return values.Number == number ? JournalFault.None : JournalFault.ForeignSegment;
    }

    public static string CreatedBy(ReadOnlySpan<byte> header)
        => Encoding.UTF8.GetString(header.Slice(CreatedByAt + 1, Math.Min((int)header[CreatedByAt], CreatedByBytesMax)));

    /// <summary>The seal of a header: kind None when not sealed, fault when the seal is damaged.</summary>
    public static JournalFault ReadSeal(ReadOnlySpan<byte> header, long number, out SegmentSeal seal)
    {
        seal = default;
        var word = BinaryPrimitives.ReadUInt64LittleEndian(header[SealWordAt..]);
        if (word == 0)
        {
            return JournalFault.None;
        }

        if (word != SealWord(header, number, (SealKind)(uint)word) || !Enum.IsDefined((SealKind)(uint)word))
        {
            return JournalFault.SealDamaged;
        }

        seal = new SegmentSeal(
            (SealKind)(uint)word,
            BinaryPrimitives.ReadInt64LittleEndian(header[EndOffsetAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[(EndOffsetAt + 8)..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[(EndOffsetAt + 16)..]));
        return JournalFault.None;
    }

    /// <summary>Fills the seal's fields and returns the word that makes it valid; the caller stores that last.</summary>
    public static ulong PrepareSeal(Span<byte> header, long number, in SegmentSeal seal)
    {
        BinaryPrimitives.WriteInt64LittleEndian(header[EndOffsetAt..], seal.EndOffset);
        BinaryPrimitives.WriteInt64LittleEndian(header[(EndOffsetAt + 8)..], seal.FinalSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(EndOffsetAt + 16)..], seal.FinalCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(EndOffsetAt + 20)..], 0);
        return SealWord(header, number, seal.Kind);
    }

    public static ulong CheckpointWord(long number, long offset)
        => Checked((uint)(offset / 8), number, salt: 0x4350);

    /// <summary>
    /// The offset before which everything is on disk; 0 when never committed. It is noted in two sectors, so that a header
    /// sector set to zero cannot pass for one that the disk never had.
    /// </summary>
    public static JournalFault ReadCheckpoint(ReadOnlySpan<byte> header, long number, out long offset)
    {
        offset = 0;
        if (!TryReadCheckpointWord(header[CheckpointAt..], number, out var first)
            || !TryReadCheckpointWord(header[CheckpointMirrorAt..], number, out var second))
        {
            return JournalFault.CheckpointDamaged;
        }

        offset = Math.Max(first, second);
        return JournalFault.None;
    }

    private static bool TryReadCheckpointWord(ReadOnlySpan<byte> at, long number, out long offset)
    {
        var word = BinaryPrimitives.ReadUInt64LittleEndian(at);
        offset = (long)(uint)word * 8;
        return word == 0 || word == CheckpointWord(number, offset);
    }

    private static uint HeaderCrc(ReadOnlySpan<byte> header)
    {
        // The magic is stored after the CRC; it has one legal value, so it is checked by comparison instead.
        return Crc32C.Of(header[8..HeaderCrcAt]);
    }

    private static ulong SealWord(ReadOnlySpan<byte> header, long number, SealKind kind)
    {
        var register = Crc32C.Update(uint.MaxValue, header[EndOffsetAt..SealWordAt]);
        return Checked((uint)kind, number, register);
    }

    private static ulong Checked(uint low, long number, uint salt)
    {
        Span<ulong> parts = [low, (ulong)number, salt];
        return low | ((ulong)Crc32C.Of(MemoryMarshal.AsBytes(parts)) << 32);
    }
}

/// <summary>The unchanging part of a segment header.</summary>
internal readonly record struct SegmentHeader(long JournalId, long Number, long FirstSequence, uint Chain, long SegmentBytes);

/// <summary>What a finished segment says about itself.</summary>
internal readonly record struct SegmentSeal(SealKind Kind, long EndOffset, long FinalSequence, uint FinalCrc);

/// <summary>Why a segment ended. Values differ in many bits, so that one flip cannot turn one into another.</summary>
internal enum SealKind : uint
{
    None = 0,

    /// <summary>Full; the writer went on in the next segment, so a next one must exist.</summary>
    Rolled = 0x4C4C_4F52,

    /// <summary>The writer closed the journal in good order.</summary>
    Closed = 0x534F_4C43,

    /// <summary>The writer died here; a later opening cut what was torn and sealed the rest.</summary>
    Recovered = 0x5643_4552,
}
