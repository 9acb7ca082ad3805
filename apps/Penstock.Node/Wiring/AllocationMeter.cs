using Penstock.Infrastructure.Threads;

namespace Penstock.Node.Wiring;

/// <summary>
/// Measures, from inside a hot thread, what that thread allocates while the node is READY (R36). Rides along as an agent of
/// the thread; another thread starts and freezes it.
/// </summary>
internal sealed class AllocationMeter(string thread) : IAgent
{
    private long _atReady = -1;
    private long _allocated;
    private volatile bool _measuring;
    private volatile bool _frozen;

    public string Role => $"meter-{thread}";

    /// <summary>What the thread allocated for commands of people and of the node, which is not what an event costs; null: it takes none.</summary>
    public Func<long>? Commands { get; set; }

    /// <summary>Bytes allocated since the node became READY, those for commands not counted; zero before.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocated);

    /// <summary>True when the last reading is taken, or none was ever begun.</summary>
    public bool IsFrozen => _frozen && !_measuring;

    public int DoWork()
    {
        if (!_measuring) return 0;
        var now = GC.GetAllocatedBytesForCurrentThread() - (Commands?.Invoke() ?? 0);
        if (_atReady < 0) _atReady = now;
        Volatile.Write(ref _allocated, now - _atReady);
        if (_frozen) _measuring = false;
        return 0;
    }

    public void Start() => _measuring = true;

    /// <summary>The next cycle takes the last reading: what follows (draining, stopping) may allocate.</summary>
    public void Freeze() => _frozen = true;
}
