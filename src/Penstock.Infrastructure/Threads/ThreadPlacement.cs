namespace Penstock.Infrastructure.Threads;

/// <summary>Where and how urgently a thread runs. What the machine or its rights do not allow is said, and done without (R130).</summary>
/// <param name="Cpu">Core to pin to; null leaves it to the scheduler.</param>
/// <param name="FifoPriority">SCHED_FIFO priority 1..99; null stays with the fair scheduler.</param>
public readonly record struct ThreadPlacement(int? Cpu, int? FifoPriority)
{
    /// <summary>Places the calling thread. Returns one line for each wish that could not be granted; empty when all were.</summary>
    public IReadOnlyList<string> Apply()
    {
        var shortfalls = new List<string>();
        if (Cpu is { } cpu && PinningShortfall(cpu, NativeThread.AvailableCores()) is { } text)
        {
            shortfalls.Add(text);
        }
        else if (Cpu is { } possible && !NativeThread.TryPin(possible, out var reason))
        {
            shortfalls.Add($"pinning to core {possible} not possible: {reason}; continuing unpinned");
        }

        if (FifoPriority is { } priority && !NativeThread.TryFifo(priority, out var why))
        {
            shortfalls.Add(
                $"real-time priority {priority} not possible: {why}; continuing with normal priority (CAP_SYS_NICE allows it)");
        }

        return shortfalls;
    }

    /// <summary>Why a core cannot be had, given the cores there are; null when it can, or when nobody knows.</summary>
    public static string? PinningShortfall(int cpu, IReadOnlyList<int>? cores)
        => cores is null || cores.Contains(cpu)
            ? null
            : $"pinning to core {cpu} not possible: the machine has {DescribeCores(cores)}; continuing unpinned";

    private static string DescribeCores(IReadOnlyList<int> cores)
    {
        var ranges = new List<string>();
        for (var i = 0; i < cores.Count;)
        {
            var j = i;
            while (j + 1 < cores.Count && cores[j + 1] == cores[j] + 1)
            {
                j++;
            }

            ranges.Add(i == j ? $"{cores[i]}" : $"{cores[i]}-{cores[j]}");
            i = j + 1;
        }

        return (cores.Count == 1 ? "core " : "cores ") + string.Join(',', ranges);
    }
}
