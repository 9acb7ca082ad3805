using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Threads;

namespace Penstock.Node.Reporting;

/// <summary>
/// Copies what one thread counts into the counter file, on that thread: plain reads of plain fields, plain stores into mapped
/// words, no allocation (R51). Components count in ordinary statistics classes and know nothing of files; how late another
/// process sees a figure is decided by how often this agent is stepped (R53).
/// </summary>
internal sealed class CounterPublisher(string thread, CounterFile file) : IAgent
{
    private readonly List<(Counter Counter, Func<long> Read)> _sources = [];

    public string Role => $"counters-{thread}";

    /// <summary>Before the thread starts.</summary>
    /// <param name="declaration">One of <see cref="NodeCounters"/>.</param>
    /// <param name="label">Which one of several; empty when there is one.</param>
    /// <param name="read">Called on the thread, ten times a second: reads a field, allocates nothing.</param>
    public void Add(CounterDeclaration declaration, string label, Func<long> read) => _sources.Add((file.Add(declaration.Id, label), read));

    /// <summary>Zero: publishing is no reason to stay awake.</summary>
    public int DoWork()
    {
        foreach (var (counter, read) in _sources) counter.Set(read());
        return 0;
    }

    /// <summary>The last figures stay in the file, readable when the process is gone.</summary>
    public void OnStop() => DoWork();
}
