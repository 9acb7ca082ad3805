using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Penstock.Infrastructure.Journal;

/// <summary>Making files and their names durable.</summary>
internal static unsafe class JournalDisk
{
    public static void Flush(JournalOptions options, SafeFileHandle file)
    {
        if (options.Flush is { } flush)
        {
            flush(file);
        }
        else
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>
    /// A new name is durable only once its directory is synced (fsync(2)); .NET opens no directories, hence the C library.
    /// Other systems make names durable themselves. A refusal is ignored: some file systems know no directory sync.
    /// </summary>
    public static void FlushDirectory(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            var descriptor = open(path, 0);
            if (descriptor >= 0)
            {
                _ = fsync(descriptor);
                _ = close(descriptor);
            }
        }
    }

    [DllImport("libc")]
    private static extern int open(byte* path, int flags);

    [DllImport("libc")]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
