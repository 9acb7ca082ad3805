using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>
/// One producer, any number of readers in any process, and nobody who can make the producer wait (R25–R32).
/// <para>
/// The ring is a mapped file of 2ⁿ slots. The producer writes event <c>s</c> into slot <c>s mod 2ⁿ</c> and never looks at a
/// reader: there is no reader state it could look at. A reader keeps its cursor in its own memory. If it is slower than one
/// lap, its oldest unread events are overwritten; it notices, and knows exactly how many it lost. That is the spillway: what
/// does not fit goes over it, counted, instead of standing in a queue and growing old (latency before completeness, R31).
/// </para>
/// <code>
///                     oldest whole                        cursor of a reader       published      claimed
///                          │                                     │                     │             │
///   ──────────────┬────────▼──────────────────────────────┬──────▼─────────────────────▼─────────────▼───────
///     overwritten │  may change under a reader's eyes: no │  whole, to be read         │ being written / free
///   ──────────────┴───────────────────────────────────────┴────────────────────────────┴─────────────────────
///                 claimed − capacity                                                     sequence, grows →
///
///   file:  [ header 4096 │ claimed on its own line pair │ published on its own │ heartbeat on its own ]
///          [ slot 0 ][ slot 1 ] … [ slot 2ⁿ−1 ]          every slot begins on a 64-byte line
/// </code>
/// <para>
/// Two counters make it safe. <c>claimed</c> is the tail intent: before any byte of an event is written, the producer says how
/// far it is going to write. <c>published</c> says how far reading makes sense. A reader takes <c>published</c>, copies, and
/// only then looks at <c>claimed</c>: whatever it copied from sequences at or above <c>claimed − capacity</c> was not being
/// overwritten. The producer claims ahead of its need by up to <see cref="ClaimAheadMax"/> events, so that most publishes touch
/// the claim line not at all; the price is that much less effective capacity.
/// </para>
/// <para>
/// Memory order, for processors weaker than x64. Producer: store claimed · <see cref="Volatile.WriteBarrier"/> · store slots ·
/// release-store published. Reader: acquire-load published · load slots · <see cref="Volatile.ReadBarrier"/> · load claimed.
/// The release store of published pairs with the acquire load: what is published is seen whole. The two barriers pair: a reader
/// that saw one byte of a newer event also sees the claim that came before it. A release store of claimed alone would not do:
/// on ARM64 later stores may overtake it (stlr orders what is before it, not what is after).
/// </para>
/// <para>
/// Restart: creating a ring over an existing one makes a new file with the next generation and renames it into place; readers
/// of the old one drain what they have and see <see cref="RingReader{T}.ProducerGone"/>. A producer that died without a word
/// is known by its heartbeat and pid. Put ring files on tmpfs (/dev/shm) where there is one: write-back of dirty pages to a
/// disk can stall a store.
/// </para>
/// </summary>
/// <typeparam name="T">Unmanaged and free of pointers: a reader may copy a torn one before it throws it away.</typeparam>
public sealed unsafe class BroadcastRing<T> : IDisposable where T : unmanaged
{
    /// <summary>Below this, claim-ahead and head room would be nothing.</summary>
    public const int CapacityMin = 8;

    /// <summary>Events claimed beyond the need, at most; an eighth of a small ring.</summary>
    public const int ClaimAheadMax = 256;

    private const int FormatVersion = 1;
    private const string Kind = "RING";
    private const int SlotAlignment = 64;

    /// <summary>A batch is published in parts of at most capacity / 8, so the readers' window shrinks by no more than that.</summary>
    private const int PartsPerRing = 8;

    private static readonly int Stride = (sizeof(T) + SlotAlignment - 1) & -SlotAlignment;

    /// <summary>True where slots lie one after the other without a gap: whole batches are copied, and a reader may peek.</summary>
    internal static readonly bool Packed = Stride == sizeof(T);

    private readonly MappedFile _file;
    private readonly byte* _slots;
    private readonly int _mask;
    private readonly int _partMax;
    private readonly int _claimAhead;
    private readonly long* _claimedInFile;
    private readonly long* _publishedInFile;
    private MappedHeader _header;
    private ProducerState _producer;
    private long _publishedAtEnd;
    private bool _disposed;

    private BroadcastRing(MappedFile file)
    {
        _file = file;
        _header = new MappedHeader(file.Pointer);
        _slots = _header.Body;
        _mask = _header.Capacity - 1;
        _partMax = _header.Capacity / PartsPerRing;
        _claimAhead = Math.Min(ClaimAheadMax, _header.Capacity / PartsPerRing);
        _claimedInFile = _header.Claimed;
        _publishedInFile = _header.Published;
        // A ring opened for reading refuses to publish without a check of its own on the hot path: the claim is never enough.
        _producer.Claimed = file.IsWritable ? 0 : -1;
    }

    public string Path => _file.Path;

    public int Capacity => _mask + 1;

    /// <summary>A reader that is never further behind than this never loses an event.</summary>
    public int LosslessLagMax => Capacity - _claimAhead - _partMax;

    /// <summary>1 for the first ring of this name, one more for each that replaced it.</summary>
    public long Generation => _header.Generation;

    public int ProducerPid => _header.ProducerPid;

    /// <summary>Superseded, seen by a producer, says that another process took its name: it should stop.</summary>
    public MappedState State => _header.State;

