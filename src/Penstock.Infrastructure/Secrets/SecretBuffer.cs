using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Infrastructure.Secrets;

/// <summary>
/// Bytes nobody else may see (R146): outside the managed heap, so that no collection leaves a copy behind; on pages of their own
/// that the system is asked to keep out of swap, core dumps and child processes; zeroed when disposed. One owner, one thread.
/// </summary>
/// <remarks>
/// No finalizer on purpose: it could unmap the page under a span still in use. A forgotten buffer lives as long as the process.
/// </remarks>
public sealed unsafe class SecretBuffer : IDisposable
{
    /// <summary>More than any key, PEM block or passphrase needs.</summary>
    public const int CapacityMax = 64 << 10;

    private const int PageBytes = 4096;
    private const int ReadAndWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int DontDump = 16;
    private const int WipeOnFork = 18;

    private readonly int _mapped;
    private byte* _pointer;

    /// <param name="capacity">Bytes it can hold, up to <see cref="CapacityMax"/>.</param>
    public SecretBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, CapacityMax);
        Capacity = capacity;
        if (capacity == 0) return;
        _mapped = Math.Max(PageBytes, (capacity + PageBytes - 1) / PageBytes * PageBytes);
        _pointer = OperatingSystem.IsLinux() ? MapPages(_mapped) : (byte*)NativeMemory.AllocZeroed((nuint)_mapped);
    }

    public int Capacity { get; }

    public int Length { get; private set; }

    /// <summary>What was appended so far; valid until <see cref="Dispose"/>.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == null && Capacity > 0, this);
            return new Span<byte>(_pointer, Length);
        }
    }

    public static SecretBuffer Copy(ReadOnlySpan<byte> bytes)
    {
        var buffer = new SecretBuffer(bytes.Length);
        buffer.TryAppend(bytes);
        return buffer;
    }

    /// <summary>The text as UTF-8.</summary>
    public static SecretBuffer FromText(ReadOnlySpan<char> text)
    {
        var buffer = new SecretBuffer(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, buffer.Extend(buffer.Capacity));
        return buffer;
    }

    /// <summary>False, and nothing appended, when it does not fit.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Capacity - Length) return false;
        bytes.CopyTo(Extend(bytes.Length));
        return true;
    }

    /// <summary>Makes the next bytes part of the content and returns them, zeroed or as they were before <see cref="Truncate"/>.</summary>
    public Span<byte> Extend(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity - Length);
        Length += count;
        return Span[^count..];
    }

    /// <summary>Cuts the content to its first bytes and zeroes the rest.</summary>
    public void Truncate(int length)
    {
        CryptographicOperations.ZeroMemory(Span[length..]);
        Length = length;
    }

    /// <summary>Takes away one line end: files and terminals put one behind what is meant.</summary>
    public SecretBuffer TrimLineEnd()
    {
        if (Length > 0 && Span[^1] == '\n') Truncate(Length - 1);
        if (Length > 0 && Span[^1] == '\r') Truncate(Length - 1);
        return this;
    }

    /// <summary>A copy on the managed heap, which nobody can zero: only for interfaces that take nothing else.</summary>
    public string ToText() => Encoding.UTF8.GetString(Span);

    /// <summary>Never the content.</summary>
    public override string ToString() => "(secret)";

    public void Dispose()
    {
        if (_pointer == null) return;
        CryptographicOperations.ZeroMemory(new Span<byte>(_pointer, Capacity));
        if (OperatingSystem.IsLinux()) _ = munmap(_pointer, (nuint)_mapped);
        else NativeMemory.Free(_pointer);
        _pointer = null;
        Length = 0;
    }

    private static byte* MapPages(int bytes)
    {
        var pages = mmap(null, (nuint)bytes, ReadAndWrite, PrivateAnonymous, -1, 0);
        if ((nint)pages == -1) throw new OutOfMemoryException("The system gives no page for a secret.");
        // Wishes: a container may forbid locking, and an old kernel know none of them. Zeroing does not depend on them.
        _ = mlock(pages, (nuint)bytes);
        _ = madvise(pages, (nuint)bytes, DontDump);
        _ = madvise(pages, (nuint)bytes, WipeOnFork);
        return (byte*)pages;
    }

    [DllImport("libc")]
    private static extern void* mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport("libc")]
    private static extern int munmap(void* address, nuint length);

    [DllImport("libc")]
    private static extern int mlock(void* address, nuint length);

    [DllImport("libc")]
    private static extern int madvise(void* address, nuint length, int advice);
}
