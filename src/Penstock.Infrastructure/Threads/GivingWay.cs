namespace Penstock.Infrastructure.Threads;

/// <summary>
/// How a process that watches a node runs beside it: where both want a core, the node has it. Nothing of it needs a right, and what the system
/// does not grant is said and done without. Threads that are started later inherit it from those that start them.
/// </summary>
public sealed class GivingWay
{
    /// <summary>A tenth of an ordinary thread's share where a core is fought for; enough not to starve.</summary>
    public const int Nice = 10;

    private readonly IReadOnlyList<int>? _cores = NativeThread.AvailableCores();
    private readonly Func<IReadOnlyList<int>> _threads;

    /// <param name="threads">Stands in for the threads of this process in tests.</param>
    public GivingWay(Func<IReadOnlyList<int>>? threads = null) => _threads = threads ?? NativeThread.Own;

    /// <summary>Of all threads but the process's first: what that one starts keeps an ordinary priority.</summary>
    public static GivingWay ButTheFirst() => new(() => [.. NativeThread.Own().Where(thread => thread != Environment.ProcessId)]);

    /// <summary>Lowers the share of all threads; none of them, when it wakes, interrupts whoever runs.</summary>
    /// <returns>One line for each wish not granted.</returns>
    public IReadOnlyList<string> Begin() => Each(
        (thread, out reason) => NativeThread.TryNice(thread, Nice, out reason) && NativeThread.TryBatch(thread, out reason), "giving way");

    /// <summary>Keeps all threads off these cores, or lets them back when there are none.</summary>
    /// <param name="taken">Cores the node's threads are pinned to.</param>
    /// <returns>One line for each wish not granted.</returns>
    public IReadOnlyList<string> KeepOff(IReadOnlyList<int> taken) => _cores is null ? []
        : Each((thread, out reason) => NativeThread.TryConfine(thread, Left(_cores, taken), out reason), "keeping off the node's cores");

    /// <summary>As <see cref="KeepOff"/>, of that core and all above it.</summary>
    public IReadOnlyList<string> KeepBelow(int core) => KeepOff([.. (_cores ?? []).Where(c => c >= core)]);

    /// <summary>The cores that are left; all, where none would be.</summary>
    public static IReadOnlyList<int> Left(IReadOnlyList<int> cores, IReadOnlyList<int> taken)
    {
        int[] left = [.. cores.Except(taken)];
        return left.Length > 0 ? left : cores;
    }

    private delegate bool Wish(int thread, out string reason);

    private List<string> Each(Wish wish, string what)
    {
        var shortfalls = new List<string>();
        if (!OperatingSystem.IsLinux()) return shortfalls;
        foreach (var thread in _threads())
        {
            // One that has ended since it was listed wants nothing any more.
            if (!wish(thread, out var reason) && Directory.Exists($"/proc/self/task/{thread}") && shortfalls.Count == 0)
                shortfalls.Add($"{what} not possible: {reason}; running as any other process");
        }

        return shortfalls;
    }
}
