using System.Runtime.InteropServices;

namespace Penstock.Connectivity.Transport;

/// <summary>Something with a socket to wait for.</summary>
public interface IPollable
{
    /// <summary>The operating system's descriptor; −1 while there is none.</summary>
    nint PollHandle { get; }
}

/// <summary>
/// Where a network thread rests when all its agents had nothing to do (R111): one poll(2) over its own sockets, at most
/// 10 ms, so that timers in the agents' steps are never later than that. It costs a wake-up (28 µs) and saves a core;
/// a thread plan that spins does without. One thread. Allocates nothing once all are added.
/// </summary>
public sealed partial class SocketPark
{
    /// <summary>The longest rest: timers are processed in the steps in between.</summary>
    public const int RestMsMax = 10;

    private const short PollIn = 1;

    private readonly List<IPollable> _members = [];
    private PollFd[] _descriptors = [];

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }

    /// <summary>Times rested.</summary>
    public long Rests { get; private set; }

    public void Add(IPollable member)
    {
        _members.Add(member);
        _descriptors = new PollFd[_members.Count];
    }

    /// <summary>
    /// Waits until a socket can be read, at most <paramref name="milliseconds"/> (never more than <see cref="RestMsMax"/>).
    /// Call it only after a round of steps without work.
    /// </summary>
    /// <returns>Sockets that can be read. −1 where the system has no poll(2): rest in another way.</returns>
    public int Await(int milliseconds)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return -1;
        for (var i = 0; i < _members.Count; i++)
        {
            // A negative descriptor is left out by poll(2).
            _descriptors[i] = new PollFd { Descriptor = (int)_members[i].PollHandle, Events = PollIn };
        }

        Rests++;
        // An interrupted call (EINTR) returns −1: an early end of the rest, nothing else.
        return Math.Max(0, Poll(_descriptors, (nuint)_descriptors.Length, Math.Clamp(milliseconds, 0, RestMsMax)));
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll([In, Out] PollFd[] descriptors, nuint count, int timeoutMs);
}
