using System.Numerics;
using System.Runtime.CompilerServices;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>
/// A bounded queue from any number of threads to one (R34): orders from the strategies, commands from the gateway. After
/// Dmitry Vyukov's bounded queue (1024cores.net, 2010): each slot carries a turn that says whose it is, so producers meet only
/// on the tail and the consumer meets each producer only on its slot.
/// <code>
///   slot i:  [ turn │ element … │ padding ]   on its own line pair
///   turn == s             free for the producer of sequence s     (s mod 2ⁿ == i)
///   turn == s + 1         written, waits for the consumer
///   turn == s + 2ⁿ        taken: free for the next lap
/// </code>
/// A producer that is descheduled between taking its sequence and writing its turn holds back those behind it, but none of
/// the others' enqueues; nobody waits inside a call. First in, first out per producer.
/// </summary>
public sealed unsafe class MpscQueue<T> : IDisposable where T : unmanaged
{
    /// <summary>With fewer than two slots "taken" and "written" would be the same turn.</summary>
    public const int CapacityMin = 2;

    public const int CapacityMax = 1 << 20;

    private const int TurnBytes = 8;

    private static readonly int Stride = (TurnBytes + sizeof(T) + AlignedMemory.LinePairBytes - 1) & -AlignedMemory.LinePairBytes;

    private readonly AlignedMemory _memory;
    private readonly byte* _slots;
    private readonly int _mask;
    private QueueIndices _indices;

    /// <param name="capacity">A power of two; all memory is taken now.</param>
    public MpscQueue(int capacity)
    {
        if (capacity is < CapacityMin or > CapacityMax || !BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity),
                $"Capacity must be a power of two from {CapacityMin} to {CapacityMax}, was {capacity}.");
        }

        _memory = new AlignedMemory((long)capacity * Stride);
        _slots = _memory.Pointer;
        _mask = capacity - 1;
        for (var i = 0; i < capacity; i++) *Turn(i) = i;
    }

    public int Capacity => _mask + 1;

    /// <summary>Elements waiting or being written, as seen by any thread at some moment.</summary>
    public int Count => (int)Math.Max(0, Volatile.Read(ref _indices.Tail) - Volatile.Read(ref _indices.Head));

    public long Enqueued => Volatile.Read(ref _indices.Tail);

    public long Dequeued => Volatile.Read(ref _indices.Head);

    /// <summary>Elements refused because the queue was full.</summary>
    public long Rejected => Volatile.Read(ref _indices.Rejected);

    /// <summary>Any thread: false, counted, when full. Lock-free: a lost race means that another producer got on.</summary>
    public bool TryEnqueue(in T item)
    {
        while (true)
        {
            var tail = Volatile.Read(ref _indices.Tail);
            var turn = Turn(tail);
            // Acquire: the consumer is done with the slot before it is written. Partner: the release store in TryDequeue.
            var ahead = Volatile.Read(ref *turn) - tail;
            if (ahead == 0)
            {
                if (Interlocked.CompareExchange(ref _indices.Tail, tail + 1, tail) != tail) continue;
                // Unaligned by type, not by address: the element begins 8 bytes into a line pair.
                Unsafe.WriteUnaligned(turn + 1, item);
                // Release: the element is whole before its turn says so. Partner: the acquire load in TryDequeue.
                Volatile.Write(ref *turn, tail + 1);
                return true;
            }

            // Behind: the slot still holds the element of the last lap, so the queue is full. Ahead: the tail we read is old.
            if (ahead < 0)
            {
                Interlocked.Increment(ref _indices.Rejected);
                return false;
            }
        }
    }

    /// <summary>The consumer's thread: false when empty, or when the next producer has not finished writing.</summary>
    public bool TryDequeue(out T item)
    {
        var head = _indices.Head;
        var turn = Turn(head);
        if (Volatile.Read(ref *turn) != head + 1)
        {
            item = default;
            return false;
        }

        item = Unsafe.ReadUnaligned<T>(turn + 1);
        Volatile.Write(ref *turn, head + Capacity);
        Volatile.Write(ref _indices.Head, head + 1);
        return true;
    }

    /// <summary>The consumer's thread: moves as many as fit; returns how many.</summary>
    public int Drain(Span<T> destination)
    {
        var taken = 0;
        while (taken < destination.Length && TryDequeue(out destination[taken])) taken++;
        return taken;
    }

    /// <summary>Frees the memory; all threads must have stopped.</summary>
    public void Dispose() => _memory.Dispose();

    private long* Turn(long sequence) => (long*)(_slots + (sequence & _mask) * Stride);
}
