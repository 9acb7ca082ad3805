using System.Runtime.InteropServices;
using Penstock.Infrastructure.Memory;

namespace Penstock.Infrastructure.Rings;

/// <summary>
/// The indices of a bounded queue: what the producer writes and what the consumer writes are a line pair apart, each beside
/// its private copy of the other's index, so that most calls touch no line of the other side.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 4 * AlignedMemory.LinePairBytes)]
internal struct QueueIndices
{
    /// <summary>Written by the producer(s): the sequence of the next free slot.</summary>
    [FieldOffset(AlignedMemory.LinePairBytes)] public long Tail;

    /// <summary>Producer's copy of <see cref="Head"/>, refreshed only when the queue looks full.</summary>
    [FieldOffset(AlignedMemory.LinePairBytes + 8)] public long HeadSeen;

    /// <summary>Written by the producer(s): enqueues refused because the queue was full.</summary>
    [FieldOffset(AlignedMemory.LinePairBytes + 16)] public long Rejected;

    /// <summary>Written by the consumer: the sequence of the next element to take.</summary>
    [FieldOffset(2 * AlignedMemory.LinePairBytes)] public long Head;

    /// <summary>Consumer's copy of <see cref="Tail"/>, refreshed only when the queue looks empty.</summary>
    [FieldOffset(2 * AlignedMemory.LinePairBytes + 8)] public long TailSeen;
}
