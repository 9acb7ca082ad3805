using System.Runtime.InteropServices;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>
/// One reader of a <see cref="BroadcastRing{T}"/>: a cursor in its own memory, moved by one thread. The producer does not know
/// that it exists. At every moment <c>Start + ReadTotal + LostTotal + SkippedTotal == Cursor</c>, so a reader that has caught
/// up accounts for every published event (R29, R30).
/// </summary>
public sealed unsafe class RingReader<T> : IDisposable where T : unmanaged
{
    /// <summary>Copies that were overtaken are retried so often; then the call returns empty-handed, its loss counted.</summary>
    private const int AttemptsMax = 4;

    /// <summary>A lapped reader resumes 1/8 of the ring behind the edge: at the edge itself it would be lapped again while copying.</summary>
    private const int HeadRoomDivisor = 8;

    private readonly MappedFile _file;
    private readonly byte* _slots;
    private readonly int _capacity;
    private MappedHeader _header;
    private long* _claimed;
    private long* _published;
    private ReaderState _state;
    private bool _disposed;

    internal RingReader(MappedFile file, bool fromOldest)
    {
        _file = file;
        _header = new MappedHeader(file.Pointer);
        _slots = _header.Body;
        _capacity = _header.Capacity;
        _claimed = _header.Claimed;
        _published = _header.Published;
        Start = fromOldest ? Math.Max(0, Volatile.Read(ref *_claimed) - _capacity) : Volatile.Read(ref *_published);
        _state.Cursor = Start;
    }

    /// <summary>The sequence (from 0) this reader began with.</summary>
    public long Start { get; }

    /// <summary>The sequence (from 0) of the next event to read.</summary>
    public long Cursor => _state.Cursor;

    public long ReadTotal => _state.Read;

    /// <summary>Events that were overwritten before this reader came to them.</summary>
    public long LostTotal => _state.Lost;

    /// <summary>Events this reader passed over by its own decision (<see cref="SkipToLatest"/>).</summary>
    public long SkippedTotal => _state.Skipped;

    /// <summary>Times this reader was lapped.</summary>
    public long Laps => _state.Laps;

    /// <summary>Events published and not yet read; more than the capacity when lapped. Needs the mapping.</summary>
    public long Lag => Volatile.Read(ref *_published) - _state.Cursor;

    public long Generation => _header.Generation;

    public int ProducerPid => _header.ProducerPid;

    /// <summary>
    /// True when the producer closed this ring or a new one took its name. Drain first, then open the path again.
    /// A producer that was killed says nothing: see <see cref="IsProducerSilent"/>.
    /// </summary>
    public bool ProducerGone => _header.State != MappedState.Live;

    public MappedState State => _header.State;

    /// <summary>The producer's last sign of life on this host's monotonic clock.</summary>
    public long HeartbeatNs => Volatile.Read(ref *_header.HeartbeatNs);

    /// <summary>True when the producer has beaten once and then not for longer than the limit.</summary>
    public bool IsProducerSilent(long nowNs, long limitNs) => HeartbeatNs is var beat && beat != 0 && nowNs - beat > limitNs;

    /// <summary>Copies the next events; never waits and allocates nothing.</summary>
    /// <param name="destination">Takes as many as fit.</param>
    /// <param name="lost">Events overwritten before they could be read, since the last call; they lie before the returned ones.</param>
    /// <returns>How many were copied, each of them whole. Zero: nothing new, or (lost &gt; 0) overtaken again and again.</returns>
    public int Read(Span<T> destination, out long lost)
    {
        lost = 0;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            // Acquire: whatever is published is whole in memory. Partner: the release store in PublishPart.
            var published = Volatile.Read(ref *_published);
            var available = published - _state.Cursor;
            if (available > _capacity)
            {
                lost += Resynchronise();
                continue;
            }

            var count = (int)Math.Min(available, destination.Length);
            // Negative only if a foreign hand wrote into the file: then there is nothing to read.
            if (count <= 0) return 0;
            CopyOut(_state.Cursor, destination[..count]);
            if (IsWhole(_state.Cursor))
            {
                _state.Cursor += count;
                _state.Read += count;
                return count;
            }

            lost += Resynchronise();
        }

