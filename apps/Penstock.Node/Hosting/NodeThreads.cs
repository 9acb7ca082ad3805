using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Node.Logging;
using Penstock.Node.Reporting;
using Penstock.Node.Wiring;
using ThreadMessages = Penstock.Infrastructure.Logging.LogMessages;

namespace Penstock.Node.Hosting;

/// <summary>
/// The node's agents on the threads of a plan (R129), each thread with a publisher of what it counts, each hot one with a
/// meter of what it allocates. Made, not started.
/// </summary>
internal sealed class NodeThreads
{
    private static readonly TimeSpan PublishInterval = TimeSpan.FromMilliseconds(100);

    private readonly NodeLog _log;
    private readonly List<AllocationMeter> _meters = [];
    private readonly List<CounterPublisher> _publishers = [];

    /// <param name="beside">Agents that are not the pipeline's.</param>
    /// <exception cref="Problem">The plan has no place for an agent, or contradicts itself.</exception>
    public NodeThreads(ThreadPlan plan, Pipeline pipeline, IReadOnlyList<IAgent> beside, JournalWriter journal, CounterFile counters, NodeLog log, IMonotonicClock clock)
    {
        _log = log;
        foreach (var thread in plan.Threads)
        {
            if (thread.Hot) _meters.Add(new AllocationMeter(thread.Name));
            _publishers.Add(new CounterPublisher(thread.Name, counters));
        }

        var agents = new List<IAgent>([
            .. pipeline.AgentsFor(plan), log.Writer, .. beside, new PacedAgent(new CounterHeartbeat(counters, clock), PublishInterval, clock),
            .. _meters, .. _publishers.Select(p => new PacedAgent(p, PublishInterval, clock)),
        ]);
        var assignment = plan.Assign(agents, Failed, text => log.Write(ThreadMessages.ThreadDegraded, text));
        if (assignment.Problems.Count > 0)
            throw new Problem(ExitCode.Configuration, "the thread plan does not fit the node's agents", "threads", string.Join("; ", assignment.Problems), "penstock config show FILE");
        Runners = assignment.Runners;
        foreach (var meter in _meters.Where(m => Runners.First(r => r.Agents.Contains(m)).Agents.Contains(pipeline.Trading)))
            meter.Commands = () => pipeline.Trading.CommandBytes;
        var sources = new CounterSources(pipeline, journal, log.Ring);
        foreach (var runner in Runners) sources.Bind(PublisherBeside(runner.Agents[0]), runner);
    }

    /// <summary>In the order in which they are stopped: hot ones first, so that the others write down what those leave.</summary>
    public IReadOnlyList<AgentRunner> Runners { get; }

    public IReadOnlyList<AllocationMeter> Meters => _meters;

    /// <summary>The publisher of the thread this agent is on.</summary>
    public CounterPublisher PublisherBeside(IAgent agent)
    {
        var runner = Runners.First(r => r.Agents.Contains(agent));
        return _publishers.First(p => runner.Agents.Any(a => a.Role == p.Role));
    }

    /// <summary>What every thread counts, once more. Only when the threads have ended, or were never started.</summary>
    public void Publish()
    {
        foreach (var publisher in _publishers) publisher.DoWork();
    }

    /// <summary>On the agent's own thread, a hot one perhaps; the first of a row is the one worth reading.</summary>
    private void Failed(AgentFailure failure)
    {
        if (failure.Retired) _log.Write(ThreadMessages.AgentRetired, failure.Role, failure.ErrorsInARow, failure.Error.ToString());
        else if (failure.ErrorsInARow == 1) _log.Write(ThreadMessages.AgentFailed, failure.Role, failure.ErrorsInARow, failure.Error.ToString());
    }
}
