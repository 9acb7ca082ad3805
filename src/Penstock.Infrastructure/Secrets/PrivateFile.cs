using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Penstock.Infrastructure.Problems;

namespace Penstock.Infrastructure.Secrets;

/// <summary>
/// Files only their owner may touch (R143): read after their owner and mode were looked at, through the open file so that nobody
/// can put another in its place; replaced in one step, never half written.
/// </summary>
public static unsafe class PrivateFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int EmptyPath = 0x1000;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const ushort FileTypeMask = 0xF000;
    private const ushort RegularFile = 0x8000;
    private const ushort OthersMask = 0x3F;
    private const int StatxBytes = 256;

    /// <summary>The whole content.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="what">Its name in messages: "the key store".</param>
    /// <param name="mayBeRoots">Accepts a file of root's that the group may read: systemd hands credentials out that way.</param>
    /// <exception cref="Problem">Not there, not ours, open to others, no ordinary file, or too large.</exception>
    public static SecretBuffer Read(string path, string what, bool mayBeRoots = false)
    {
        try
        {
            // A pipe would hold the open call for ever; it is no private file in any case.
            if (File.Exists(path) && (File.GetAttributes(path) & FileAttributes.Device) != 0) throw NotOrdinary(path, what);
            using var handle = File.OpenHandle(path);
            Check(handle, path, what, mayBeRoots);
            var length = RandomAccess.GetLength(handle);
            if (length > SecretBuffer.CapacityMax)
                throw new Problem(ExitCode.Configuration, $"{what} is too large", path, $"it has {length} bytes, at most {SecretBuffer.CapacityMax} are read", "is it the right file?");
            var buffer = new SecretBuffer((int)length);
            while (buffer.Length < length)
            {
                var at = buffer.Length;
                var read = RandomAccess.Read(handle, buffer.Extend((int)length - at), at);
                buffer.Truncate(at + read);
                if (read == 0) break;
            }

            return buffer;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new Problem(ExitCode.NotFound, $"{what} is not there", path, "the file does not exist", "check the path; penstock keys add makes a key store");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Problem(ExitCode.Configuration, $"{what} cannot be read", path, e.Message, $"it must be yours: chown \"$USER\" {path} && chmod 600 {path}");
        }
    }

    /// <summary>Writes a new file beside the old one, makes it durable and lets it take the old one's name (R143).</summary>
    /// <exception cref="Problem">The folder cannot be written; the old file is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.Delete(temporary);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new Problem(ExitCode.Error, "the file cannot be written", path, e.Message, "free space, or make its folder yours; what was there before is unchanged");
        }
    }

    private static void Check(SafeFileHandle handle, string path, string what, bool mayBeRoots)
    {
        if (!OperatingSystem.IsLinux()) return;
        var status = stackalloc byte[StatxBytes];
        fixed (byte* empty = "\0"u8)
        {
            if (statx((int)handle.DangerousGetHandle(), empty, EmptyPath, TypeModeAndOwner, status) != 0)
                throw new Problem(ExitCode.Configuration, $"the owner of {what} cannot be told", path, "the file system does not say", "keep it on a local disk");
        }

        var owner = *(uint*)(status + 20);
        var mode = *(ushort*)(status + 28);
        if ((mode & FileTypeMask) != RegularFile) throw NotOrdinary(path, what);
        var us = geteuid();
        if (owner != us && !(mayBeRoots && owner == 0))
            throw new Problem(ExitCode.Configuration, $"{what} belongs to somebody else", path, $"its owner is user {owner}, this is user {us}", $"chown {us} {path} && chmod 600 {path}");
        var others = mayBeRoots ? OthersMask & ~0x20 : OthersMask;
        if ((mode & others) != 0)
            throw new Problem(ExitCode.Configuration, $"{what} can be read by others", path, $"its mode is {Convert.ToString(mode & 0x1FF, 8)}, it must be 600", $"chmod 600 {path}");
    }

    private static Problem NotOrdinary(string path, string what) =>
        new(ExitCode.Configuration, $"{what} is no ordinary file", path, "a pipe, device or folder has no owner that could be checked", "for a pipe: fd:N");

    /// <summary>A new name is durable only once its directory is synced (fsync(2)); a refusal is ignored, some file systems know none.</summary>
    private static void FlushDirectory(string directory)
    {
        if (!OperatingSystem.IsLinux()) return;
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            var descriptor = open(path, 0);
            if (descriptor < 0) return;
            _ = fsync(descriptor);
            _ = close(descriptor);
        }
    }

    // Its layout is the same on every architecture, unlike stat's.
    [DllImport("libc")]
    private static extern int statx(int directory, byte* path, int flags, uint mask, byte* status);

    [DllImport("libc")]
    private static extern uint geteuid();

    [DllImport("libc")]
    private static extern int open(byte* path, int flags);

    [DllImport("libc")]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
