using System.Numerics;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>
/// A bounded queue from one thread to one other (R34): loss is not allowed here, so a full queue refuses and counts, and the
/// producer decides what that means (R30).
/// <code>
///   consumer writes head ─┐                     ┌─ producer writes tail
///                         ▼                     ▼
///   ……… free ……… │ h │ to be taken │ … │ t │ ……… free ………      slot = sequence mod 2ⁿ
/// </code>
/// The release store of tail publishes the slot to the consumer's acquire load; the release store of head hands it back.
/// </summary>
/// <typeparam name="T">Of any size: large ones are written and read in place with <see cref="TryClaim"/> and <see cref="Peek"/>.</typeparam>
public sealed unsafe class SpscQueue<T> : IDisposable where T : unmanaged
{
    /// <summary>More is not a buffer any more but a way to hide overload.</summary>
    public const int CapacityMax = 1 << 24;

    private readonly AlignedMemory _memory;
    private readonly T* _slots;
    private readonly int _mask;
    private QueueIndices _indices;

    /// <param name="capacity">A power of two; all memory is taken now.</param>
    public SpscQueue(int capacity)
    {
        if (capacity is < 1 or > CapacityMax || !BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), $"Capacity must be a power of two up to {CapacityMax}, was {capacity}.");
        }

        _memory = new AlignedMemory((long)capacity * sizeof(T));
        _slots = (T*)_memory.Pointer;
        _mask = capacity - 1;
    }

    public int Capacity => _mask + 1;

    /// <summary>Elements waiting, as seen by any thread at some moment.</summary>
    public int Count => (int)Math.Max(0, Volatile.Read(ref _indices.Tail) - Volatile.Read(ref _indices.Head));

    /// <summary>Elements accepted since the beginning.</summary>
    public long Enqueued => Volatile.Read(ref _indices.Tail);

    public long Dequeued => Volatile.Read(ref _indices.Head);

    /// <summary>Elements refused because the queue was full.</summary>
    public long Rejected => Volatile.Read(ref _indices.Rejected);

    /// <summary>Producer: false, counted, when full.</summary>
    public bool TryEnqueue(in T item)
    {
        var slot = TryClaim();
        if (slot.IsEmpty) return false;
        slot[0] = item;
        Commit();
        return true;
    }

    /// <summary>Producer: the next slot to write in place, empty (and counted) when full. Nothing is visible before <see cref="Commit"/>.</summary>
    public Span<T> TryClaim()
    {
        var tail = _indices.Tail;
        if (tail - _indices.HeadSeen > _mask)
        {
            // Acquire: the consumer is done with the slot before it is written again. Partner: the release store in Release.
            _indices.HeadSeen = Volatile.Read(ref _indices.Head);
            if (tail - _indices.HeadSeen > _mask)
            {
                _indices.Rejected++;
                return default;
            }
        }

        return new Span<T>(_slots + (tail & _mask), 1);
    }

    /// <summary>Producer: hands the claimed slot over. Exactly once after a successful <see cref="TryClaim"/>.</summary>
    public void Commit() => Volatile.Write(ref _indices.Tail, _indices.Tail + 1);

    /// <summary>Consumer: false when empty.</summary>
    public bool TryDequeue(out T item)
    {
        var waiting = Peek();
        if (waiting.IsEmpty)
        {
            item = default;
            return false;
        }

        item = waiting[0];
        Release(1);
        return true;
    }

    /// <summary>Consumer: moves as many as fit; returns how many.</summary>
    public int Drain(Span<T> destination)
    {
        var taken = 0;
        while (taken < destination.Length)
        {
            var waiting = Peek();
            if (waiting.IsEmpty) break;
            var count = Math.Min(waiting.Length, destination.Length - taken);
            waiting[..count].CopyTo(destination[taken..]);
            Release(count);
            taken += count;
        }

        return taken;
    }

    /// <summary>Consumer: the waiting elements in place, up to the end of the memory; valid until <see cref="Release"/>.</summary>
    public ReadOnlySpan<T> Peek()
    {
        var head = _indices.Head;
        if (head == _indices.TailSeen)
        {
            // Acquire: the slots are whole. Partner: the release store in Commit.
            _indices.TailSeen = Volatile.Read(ref _indices.Tail);
        }

        var index = (int)head & _mask;
        var count = (int)Math.Min(_indices.TailSeen - head, Capacity - index);
        return new ReadOnlySpan<T>(_slots + index, count);
    }

    /// <summary>Consumer: hands that many peeked slots back to the producer.</summary>
    public void Release(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)count, (ulong)(_indices.TailSeen - _indices.Head), nameof(count));
        Volatile.Write(ref _indices.Head, _indices.Head + count);
    }

    /// <summary>Frees the memory; both threads must have stopped.</summary>
    public void Dispose() => _memory.Dispose();
}