        return 0;
    }

    /// <summary>
    /// The next events where they lie, without a copy, up to the end of the ring. The producer may overwrite them at any time,
    /// so nothing seen here is true until <see cref="TryAdvance"/> says so: compute, advance, then act. On the producer's own
    /// thread (inline plan) nothing can overwrite them in between.
    /// </summary>
    /// <exception cref="NotSupportedException">The event's size is not a multiple of 64 bytes, so slots have gaps.</exception>
    public ReadOnlySpan<T> Peek(int countMax, out long lost)
    {
        if (!BroadcastRing<T>.Packed) throw new NotSupportedException($"{typeof(T).Name} has {sizeof(T)} bytes; peeking needs a multiple of 64.");
        lost = 0;
        var available = Volatile.Read(ref *_published) - _state.Cursor;
        if (available > _capacity)
        {
            lost = Resynchronise();
            available = Volatile.Read(ref *_published) - _state.Cursor;
            if (available > _capacity) return default;
        }

        var index = (int)(_state.Cursor & (_capacity - 1));
        var count = (int)Math.Min(Math.Min(available, countMax), _capacity - index);
        return count <= 0 ? default : new ReadOnlySpan<T>(_slots + (long)index * BroadcastRing<T>.SlotStride, count);
    }

    /// <summary>Ends a <see cref="Peek"/>: true when the peeked events were whole all the time; they are then read.</summary>
    /// <param name="lost">When false: how many events were overwritten. Throw away what was computed from the peek.</param>
    public bool TryAdvance(int count, out long lost)
    {
        lost = 0;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)count, (ulong)Math.Max(0, Lag), nameof(count));
        if (!IsWhole(_state.Cursor))
        {
            lost = Resynchronise();
            return false;
        }

        _state.Cursor += count;
        _state.Read += count;
        return true;
    }

    /// <summary>Passes over everything published so far, for a reader that wants the present only. Returns how many.</summary>
    public long SkipToLatest()
    {
        var skipped = Math.Max(0, Lag);
        _state.Cursor += skipped;
        _state.Skipped += skipped;
        return skipped;
    }

    /// <summary>
    /// Ends reading, on the reader's thread. The totals stay readable; everything that needs the mapping throws
    /// <see cref="NullReferenceException"/> from then on, which costs the hot path no check and is better than a dead process.
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _header = default;
        _claimed = null;
        _published = null;
        _file.Dispose();
    }

    /// <summary>Whether everything loaded so far from this sequence on was not being overwritten.</summary>
    private bool IsWhole(long sequence)
    {
        // The slot loads are done before the claim is loaded. Partner: the write barrier in BroadcastRing.Claim.
        Volatile.ReadBarrier();
        return sequence >= Volatile.Read(ref *_claimed) - _capacity;
    }

    /// <summary>Moves the cursor to safety behind the producer and counts what lies between.</summary>
    private long Resynchronise()
    {
        // The claim leads the published count by less than a quarter of the ring, so the new cursor is a published sequence.
        var cursor = Volatile.Read(ref *_claimed) - _capacity + _capacity / HeadRoomDivisor;
        var lost = Math.Max(0, cursor - _state.Cursor);
        _state.Cursor += lost;
        _state.Lost += lost;
        _state.Laps++;
        return lost;
    }

    private void CopyOut(long sequence, Span<T> destination)
    {
        var index = (int)(sequence & (_capacity - 1));
        if (BroadcastRing<T>.Packed)
        {
            var first = Math.Min(destination.Length, _capacity - index);
            new ReadOnlySpan<T>(_slots + (long)index * BroadcastRing<T>.SlotStride, first).CopyTo(destination);
            new ReadOnlySpan<T>(_slots, destination.Length - first).CopyTo(destination[first..]);
            return;
        }

        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = *(T*)(_slots + ((index + i) & (_capacity - 1)) * (long)BroadcastRing<T>.SlotStride);
        }
    }
}

/// <summary>The reader's words on line pairs of their own: monitors load the object's other fields.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * AlignedMemory.LinePairBytes)]
internal struct ReaderState
{
    [FieldOffset(AlignedMemory.LinePairBytes)] public long Cursor;
    [FieldOffset(AlignedMemory.LinePairBytes + 8)] public long Read;
    [FieldOffset(AlignedMemory.LinePairBytes + 16)] public long Lost;
    [FieldOffset(AlignedMemory.LinePairBytes + 24)] public long Skipped;
    [FieldOffset(AlignedMemory.LinePairBytes + 32)] public long Laps;
}
