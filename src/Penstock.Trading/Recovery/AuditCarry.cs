using System.Buffers.Binary;
using Penstock.Infrastructure.Journal;

namespace Penstock.Trading.Recovery;

/// <summary>
/// The audit records of journal segments that were taken away, in one file beside the journal: the trail stays whole whatever
/// is removed. Frames: journal sequence(8) bytes(4) payload.
/// </summary>
public static class AuditCarry
{
    public const string FileName = "audit.carried";

    /// <summary>Follows the carried links, if there are any.</summary>
    /// <returns>Null when fine; else what is wrong.</returns>
    public static string? Load(string journal, AuditTrail trail, Action<long, AuditEntry>? visit = null)
    {
        var file = Path.Combine(journal, FileName);
        if (!File.Exists(file)) return null;
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 12 || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is var length && (length < 0 || length > bytes.Length - 12))
                return $"{FileName} ends in the middle of a record";
            if (trail.TryFollow(bytes.Slice(12, length), out var entry) is { } fault) return $"{FileName}: {fault}";
            visit?.Invoke(BinaryPrimitives.ReadInt64LittleEndian(bytes), entry!);
            bytes = bytes[(12 + length)..];
        }

        return null;
    }

    /// <summary>Adds the audit records of all segments before <paramref name="segment"/> that are not carried yet; synced when it returns.</summary>
    /// <returns>Null when done; else why not, and nothing was changed.</returns>
    public static string? Carry(string journal, long segment)
    {
        var trail = new AuditTrail();
        if (Load(journal, trail) is { } damaged) return damaged;
        using var added = new MemoryStream();
        Span<byte> frame = stackalloc byte[12];
        using var reader = JournalReader.Open(journal);
        while (reader.TryRead(out var record) && record.Segment < segment)
        {
            if (record.Type != (ushort)EngineRecordType.Audit) continue;
            if (BinaryPrimitives.ReadInt64LittleEndian(record.Payload[16..]) <= trail.Number) continue;
            if (trail.TryFollow(record.Payload, out _) is { } fault) return $"record {record.Sequence}: {fault}";
            BinaryPrimitives.WriteInt64LittleEndian(frame, record.Sequence);
            BinaryPrimitives.WriteInt32LittleEndian(frame[8..], record.Payload.Length);
            added.Write(frame);
            added.Write(record.Payload);
        }

        if (reader.State == JournalReaderState.Bad) return $"segment {reader.Segment:D8}, byte {reader.Offset}: {reader.Fault}";
        if (added.Length == 0) return null;
        var file = Path.Combine(journal, FileName);
        var before = File.Exists(file) ? File.ReadAllBytes(file) : [];
        using (var unfinished = new FileStream(file + ".new", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            unfinished.Write(before);
            unfinished.Write(added.ToArray());
            unfinished.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
        return null;
    }
}
