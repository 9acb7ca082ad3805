using System.Globalization;
using System.Runtime.InteropServices;

namespace Penstock.Infrastructure.Threads;

/// <summary>What .NET does not offer of threads: parking for microseconds, pinning, real-time priority. Linux; elsewhere it degrades.</summary>
internal static unsafe class NativeThread
{
    private const int SchedulingFifo = 1;
    private const int SchedulingBatch = 3;
    private const int PriorityOfThread = 0;
    private const int CpuWords = 16;

    private static readonly EventWaitHandle Never = new ManualResetEvent(false);

    /// <summary>Gives the core away for about this long (the kernel adds some 50 us of slack).</summary>
    public static void Park(long ns)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            var time = new TimeSpec { Seconds = (nint)(ns / 1_000_000_000), Ns = (nint)(ns % 1_000_000_000) };
            _ = nanosleep(&time, null);
            return;
        }

        Never.WaitOne((int)Math.Max(1, ns / 1_000_000));
    }

    /// <summary>The cores this process may run on; null where the system does not tell.</summary>
    public static IReadOnlyList<int>? AvailableCores()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var mask = stackalloc ulong[CpuWords];
        if (sched_getaffinity(0, CpuWords * sizeof(ulong), mask) != 0)
        {
            return null;
        }

        var cores = new List<int>();
        for (var core = 0; core < CpuWords * 64; core++)
        {
            if ((mask[core / 64] >> (core % 64) & 1) != 0)
            {
                cores.Add(core);
            }
        }

        return cores;
    }

    /// <summary>Pins the calling thread; false with the system's reason.</summary>
    public static bool TryPin(int core, out string reason)
    {
        reason = "";
        if (!OperatingSystem.IsLinux())
        {
            reason = "this operating system has no pinning by core";
            return false;
        }

        if (core is < 0 or >= CpuWords * 64)
        {
            reason = $"core numbers go from 0 to {(CpuWords * 64) - 1}";
            return false;
        }

        var mask = stackalloc ulong[CpuWords];
        new Span<ulong>(mask, CpuWords).Clear();
        mask[core / 64] = 1UL << (core % 64);
        if (sched_setaffinity(0, CpuWords * sizeof(ulong), mask) == 0)
        {
            return true;
        }

        reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        return false;
    }

    /// <summary>The kernel's numbers of this process's threads; empty where the system does not tell.</summary>
    public static IReadOnlyList<int> Own() => OperatingSystem.IsLinux()
        ? [.. Directory.EnumerateDirectories("/proc/self/task").Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))]
        : [];

    /// <summary>Puts a thread under SCHED_BATCH: when it wakes it does not take the core of whoever runs. False with the system's reason.</summary>
    /// <param name="thread">The kernel's number; 0 for the calling one.</param>
    /// <param name="reason">Empty when it was done.</param>
    public static bool TryBatch(int thread, out string reason)
    {
        var none = 0;
        return Done(sched_setscheduler(thread, SchedulingBatch, &none), out reason);
    }

    /// <summary>Sets a thread's nice value, -20 to 19; upwards needs no right.</summary>
    public static bool TryNice(int thread, int nice, out string reason) => Done(setpriority(PriorityOfThread, thread, nice), out reason);

    /// <summary>Confines a thread to some cores.</summary>
    public static bool TryConfine(int thread, IReadOnlyList<int> cores, out string reason)
    {
        var mask = stackalloc ulong[CpuWords];
        new Span<ulong>(mask, CpuWords).Clear();
        foreach (var core in cores) mask[core / 64] |= 1UL << (core % 64);
        return Done(sched_setaffinity(thread, CpuWords * sizeof(ulong), mask), out reason);
    }

    private static bool Done(int result, out string reason)
    {
        reason = result == 0 ? "" : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        return result == 0;
    }

    /// <summary>Puts the calling thread under SCHED_FIFO; false with the system's reason.</summary>
    public static bool TryFifo(int priority, out string reason)
    {
        reason = "";
        if (!OperatingSystem.IsLinux())
        {
            reason = "this operating system has no SCHED_FIFO";
            return false;
        }

        if (sched_setscheduler(0, SchedulingFifo, &priority) == 0)
        {
            return true;
        }

        reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        return false;
    }

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Ns;
    }

    [DllImport("libc")]
    private static extern int nanosleep(TimeSpec* time, TimeSpec* rest);

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_getaffinity(int thread, nint bytes, ulong* mask);

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_setaffinity(int thread, nint bytes, ulong* mask);

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_setscheduler(int thread, int policy, int* priority);

    [DllImport("libc", SetLastError = true)]
    private static extern int setpriority(int which, int thread, int nice);
}
