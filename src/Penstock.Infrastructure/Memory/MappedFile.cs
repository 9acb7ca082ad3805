using System.IO.MemoryMappedFiles;

namespace Penstock.Infrastructure.Memory;

/// <summary>
/// A file of fixed length in the address space of this process. Its bytes survive the process, and other processes see each
/// store as soon as the memory system does: no call, no copy.
/// </summary>
/// <remarks>
/// The pointer is bare, for speed; touching it after the last owner has gone kills the process. Whoever keeps a pointer
/// therefore takes a reference (<see cref="AddReference"/>), and the file is unmapped when the last one is released.
/// </remarks>
public sealed unsafe class MappedFile : IDisposable
{
    /// <summary>More than any ring or counter file needs; a larger length is a mistake in a configuration.</summary>
    public const long LengthBytesMax = 1L << 36;

    private const int PageBytes = 4096;

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private int _references = 1;

    private MappedFile(string path, long lengthBytes, bool writable, MemoryMappedFile mapping)
    {
        var access = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        Path = path;
        LengthBytes = lengthBytes;
        IsWritable = writable;
        _mapping = mapping;
        _view = mapping.CreateViewAccessor(0, lengthBytes, access);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    public string Path { get; private set; }

    /// <summary>Page aligned. Valid until the last reference is gone, then null.</summary>
    public byte* Pointer { get; private set; }

    public long LengthBytes { get; }

    public bool IsWritable { get; }

    /// <summary>
    /// Makes a zeroed file, every block of it reserved on the disk and every page of it present, so that neither a full disk
    /// nor a page fault meets the hot path later. A file of that name is removed first; who has it mapped keeps it.
    /// </summary>
    /// <exception cref="MappedFileException">Folder missing or not writable, or no room.</exception>
    public static MappedFile Create(string path, long lengthBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytesMax);
        try
        {
            File.Delete(path);
            var handle = File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, lengthBytes);
            RandomAccess.SetLength(handle, lengthBytes);
            var mapping = MemoryMappedFile.CreateFromFile(
                handle, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
            var file = new MappedFile(path, lengthBytes, writable: true, mapping);
            for (long offset = 0; offset < lengthBytes; offset += PageBytes) file.Pointer[offset] = 0;
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explain("create", path, error);
        }
    }

    /// <summary>Maps a file that another process (or this one) made.</summary>
    /// <exception cref="MappedFileException">Not there, not readable, or empty.</exception>
    public static MappedFile Open(string path, bool writable)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var access = writable ? FileAccess.ReadWrite : FileAccess.Read;
            var handle = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            if (length == 0)
            {
                handle.Dispose();
                throw new MappedFileException(MappedFileFault.Damaged, path, $"Cannot open {path}: the file is empty.");
            }

            var mappedAccess = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
            var mapping = MemoryMappedFile.CreateFromFile(
                handle, null, 0, mappedAccess, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(path, length, writable, mapping);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not MappedFileException)
        {
            throw Explain("open", path, error);
        }
    }

    /// <summary>
    /// Gives the file its final name in one step, replacing what was there: nobody ever opens a half-made file, and who had
    /// the old one mapped keeps the old bytes instead of having them cut away below them (which would be a SIGBUS).
    /// </summary>
    public void MoveTo(string path)
    {
        try
        {
            File.Move(Path, path, overwrite: true);
            Path = path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explain("create", path, error);
        }
    }

    /// <summary>One more owner of the pointer. Not after the last one has gone.</summary>
    public MappedFile AddReference()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _references) <= 1, this);
        return this;
    }

    /// <summary>Releases one reference; the last one unmaps. Each owner calls it exactly once.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        Pointer = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }

    private static MappedFileException Explain(string verb, string path, Exception error)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        var (fault, why) = error switch
        {
            FileNotFoundException => (MappedFileFault.NotFound, "there is no such file. Is its producer running, and in this folder?"),
            DirectoryNotFoundException when verb == "open" => (MappedFileFault.NotFound, $"the folder {folder} does not exist."),
            DirectoryNotFoundException => (MappedFileFault.NotPermitted, $"the folder {folder} does not exist. Create it first."),
            UnauthorizedAccessException => (MappedFileFault.NotPermitted, $"no permission. Check the owner and mode of {folder}."),
            _ when error.HResult == DiskFullHResult || error.HResult == DiskFullErrno =>
                (MappedFileFault.NoSpace, $"the disk of {folder} has no room for it."),
            _ => (MappedFileFault.NotPermitted, error.Message),
        };
        return new MappedFileException(fault, path, $"Cannot {verb} {path}: {why}", error);
    }

    /// <summary>ERROR_DISK_FULL as an HRESULT: what the runtime reports on every system when it reserves the blocks.</summary>
    private const int DiskFullHResult = unchecked((int)0x80070070);

    /// <summary>ENOSPC, as other file calls report it on Unix.</summary>
    private const int DiskFullErrno = 28;
}
