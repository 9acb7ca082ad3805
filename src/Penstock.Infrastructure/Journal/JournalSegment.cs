using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>
/// A segment being written: the file, allocated by writing zeros over its whole length (so that no later sync has to change the
/// file system's own journal), and its memory. Made by whoever prepares it, filled by the writer, flushed and disposed by the
/// committer.
/// </summary>
internal sealed unsafe class JournalSegment : IDisposable
{
    /// <summary>One step of writing zeros; short enough for an agent that shares its thread.</summary>
    public const int FillBytes = 1 << 20;

    public const int PageBytes = 4096;

    private static readonly byte[] Zeros = new byte[FillBytes];

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly FileStream _file;
    private JournalSegment? _next;
    private nint _end;

    private JournalSegment(FileStream file, string path, long bytes)
    {
        _file = file;
        Path = path;
        Bytes = bytes;
        _mapping = MemoryMappedFile.CreateFromFile(
            file, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.ReadWrite);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    public byte* Pointer { get; }

    public long Bytes { get; }

    public string Path { get; set; }

    /// <summary>The memory is gone; guarded by the writer's release gate.</summary>
    public bool Released { get; private set; }

    /// <summary>0 until the writer starts it.</summary>
    public long Number { get; set; }

    public SafeFileHandle File => _file.SafeFileHandle;

    /// <summary>Where the next record goes. Written by the writer after the record.</summary>
    public byte* End
    {
        get => (byte*)Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, (nint)value);
    }

    /// <summary>As <see cref="End"/>, from the segment's first byte. Read by committer and preparer.</summary>
    public long EndOffset => End - Pointer;

    /// <summary>The segment the writer went on in; set by the writer, awaited by the committer.</summary>
    public JournalSegment? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    public static FileStream Create(string path)
        => new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Writes the next piece of zeros; true when the file is whole.</summary>
    public static bool FillStep(FileStream file, ref long filled, long bytes)
    {
        var step = (int)Math.Min(FillBytes, bytes - filled);
        RandomAccess.Write(file.SafeFileHandle, Zeros.AsSpan(0, step), filled);
        filled += step;
        return filled == bytes;
    }

    /// <summary>Maps a filled file and touches every page for writing, so the writer meets no page fault.</summary>
    public static JournalSegment Map(FileStream file, string path, long bytes)
    {
        var segment = new JournalSegment(file, path, bytes);
        for (long at = 0; at < bytes; at += PageBytes)
        {
            segment.Touch(at);
        }

        return segment;
    }

    /// <summary>
    /// Makes a page present and writable without changing it. Adding zero atomically cannot lose a store of the writer's; a
    /// plain read-and-write-back could.
    /// </summary>
    public void Touch(long offset) => Interlocked.Add(ref *(long*)(Pointer + (offset & ~7L)), 0);

    public void StoreWord(int at, ulong word) => Volatile.Write(ref *(ulong*)(Pointer + at), word);

    /// <summary>Stores the seal; the word that makes it valid goes last.</summary>
    public void Seal(SealKind kind, long finalSequence, uint finalCrc)
    {
        var header = new Span<byte>(Pointer, JournalFormat.SegmentHeaderBytes);
        var word = JournalFormat.PrepareSeal(header, Number, new SegmentSeal(kind, EndOffset, finalSequence, finalCrc));
        StoreWord(JournalFormat.SealWordAt, word);
    }

    /// <summary>Gives the memory back and cuts the unused rest of the file.</summary>
    public void DisposeAndTruncate()
    {
        Unmap();
        RandomAccess.SetLength(_file.SafeFileHandle, TruncatedBytes(EndOffset, Bytes));
        _file.Dispose();
    }

    /// <summary>Length of a closed segment's file: whole pages, with room for the empty word that ends it.</summary>
    public static long TruncatedBytes(long endOffset, long segmentBytes)
        => Math.Min(segmentBytes, (endOffset + 8 + PageBytes - 1) / PageBytes * PageBytes);

    public void Dispose()
    {
        Unmap();
        _file.Dispose();
    }

    private void Unmap()
    {
        Released = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }
}
