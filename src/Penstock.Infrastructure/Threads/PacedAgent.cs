using Penstock.Infrastructure.Time;

namespace Penstock.Infrastructure.Threads;

/// <summary>
/// Steps another agent at most once in an interval: for work that gets dearer the more often it is done (a disk sync, copying
/// counters). Between two steps it costs one clock reading.
/// </summary>
public sealed class PacedAgent : IAgent
{
    private readonly IMonotonicClock _clock;
    private readonly long _intervalNs;
    private long _nextNs = long.MinValue;

    /// <param name="agent">Hears OnStop through this one, whenever that comes.</param>
    /// <param name="interval">Counted from the beginning of a step; a late step does not make the next one earlier.</param>
    /// <param name="clock">Monotonic.</param>
    public PacedAgent(IAgent agent, TimeSpan interval, IMonotonicClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        Agent = agent;
        _intervalNs = (long)interval.TotalNanoseconds;
        _clock = clock;
    }

    /// <summary>The agent that is stepped.</summary>
    public IAgent Agent { get; }

    public string Role => Agent.Role;

    public int DoWork()
    {
        var now = _clock.NowNs;
        if (now < _nextNs)
        {
            return 0;
        }

        _nextNs = now + _intervalNs;
        return Agent.DoWork();
    }

    public void OnStop() => Agent.OnStop();
}
