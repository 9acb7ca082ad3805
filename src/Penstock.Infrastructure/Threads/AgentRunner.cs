namespace Penstock.Infrastructure.Threads;

/// <summary>
/// Runs agents in order on one thread: the owner of that loop, and so the place where an agent's exception is caught, counted
/// and reported. An agent that keeps throwing is retired, so that it cannot eat its neighbours' time; it is never lost silently.
/// </summary>
public sealed class AgentRunner
{
    /// <summary>Throwing cycles in a row after which an agent is retired.</summary>
    public const int ErrorsInARowMax = 16;

    private readonly IAgent[] _agents;
    private readonly int[] _errorsInARow;
    private readonly IIdleStrategy _idle;
    private readonly ThreadPlacement _placement;
    private readonly Action<AgentFailure>? _failed;
    private readonly Action<string>? _degraded;
    private Thread? _thread;
    private volatile bool _stopping;

    /// <param name="name">The thread's name.</param>
    /// <param name="agents">Stepped in this order, every cycle.</param>
    /// <param name="idle">Not shared with another runner.</param>
    /// <param name="placement">Applied on the thread when it starts.</param>
    /// <param name="failed">Called on the agents' thread for each failure.</param>
    /// <param name="degraded">Called on the agents' thread with each wish of the placement that was not granted.</param>
    public AgentRunner(
        string name,
        IEnumerable<IAgent> agents,
        IIdleStrategy idle,
        ThreadPlacement placement = default,
        Action<AgentFailure>? failed = null,
        Action<string>? degraded = null)
    {
        Name = name;
        _agents = [.. agents];
        _errorsInARow = new int[_agents.Length];
        _idle = idle;
        _placement = placement;
        _failed = failed;
        _degraded = degraded;
    }

    public string Name { get; }

    public IReadOnlyList<IAgent> Agents => _agents;

    public AgentRunnerStatistics Statistics { get; } = new();

    public bool IsRunning => _thread is { IsAlive: true };

    /// <summary>Starts the thread. Once.</summary>
    public void Start()
    {
        if (_thread is not null)
        {
            throw new InvalidOperationException($"Thread {Name} was started before.");
        }

        _thread = new Thread(Run) { Name = Name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>One duty cycle of every agent, on the caller's thread: for tests, and for whoever brings a thread of its own.</summary>
    public int RunOnce()
    {
        var work = 0;
        for (var i = 0; i < _agents.Length; i++)
        {
            if (_errorsInARow[i] < ErrorsInARowMax)
            {
                work += Step(i);
            }
        }

        Statistics.DutyCycles++;
        Statistics.WorkDone += work;
        Statistics.IdleCycles += work == 0 ? 1 : 0;
        return work;
    }

    /// <summary>
    /// Asks the thread to finish its cycle and waits for it; every agent hears OnStop, on that thread. False when it did not come
    /// back in time: an agent blocks, which it must not.
    /// </summary>
    public bool Stop(TimeSpan patience)
    {
        _stopping = true;
        if (_thread is null)
        {
            return true;
        }

        return _thread.Join(patience);
    }

    /// <summary>Calls OnStop of each agent, retired ones too. The thread does it by itself; for those who step by hand.</summary>
    public void StopAgents()
    {
        for (var i = 0; i < _agents.Length; i++)
        {
            try
            {
                _agents[i].OnStop();
            }
            catch (Exception e)
            {
                Count(i, e);
            }
        }
    }

    private void Run()
    {
        foreach (var shortfall in _placement.Apply())
        {
            _degraded?.Invoke($"thread {Name}: {shortfall}");
        }

        Statistics.PinnedCore = NativeThread.AvailableCores() is [var only] && only == _placement.Cpu ? only : AgentRunnerStatistics.NotPinned;

        while (!_stopping)
        {
            _idle.Idle(RunOnce());
        }

        StopAgents();
    }

    private int Step(int index)
    {
        try
        {
            var work = _agents[index].DoWork();
            _errorsInARow[index] = 0;
            return work;
        }
        catch (Exception e)
        {
            Count(index, e);
            return 0;
        }
    }

    private void Count(int index, Exception error)
    {
        Statistics.Errors++;
        _errorsInARow[index]++;
        var retired = _errorsInARow[index] == ErrorsInARowMax;
        Statistics.AgentsRetired += retired ? 1 : 0;
        try
        {
            _failed?.Invoke(new AgentFailure(_agents[index].Role, error, _errorsInARow[index], retired));
        }
        catch (Exception)
        {
            // A listener that throws must not stop the agents it listens to.
            Statistics.ListenerErrors++;
        }
    }
}

/// <summary>What a thread of agents counts. Single writer: that thread.</summary>
public sealed class AgentRunnerStatistics
{
    /// <summary>The value of <see cref="PinnedCore"/> while the scheduler chooses.</summary>
    public const long NotPinned = -1;

    /// <summary>Times all agents were stepped.</summary>
    public long DutyCycles;

    /// <summary>Sum of what the agents said they did.</summary>
    public long WorkDone;

    /// <summary>Cycles in which nobody had anything to do.</summary>
    public long IdleCycles;

    /// <summary>Duty cycles and OnStop calls that threw.</summary>
    public long Errors;

    /// <summary>Agents that threw too often in a row and are not stepped any more.</summary>
    public long AgentsRetired;

    /// <summary>Failure listeners that threw.</summary>
    public long ListenerErrors;

    /// <summary>Core the thread is pinned to; -1 while the scheduler chooses.</summary>
    public long PinnedCore = NotPinned;
}