    /// <summary>The producer's monotonic clock at its last <see cref="Heartbeat"/>; comparable on this host. 0 before the first.</summary>
    public long HeartbeatNs => Volatile.Read(ref *_header.HeartbeatNs);

    /// <summary>Events published since the ring was made.</summary>
    public long Published => _disposed ? _publishedAtEnd : Volatile.Read(ref *_publishedInFile);

    /// <summary>Makes the ring and becomes its producer. An existing ring of that name is superseded, not written over.</summary>
    /// <param name="capacity">Slots; a power of two from <see cref="CapacityMin"/>.</param>
    /// <exception cref="MappedFileException">Folder, permission, room on the disk, or a foreign file of that name.</exception>
    public static BroadcastRing<T> Create(string path, int capacity)
    {
        if (capacity is < CapacityMin or > MappedHeader.CapacityMax || !BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity),
                $"Capacity must be a power of two from {CapacityMin} to {MappedHeader.CapacityMax}, was {capacity}.");
        }

        return new BroadcastRing<T>(MappedHeader.Create(path, Shape(), capacity, (long)capacity * Stride));
    }

    /// <summary>Attaches to a ring of this or another process, read-only: nothing done here can disturb the producer.</summary>
    /// <exception cref="MappedFileException">Not there, not a ring, another version, another event type, or damaged.</exception>
    public static BroadcastRing<T> Open(string path)
    {
        var file = MappedHeader.Open(path, Shape());
        var header = new MappedHeader(file.Pointer);
        if (header.Capacity >= CapacityMin && header.BodyBytes == (long)header.Capacity * Stride) return new BroadcastRing<T>(file);
        var fault = MappedHeader.Fault(path, Kind, MappedFileFault.Damaged,
            $"{header.Capacity} slots of {Stride} bytes do not make its body of {header.BodyBytes} bytes.");
        file.Dispose();
        throw fault;
    }

    /// <summary>Publishes in order; returns at once whatever the readers do. The producer's thread only.</summary>
    /// <param name="batch">Any length; one call per socket read is what makes the ring fast.</param>
    public void Publish(ReadOnlySpan<T> batch)
    {
        while (batch.Length > _partMax)
        {
            PublishPart(batch[.._partMax]);
            batch = batch[_partMax..];
        }

        if (!batch.IsEmpty) PublishPart(batch);
    }

    /// <summary>Publishes one. The producer's thread only.</summary>
    public void Publish(in T item) => PublishPart(new ReadOnlySpan<T>(in item));

    /// <summary>Says that the producer lives, quiet market or not: once per duty cycle of its agent, not per event.</summary>
    public void Heartbeat(long nowNs) => Volatile.Write(ref *_header.HeartbeatNs, nowNs);

    /// <summary>A reader with its own cursor. It keeps the mapping alive after this object is disposed.</summary>
    /// <param name="fromOldest">Begin with the oldest event that is still whole instead of the next one to come.</param>
    public RingReader<T> CreateReader(bool fromOldest = false)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new RingReader<T>(_file.AddReference(), fromOldest);
    }

    /// <summary>The producer closes the ring: readers drain it and see <see cref="RingReader{T}.ProducerGone"/>. The file stays.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        if (_file.IsWritable && _header.State == MappedState.Live) _header.State = MappedState.Closed;
        _publishedAtEnd = Published;
        _disposed = true;
        _producer.Claimed = -1;
        _producer.Next = 0;
        // Cold members now throw NullReferenceException instead of touching unmapped memory.
        _header = default;
        _file.Dispose();
    }

    private void PublishPart(ReadOnlySpan<T> part)
    {
        var end = _producer.Next + part.Length;
        if (end > _producer.Claimed) Claim(end);
        CopyIn(_producer.Next, part);
        _producer.Next = end;
        // Release: the slots are visible before the count. Partner: the acquire load in RingReader.
        Volatile.Write(ref *_publishedInFile, end);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Claim(long end)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_file.IsWritable) throw new InvalidOperationException($"{Path} was opened for reading; only the process that created it publishes.");
        _producer.Claimed = end + _claimAhead;
        Volatile.Write(ref *_claimedInFile, _producer.Claimed);
        // The claim is visible before any slot store that follows. Partner: the read barrier in RingReader, before it loads the claim.
        Volatile.WriteBarrier();
    }

    private void CopyIn(long sequence, ReadOnlySpan<T> part)
    {
        var index = (int)sequence & _mask;
        if (part.Length == 1)
        {
            *(T*)(_slots + (long)index * Stride) = part[0];
        }
        else if (Packed)
        {
            var first = Math.Min(part.Length, Capacity - index);
            part[..first].CopyTo(new Span<T>(_slots + (long)index * Stride, first));
            part[first..].CopyTo(new Span<T>(_slots, part.Length - first));
        }
        else
        {
            for (var i = 0; i < part.Length; i++) *(T*)(_slots + (((sequence + i) & _mask) * Stride)) = part[i];
        }
    }

    internal static int SlotStride => Stride;

    private static MappedShape Shape() => new(Kind, FormatVersion, Stride, sizeof(T), typeof(T).ToString());
}

/// <summary>The producer's private words, a line pair away from the fields that readers' constructors and monitors load.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * AlignedMemory.LinePairBytes)]
internal struct ProducerState
{
    [FieldOffset(AlignedMemory.LinePairBytes)] public long Next;
    [FieldOffset(AlignedMemory.LinePairBytes + 8)] public long Claimed;
}
