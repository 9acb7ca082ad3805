using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Infrastructure.Threads;

/// <summary>
/// Which agents run on which thread (R129). The same agents run under any plan: inline has the least latency and needs one core,
/// staged gives each group its own (R131: measure before moving from the first to the second).
/// </summary>
public sealed record ThreadPlan
{
    /// <summary>Below this many cores, threads of their own only take each other's time.</summary>
    public const int StagedCoresMin = 4;

    [Description("inline: everything that decides runs on one thread. staged: threads as listed.")]
    public ThreadMode Mode { get; init; } = ThreadMode.Inline;

    [Description("The threads, with the roles of the agents on each, in the order they are stepped.")]
    public IReadOnlyList<ThreadSpec> Threads { get; init; } = [];

    /// <summary>A plan for a machine of that many cores; nothing is pinned (see <see cref="PlaceHot"/>).</summary>
    /// <param name="cores">Cores this process may use.</param>
    /// <param name="feeds">Roles of the agents that read the market, for <see cref="Staged"/>.</param>
    public static ThreadPlan Default(int cores, IReadOnlyList<string> feeds) => cores < StagedCoresMin ? Inline() : Staged(feeds);

    /// <summary>
    /// Everything that decides on one thread, from the socket to the order, and threads beside it for what may wait. Beside the
    /// agents named here every thread has a counter publisher and every hot one a meter, named after the thread.
    /// </summary>
    public static ThreadPlan Inline() => new()
    {
        Mode = ThreadMode.Inline,
        Threads = [Thread("hot", hot: true, IdleStrategies.BackOff, "feed*", "orders*", "trading"), .. Beside()],
    };

    /// <summary>
    /// The groups of the seed: a thread for each feed, one for decisions. Order sessions stay with the decisions: what they
    /// bring and what they send are one single-threaded conversation with the trading core.
    /// </summary>
    public static ThreadPlan Staged(IReadOnlyList<string> feeds) => new()
    {
        Mode = ThreadMode.Staged,
        Threads =
        [
            .. feeds.Select(feed => Thread(feed, hot: true, IdleStrategies.Yield, feed)),
            Thread("trading", hot: true, IdleStrategies.Yield, "orders*", "trading"),
            .. Beside(),
        ],
    };

    /// <summary>The plan with its hot threads idling, pinned and prioritised as wished.</summary>
    /// <param name="idle">Null keeps the plan's own.</param>
    /// <param name="firstCore">The first hot thread's core, the next one's is one higher; null pins nothing.</param>
    /// <param name="fifoPriority">Null stays with the fair scheduler.</param>
    public ThreadPlan PlaceHot(string? idle, int? firstCore, int? fifoPriority)
    {
        var threads = new List<ThreadSpec>();
        var core = firstCore;
        foreach (var thread in Threads)
        {
            threads.Add(thread.Hot ? thread with { Idle = idle ?? thread.Idle, Cpu = core, FifoPriority = fifoPriority } : thread);
            if (thread.Hot) core++;
        }

        return this with { Threads = threads };
    }

    /// <summary>
    /// Gives every agent its thread. A role goes to the first thread naming it exactly, else to the first whose pattern ("feed*",
    /// "*") fits. Problems are returned as text, all of them at once; with any problem there are no runners.
    /// </summary>
    public ThreadAssignment Assign(
        IReadOnlyList<IAgent> agents, Action<AgentFailure>? failed = null, Action<string>? degraded = null)
    {
        var problems = Problems(agents);
        var lists = Threads.Select(_ => new List<(int Order, IAgent Agent)>()).ToList();
        foreach (var agent in agents)
        {
            var (thread, order) = Find(agent.Role);
            if (thread < 0)
            {
                problems.Add($"agent {agent.Role} is on no thread: name it in one thread's agents, or give one thread \"*\"");
            }
            else
            {
                lists[thread].Add((order, agent));
            }
        }

        if (problems.Count > 0)
        {
            return new ThreadAssignment([], problems);
        }

        var runners = new List<AgentRunner>();
        for (var i = 0; i < lists.Count; i++)
        {
            if (lists[i].Count > 0)
            {
                runners.Add(new AgentRunner(
                    Threads[i].Name,
                    lists[i].OrderBy(entry => entry.Order).Select(entry => entry.Agent),
                    IdleStrategies.Create(Threads[i].Idle)!,
                    new ThreadPlacement(Threads[i].Cpu, Threads[i].FifoPriority),
                    failed,
                    degraded));
            }
        }

        return new ThreadAssignment(runners, []);
    }

