using System.Numerics;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>What came of reading one entry of a <see cref="SeqlockTable{T}"/>.</summary>
public enum SeqlockResult : byte
{
    /// <summary>The value is whole.</summary>
    Read,
    /// <summary>Nobody has written this entry yet.</summary>
    NeverWritten,
    /// <summary>The writer was in the middle at every attempt; or it died there. Ask again later.</summary>
    Busy,
}

/// <summary>
/// A table of snapshots in a mapped file, one writer, any readers in any process (R35): the top of each book beside the ring,
/// so that a lapped or late reader gets a consistent state without asking the producer.
/// <para>
/// Each entry carries a version. The writer makes it odd, writes the value, makes it even; a reader takes the version, copies,
/// takes the version again, and believes the copy only if both are equal and even. The writer never waits; a reader tries a
/// bounded number of times.
/// </para>
/// <code>
///   entry i, on its own line pair:  [ version │ value ................ │ padding ]
///   writer   version ← 2n+1 · WriteBarrier · value ← v · release version ← 2n+2
///   reader   acquire v1 ← version · copy · ReadBarrier · v2 ← version · whole if v1 == v2 and even
/// </code>
/// <para>
/// The write barrier keeps the value's stores behind the odd version: a release store does not do that on ARM64. The read
/// barrier keeps the copy's loads before the second look at the version.
/// </para>
/// </summary>
/// <typeparam name="T">Unmanaged and free of pointers: a torn copy is made before it is thrown away.</typeparam>
public sealed unsafe class SeqlockTable<T> : IDisposable where T : unmanaged
{
    /// <summary>A write takes nanoseconds; a writer descheduled inside one takes milliseconds, which no retry should cover.</summary>
    public const int AttemptsMax = 64;

    private const int FormatVersion = 1;
    private const string Kind = "SEQLOCK";
    private const int VersionBytes = 8;

    /// <summary>Whole line pairs, so that writing one instrument does not disturb the readers of its neighbour.</summary>
    private static readonly int Stride =
        (VersionBytes + sizeof(T) + AlignedMemory.LinePairBytes - 1) & -AlignedMemory.LinePairBytes;

    private readonly MappedFile _file;
    private readonly MappedHeader _header;
    private readonly byte* _entries;
    private readonly uint _capacity;
    private bool _disposed;

    private SeqlockTable(MappedFile file)
    {
        _file = file;
        _header = new MappedHeader(file.Pointer);
        _entries = _header.Body;
        _capacity = (uint)_header.Capacity;
    }

    public string Path => _file.Path;

    /// <summary>Entries, 0 to this − 1: the count asked for, rounded up to a power of two.</summary>
    public int Capacity => (int)_capacity;

    public long Generation => _header.Generation;

    public int ProducerPid => _header.ProducerPid;

    /// <summary>True when the writer closed the table or a new table took its name: open the path again.</summary>
    public bool ProducerGone => _header.State != MappedState.Live;

    /// <summary>Makes the table and becomes its writer; an existing table of that name is superseded.</summary>
    /// <param name="capacity">Entries at least; rounded up to a power of two.</param>
    /// <exception cref="MappedFileException">Folder, permission, room on the disk, or a foreign file of that name.</exception>
    public static SeqlockTable<T> Create(string path, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MappedHeader.CapacityMax);
        var rounded = (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
        return new SeqlockTable<T>(MappedHeader.Create(path, Shape(), rounded, (long)rounded * Stride));
    }

    /// <summary>Attaches to a table of this or another process, read-only.</summary>
    /// <exception cref="MappedFileException">Not there, not a table, another version, another value type, or damaged.</exception>
    public static SeqlockTable<T> Open(string path) => new(MappedHeader.Open(path, Shape()));

    /// <summary>Replaces one snapshot. The writer's thread only; never waits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such entry: the caller's mistake.</exception>
    /// <exception cref="InvalidOperationException">The table was opened for reading.</exception>
    public void Write(int index, in T value)
    {
        if (!_file.IsWritable) ThrowNotWriter();
        var version = Entry(index);
        var current = *version;
        Volatile.Write(ref *version, current + 1);
        // The odd version is visible before any byte of the value. Partner: the read barrier in Read.
        Volatile.WriteBarrier();
        *(T*)(version + 1) = value;
        // Release: the value is visible before the even version. Partner: the first load in Read.
        Volatile.Write(ref *version, current + 2);
    }

    /// <summary>Copies one snapshot, whole or not at all. Any thread, any process; allocates nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such entry.</exception>
    public SeqlockResult Read(int index, out T value)
    {
        var version = Entry(index);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var before = Volatile.Read(ref *version);
            if (before == 0)
            {
                value = default;
                return SeqlockResult.NeverWritten;
            }

            if ((before & 1) != 0)
            {
                // The pause also yields the line to the writer, who is on it.
                Thread.SpinWait(1);
                continue;
            }

            value = *(T*)(version + 1);
            // The copy is complete before the second look. Partner: the write barrier in Write.
            Volatile.ReadBarrier();
            if (Volatile.Read(ref *version) == before) return SeqlockResult.Read;
        }

        value = default;
        return SeqlockResult.Busy;
    }

    /// <summary>True with a whole value; false when there is none yet or the writer was busy (see <see cref="Read"/>).</summary>
    public bool TryRead(int index, out T value) => Read(index, out value) == SeqlockResult.Read;

    /// <summary>How often the entry was written: a poller skips what has not changed.</summary>
    public long Writes(int index) => Volatile.Read(ref *Entry(index)) >> 1;

    /// <summary>The owner of the pointer goes: not while a thread still reads through this object.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_file.IsWritable && _header.State == MappedState.Live) _header.State = MappedState.Closed;
        _file.Dispose();
    }

    private long* Entry(int index)
    {
        if ((uint)index >= _capacity || _disposed) ThrowUnusable(index);
        return (long*)(_entries + (long)index * Stride);
    }

    private void ThrowUnusable(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        throw new ArgumentOutOfRangeException(nameof(index), $"Entry must be from 0 to {_capacity - 1}, was {index}.");
    }

    private void ThrowNotWriter() =>
        throw new InvalidOperationException($"{Path} was opened for reading; only the process that created it writes.");

    private static MappedShape Shape() => new(Kind, FormatVersion, Stride, sizeof(T), typeof(T).ToString());
}
