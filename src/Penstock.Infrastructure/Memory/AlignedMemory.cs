using System.Runtime.InteropServices;

namespace Penstock.Infrastructure.Memory;

/// <summary>
/// Zeroed native memory that begins on a cache-line-pair border. Managed arrays promise 8 bytes of alignment only, so their
/// slots straddle lines and share them with strangers.
/// </summary>
/// <remarks>
/// There is no finalizer on purpose: it could free the block under a call that still runs on a copied pointer. The owner
/// disposes when its threads have stopped; a forgotten block lives as long as the process, and so do its users.
/// </remarks>
public sealed unsafe class AlignedMemory : IDisposable
{
    /// <summary>Two 64-byte lines: x64 prefetches them in pairs, so fields closer than this still disturb each other.</summary>
    public const int LinePairBytes = 128;

    private byte* _pointer;

    /// <param name="lengthBytes">At least 1.</param>
    /// <param name="alignmentBytes">A power of two.</param>
    /// <exception cref="OutOfMemoryException">The system has no more memory to give.</exception>
    public AlignedMemory(long lengthBytes, int alignmentBytes = LinePairBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1);
        if (alignmentBytes <= 0 || (alignmentBytes & (alignmentBytes - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(alignmentBytes), $"Alignment must be a power of two, was {alignmentBytes}.");
        }

        _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)lengthBytes, (nuint)alignmentBytes);
        NativeMemory.Clear(_pointer, (nuint)lengthBytes);
        LengthBytes = lengthBytes;
    }

    /// <summary>Null after <see cref="Dispose"/>.</summary>
    public byte* Pointer => _pointer;

    public long LengthBytes { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