    /// <summary>Both roles have a thread in this plan, and it is the same.</summary>
    public bool Joins(string role, string other) => Find(role).Thread is >= 0 and var thread && Find(other).Thread == thread;

    /// <summary>What may wait: order entry by REST; the disk sync alone, because nothing else may wait behind it; other file work; the rest.</summary>
    private static ThreadSpec[] Beside() =>
    [
        Thread("rest", hot: false, IdleStrategies.BackOff, "rest-*"),
        Thread("commit", hot: false, IdleStrategies.Park, "journal-committer"),
        Thread("background", hot: false, IdleStrategies.BackOff, "journal*", "quarantine*", "capture*", "log*"),
        Thread("admin", hot: false, IdleStrategies.Park, "*"),
    ];

    // Meter and publisher come last: they look at what the others of the thread did in this cycle.
    private static ThreadSpec Thread(string name, bool hot, string idle, params ReadOnlySpan<string> agents) => new()
    {
        Name = name, Hot = hot, Idle = idle, Agents = [.. agents, .. hot ? [$"meter-{name}"] : Array.Empty<string>(), $"counters-{name}"],
    };

    private List<string> Problems(IReadOnlyList<IAgent> agents)
    {
        var problems = new List<string>();
        foreach (var name in Threads.GroupBy(thread => thread.Name).Where(group => group.Count() > 1))
        {
            problems.Add($"two threads are named {name.Key}");
        }

        foreach (var thread in Threads)
        {
            if (!IdleStrategies.Names.Contains(thread.Idle))
            {
                problems.Add($"thread {thread.Name}: no idle strategy {thread.Idle}, there are {string.Join(", ", IdleStrategies.Names)}");
            }

            foreach (var role in thread.Agents.Where(role => !role.EndsWith('*') && agents.All(agent => agent.Role != role)))
            {
                problems.Add($"thread {thread.Name}: no agent has the role {role}");
            }
        }

        return problems;
    }

    private (int Thread, int Order) Find(string role)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            for (var thread = 0; thread < Threads.Count; thread++)
            {
                for (var order = 0; order < Threads[thread].Agents.Count; order++)
                {
                    var pattern = Threads[thread].Agents[order];
                    if (pass == 0 ? pattern == role : pattern.EndsWith('*') && role.StartsWith(pattern[..^1], StringComparison.Ordinal))
                    {
                        return (thread, order);
                    }
                }
            }
        }

        return (-1, 0);
    }
}

/// <summary>How far the pipeline is spread.</summary>
public enum ThreadMode
{
    Inline,
    Staged,
}

/// <summary>One thread of a plan.</summary>
public sealed record ThreadSpec
{
    [Description("The thread's name, unique.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("Roles of the agents on it, in order; a trailing * stands for any ending.")]
    public IReadOnlyList<string> Agents { get; init; } = [];

    [Description("Core to pin the thread to; absent leaves it to the scheduler.")]
    [Range(0, 1023)]
    public int? Cpu { get; init; }

    [Description("Real-time (SCHED_FIFO) priority; absent stays with the fair scheduler.")]
    [Range(1, 99)]
    public int? FifoPriority { get; init; }

    [Description("What the thread does when idle: busySpin, yield, backOff or park.")]
    public string Idle { get; init; } = IdleStrategies.BackOff;

    [Description("The way from a market event to an order leads over it: pinned first, and measured for allocation.")]
    public bool Hot { get; init; }
}

/// <summary>The threads of a plan with their agents, not started; or what is wrong with the plan.</summary>
public sealed record ThreadAssignment(IReadOnlyList<AgentRunner> Runners, IReadOnlyList<string> Problems);
