using System.Numerics;
using System.Text;

namespace Penstock.Infrastructure.Memory;

/// <summary>What the producer of a mapped file has said about it.</summary>
public enum MappedState
{
    /// <summary>Never seen under the final name.</summary>
    Unfinished,
    Live,
    /// <summary>The producer ended in order.</summary>
    Closed,
    /// <summary>A new producer made a new file of this name: open it again to follow.</summary>
    Superseded,
}

/// <summary>What a reader must agree with before it believes one byte of the body.</summary>
internal readonly record struct MappedShape(string Kind, int FormatVersion, int StrideBytes, int ElementBytes, string TypeName)
{
    /// <summary>FNV-1a over the type's name and size: equal in every process, unlike string.GetHashCode.</summary>
    public ulong TypeHash
    {
        get
        {
            var hash = 14695981039346656037UL;
            foreach (var b in Encoding.UTF8.GetBytes($"{TypeName}/{ElementBytes}")) hash = (hash ^ b) * 1099511628211UL;
            return hash;
        }
    }
}

/// <summary>
/// The first page of every mapped file of Penstock. Fields that are written while others read stand 128 bytes apart
/// (<see cref="AlignedMemory.LinePairBytes"/>); the rest is written once and then only read.
/// <code>
///    0 magic "PENSTOCK"   8 kind (8 bytes of text)   16 format version   20 header bytes
///   24 capacity          28 stride bytes             32 element bytes    36 state (written at life-cycle events only)
///   40 type hash         48 generation               56 producer pid     64 body bytes   72..135 type name (text)
///  256 claimed     — producer, hot        (rings)
///  384 published   — producer, hot        (rings)
///  512 heartbeat   — producer, every duty cycle
///  640 first word of the owner's own fields
/// 4096 the body
/// </code>
/// </summary>
internal readonly unsafe struct MappedHeader(byte* start)
{
    public const int SizeBytes = 4096;
    public const int CapacityMax = 1 << 28;

    private const ulong Magic = 0x4B434F54534E4550; // "PENSTOCK", little endian
    private const int TypeNameBytesMax = 64;
    private const string BeingMadeSuffix = ".new";

    public int Capacity => *(int*)(start + 24);

    public long Generation => *(long*)(start + 48);

    public int ProducerPid => *(int*)(start + 56);

    public long* Claimed => (long*)(start + 256);

    public long* Published => (long*)(start + 384);

    public long* HeartbeatNs => (long*)(start + 512);

    public long* Own => (long*)(start + 640);

    public byte* Body => start + SizeBytes;

    public long BodyBytes => *(long*)(start + 64);

    public MappedState State
    {
        get => (MappedState)Volatile.Read(ref *(int*)(start + 36));
        set => Volatile.Write(ref *(int*)(start + 36), (int)value);
    }

    /// <summary>
    /// Makes the file under a passing name, fills the header, then renames it into place and tells the readers of the file it
    /// replaces. In this order a reader that learns it is superseded finds the new file already there.
    /// </summary>
    /// <exception cref="MappedFileException"/>
    public static MappedFile Create(string path, in MappedShape shape, int capacity, long bodyBytes, Action<MappedFile>? initialise = null)
    {
        using var predecessor = OpenPredecessor(path, shape.Kind);
        var generation = predecessor is null ? 1 : new MappedHeader(predecessor.Pointer).Generation + 1;
        var file = MappedFile.Create(path + BeingMadeSuffix, SizeBytes + bodyBytes);
        try
        {
            new MappedHeader(file.Pointer).Fill(shape, capacity, bodyBytes, generation);
            initialise?.Invoke(file);
            file.MoveTo(path);
        }
        catch (MappedFileException)
        {
            file.Dispose();
            throw;
        }

        if (predecessor is not null) new MappedHeader(predecessor.Pointer) { State = MappedState.Superseded };
        return file;
    }

    /// <summary>Maps the file read-only and checks everything the header claims.</summary>
    /// <exception cref="MappedFileException"/>
    public static MappedFile Open(string path, in MappedShape expected)
    {
        var file = MappedFile.Open(path, writable: false);
        try
        {
            Check(file, expected);
            return file;
        }
        catch (MappedFileException)
        {
            file.Dispose();
            throw;
        }
    }

    public static MappedFileException Fault(string path, string kind, MappedFileFault fault, string why) =>
        new(fault, path, $"Cannot use {path} as a {kind.ToLowerInvariant().Trim()} file: {why}");

    private static void Check(MappedFile file, in MappedShape expected)
    {
        var kind = expected.Kind;
        if (file.LengthBytes < SizeBytes)
        {
            throw Fault(file.Path, kind, MappedFileFault.Damaged, $"it has {file.LengthBytes} bytes, the header alone has {SizeBytes}.");
        }

        var start = file.Pointer;
        var header = new MappedHeader(start);
        if (*(ulong*)start != Magic)
        {
            throw Fault(file.Path, kind, MappedFileFault.NotOurs, "it does not begin with PENSTOCK, so Penstock did not write it.");
        }

        if (*(ulong*)(start + 8) != Tag(kind))
        {
            throw Fault(file.Path, kind, MappedFileFault.WrongKind, $"it is a {Encoding.ASCII.GetString(start + 8, 8).TrimEnd('\0')} file.");
        }

        if (*(int*)(start + 16) != expected.FormatVersion || *(int*)(start + 20) != SizeBytes)
        {
            throw Fault(file.Path, kind, MappedFileFault.WrongVersion,
                $"it has format version {*(int*)(start + 16)}, this program reads {expected.FormatVersion}. Run the same release on both sides.");
        }

        if (*(ulong*)(start + 40) != expected.TypeHash || *(int*)(start + 28) != expected.StrideBytes || *(int*)(start + 32) != expected.ElementBytes)
        {
            throw Fault(file.Path, kind, MappedFileFault.WrongElement,
                $"it holds {header.TypeName()} of {*(int*)(start + 32)} bytes, asked for was {expected.TypeName} of {expected.ElementBytes} bytes.");
        }

        var capacity = header.Capacity;
        if (capacity is <= 0 or > CapacityMax || !BitOperations.IsPow2(capacity))
        {
            throw Fault(file.Path, kind, MappedFileFault.Damaged, $"its capacity must be a power of two, was {capacity}.");
        }

        if (header.BodyBytes < (long)capacity * expected.StrideBytes || SizeBytes + header.BodyBytes != file.LengthBytes)
        {
            throw Fault(file.Path, kind, MappedFileFault.Damaged,
                $"the header promises {capacity} slots of {expected.StrideBytes} bytes in {header.BodyBytes}, the file has {file.LengthBytes - SizeBytes} after the header.");
        }
    }

    private static MappedFile? OpenPredecessor(string path, string kind)
    {
        if (!File.Exists(path)) return null;
        var file = MappedFile.Open(path, writable: true);
        if (file.LengthBytes >= SizeBytes && *(ulong*)file.Pointer == Magic && *(ulong*)(file.Pointer + 8) == Tag(kind)) return file;
        file.Dispose();
        throw Fault(path, kind, MappedFileFault.NotOurs,
            "a file of that name is there and is not one. It is left alone; move it away or choose another folder.");
    }

    private void Fill(in MappedShape shape, int capacity, long bodyBytes, long generation)
    {
        *(ulong*)start = Magic;
        *(ulong*)(start + 8) = Tag(shape.Kind);
        *(int*)(start + 16) = shape.FormatVersion;
        *(int*)(start + 20) = SizeBytes;
        *(int*)(start + 24) = capacity;
        *(int*)(start + 28) = shape.StrideBytes;
        *(int*)(start + 32) = shape.ElementBytes;
        *(ulong*)(start + 40) = shape.TypeHash;
        *(long*)(start + 48) = generation;
        *(int*)(start + 56) = Environment.ProcessId;
        *(long*)(start + 64) = bodyBytes;
        var name = Encoding.UTF8.GetBytes(shape.TypeName);
        name.AsSpan(0, Math.Min(name.Length, TypeNameBytesMax)).CopyTo(new Span<byte>(start + 72, TypeNameBytesMax));
        State = MappedState.Live;
    }

    private string TypeName()
    {
        var text = new ReadOnlySpan<byte>(start + 72, TypeNameBytesMax);
        var end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    private static ulong Tag(string kind)
    {
        var tag = 0UL;
        for (var i = 0; i < kind.Length; i++) tag |= (ulong)kind[i] << (8 * i);
        return tag;
    }
}
