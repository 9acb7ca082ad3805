using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Infrastructure.Snapshots;

/// <summary>What a snapshot says of itself.</summary>
public sealed record SnapshotHeader
{
    /// <summary>The last journal record whose effect is in it.</summary>
    public required long Sequence { get; init; }

    /// <summary>The journal segment that record lies in: where reading goes on.</summary>
    public required long Segment { get; init; }

    /// <summary>That record's checksum in the journal's chain: tells the journal from another that grew to the same length.</summary>
    public required uint Chain { get; init; }

    /// <summary>The engine's own hash of the state.</summary>
    public required ulong StateHash { get; init; }

    /// <summary>Which build wrote it; for people.</summary>
    public string CreatedBy { get; init; } = "";
}

/// <summary>
/// One snapshot in bytes, version 1, little endian. SHA-256 over everything before it: damage is found, and so is a snapshot that
/// only looks like one.
/// <code>
///   0 magic(8) 8 format version(4) 12 created-by bytes(4) 16 sequence(8) 24 segment(8) 32 state hash(8) 40 state bytes(8)
///   48 journal chain(4) 52 zero(4) 56 created-by, state, SHA-256(32)
/// </code>
/// </summary>
public static class SnapshotFile
{
    public const int Version = 1;

    private const ulong Magic = 0x3150_414E_534E_4550; // "PENSNAP1"
    private const int HeaderBytes = 56;

    public static byte[] Encode(SnapshotHeader header, ReadOnlySpan<byte> state)
    {
        var createdBy = Encoding.UTF8.GetBytes(header.CreatedBy);
        var bytes = new byte[HeaderBytes + createdBy.Length + state.Length + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), createdBy.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), header.Segment);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), header.StateHash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), state.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(48), header.Chain);
        createdBy.CopyTo(bytes, HeaderBytes);
        state.CopyTo(bytes.AsSpan(HeaderBytes + createdBy.Length));
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes));
        return bytes;
    }

    /// <returns>Null when it is whole and of a version known here; else what is wrong.</returns>
    public static string? Decode(ReadOnlySpan<byte> bytes, out SnapshotHeader? header, out byte[] state)
    {
        header = null;
        state = [];
        if (bytes.Length < HeaderBytes + SHA256.HashSizeInBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            return "it is no snapshot";
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..^SHA256.HashSizeInBytes], hash);
        if (!hash.SequenceEqual(bytes[^SHA256.HashSizeInBytes..])) return "its bytes do not match its hash";
        if (version != Version) return $"it has format version {version}, this build reads {Version}";
        var createdBy = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]);
        if (createdBy < 0 || length < 0 || HeaderBytes + createdBy + length + SHA256.HashSizeInBytes != bytes.Length)
            return "its lengths contradict each other";
        header = new SnapshotHeader
        {
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            Segment = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            StateHash = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
            Chain = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]),
            CreatedBy = Encoding.UTF8.GetString(bytes.Slice(HeaderBytes, createdBy)),
        };
        state = bytes.Slice(HeaderBytes + createdBy, (int)length).ToArray();
        return null;
    }
}
