using System.ComponentModel;
using System.Diagnostics;

namespace Penstock.Control.Sidecar;

/// <summary>What the operating system says of a process; the process is not asked.</summary>
internal sealed record ProcessFigures(double UserSeconds, double SystemSeconds, long ResidentBytes, int Threads, int? OpenFiles)
{
    /// <summary>Null when it is gone, or not ours to look at.</summary>
    public static ProcessFigures? Of(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return new ProcessFigures(process.UserProcessorTime.TotalSeconds, process.PrivilegedProcessorTime.TotalSeconds, process.WorkingSet64,
                process.Threads.Count, CountFiles(pid));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or IOException)
        {
            return null;
        }
    }

    /// <summary>Only who may trace the process sees its files: a hardened sidecar may not.</summary>
    private static int? CountFiles(int pid)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
