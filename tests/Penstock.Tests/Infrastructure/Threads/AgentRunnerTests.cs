using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;

namespace Penstock.Tests.Infrastructure.Threads;

public sealed class AgentRunnerTests
{
    [Fact]
    [Trait("requirement", "R129")]
    public void Agents_run_in_order_on_one_named_thread_and_stop_on_it()
    {
        var log = new List<string>();
        using var enough = new ManualResetEventSlim();
        var first = new Scripted("first", () => log.Add($"1 {Thread.CurrentThread.Name}"));
        var second = new Scripted("second", () =>
        {
            log.Add($"2 {Thread.CurrentThread.Name}");
            if (log.Count > 20)
            {
                enough.Set();
            }
        });
        var runner = new AgentRunner("venue-1", [first, second], new YieldIdle());
        runner.Start();
        Assert.True(enough.Wait(TimeSpan.FromSeconds(5)));
        Assert.True(runner.Stop(TimeSpan.FromSeconds(5)));
        Assert.False(runner.IsRunning);
        Assert.Equal(["1 venue-1", "2 venue-1", "1 venue-1"], log.Take(3));
        Assert.Equal("venue-1", first.StoppedOn);
        Assert.Equal("venue-1", second.StoppedOn);
        Assert.Equal(runner.Statistics.DutyCycles * 2, runner.Statistics.WorkDone);
    }

    [Fact]
    public void An_agent_that_throws_is_counted_named_and_at_last_retired_while_its_neighbours_go_on()
    {
        var failures = new List<AgentFailure>();
        var error = new InvalidOperationException("boom");
        var steps = 0;
        var runner = new AgentRunner(
            "t",
            [new Scripted("bad", () => throw error), new Scripted("good", () => steps++)],
            new BusySpinIdle(),
            failed: failures.Add);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(1, runner.RunOnce());
        }

        Assert.Equal(100, steps);
        Assert.Equal(AgentRunner.ErrorsInARowMax, failures.Count);
        Assert.All(failures, f => Assert.Same(error, f.Error));
        Assert.All(failures, f => Assert.Equal("bad", f.Role));
        Assert.Single(failures, f => f.Retired);
        Assert.Equal(1, runner.Statistics.AgentsRetired);
        Assert.Equal(AgentRunner.ErrorsInARowMax, runner.Statistics.Errors);
    }

    [Fact]
    public void One_good_cycle_forgives_the_errors_before_and_a_throwing_listener_harms_nobody()
    {
        var count = 0;
        var runner = new AgentRunner(
            "t",
            [new Scripted("flaky", () => _ = ++count % 10 == 0 ? 0 : throw new IOException())],
            new BusySpinIdle(),
            failed: _ => throw new InvalidOperationException());
        for (var i = 0; i < 100; i++)
        {
            runner.RunOnce();
        }

        Assert.Equal(100, count);
        Assert.Equal(90, runner.Statistics.Errors);
        Assert.Equal(90, runner.Statistics.ListenerErrors);
        Assert.Equal(0, runner.Statistics.AgentsRetired);
    }

    [Fact]
    public void A_duty_cycle_allocates_nothing()
    {
        var idle = new BackOffIdle(parkNsMin: 1000, parkNsMax: 1000, spins: 2, yields: 2);
        var runner = new AgentRunner("t", [new Scripted("a", () => { })], idle);
        runner.RunOnce();
        for (var i = 0; i < 10; i++)
        {
            idle.Idle(0);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            runner.RunOnce();
            idle.Idle(0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Back_off_spins_then_yields_then_parks_ever_longer_up_to_its_bound()
    {
        var idle = new BackOffIdle(spins: 3, yields: 2, parkNsMin: 1000, parkNsMax: 3000);
        for (var i = 0; i < 5; i++)
        {
            idle.Idle(0);
        }

        Assert.Equal(0, idle.Parks);
        idle.Idle(0);
        Assert.Equal(1, idle.Parks);
        Assert.Equal(2000, idle.ParkNs);
        idle.Idle(0);
        idle.Idle(0);
        Assert.Equal(3000, idle.ParkNs);
        idle.Idle(1);
        idle.Idle(0);
        Assert.Equal(3, idle.Parks);
        Assert.Equal(1000, idle.ParkNs);
    }

    [Fact]
    public void A_composite_steps_all_and_stops_all()
    {
        var a = new Scripted("a", () => { }) { OnStopping = () => throw new IOException("a") };
        var b = new Scripted("b", () => { });
        var composite = new CompositeAgent("both", a, b);
        Assert.Equal(2, composite.DoWork());
        Assert.Throws<AggregateException>(composite.OnStop);
        Assert.NotNull(b.StoppedOn);
    }

    [Fact]
    [Trait("requirement", "R130")]
    public void A_core_that_is_not_there_is_said_and_done_without()
    {
        Assert.Equal(
            "pinning to core 5 not possible: the machine has cores 0-1; continuing unpinned",
            ThreadPlacement.PinningShortfall(5, [0, 1]));
        Assert.Contains("cores 0-1,4,6-7;", ThreadPlacement.PinningShortfall(5, [0, 1, 4, 6, 7]), StringComparison.Ordinal);
        Assert.Null(ThreadPlacement.PinningShortfall(1, [0, 1]));

        var degraded = new List<string>();
        using var ran = new ManualResetEventSlim();
        var runner = new AgentRunner(
            "t", [new Scripted("a", ran.Set)], new YieldIdle(), new ThreadPlacement(1023, null), degraded: degraded.Add);
        runner.Start();
        Assert.True(ran.Wait(TimeSpan.FromSeconds(5)));
        runner.Stop(TimeSpan.FromSeconds(5));
        Assert.Contains("pinning to core 1023 not possible", Assert.Single(degraded), StringComparison.Ordinal);
        Assert.Equal(AgentRunnerStatistics.NotPinned, runner.Statistics.PinnedCore);
    }

    [Fact]
    [Trait("requirement", "R130")]
    public void A_thread_is_pinned_to_a_core_that_is_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pinning by core is Linux only.");
        IReadOnlyList<string>? shortfalls = null;
        var cores = "";
        var thread = new Thread(() =>
        {
            // Which core we may use is asked from the kernel before and after.
            var allowed = Allowed();
            var core = int.Parse(allowed.Split(',', '-')[0]);
            shortfalls = new ThreadPlacement(core, null).Apply();
            cores = Allowed() == $"{core}" ? "pinned" : Allowed();
        });
        thread.Start();
        thread.Join();
        Assert.Empty(shortfalls!);
        Assert.Equal("pinned", cores);

        using var ran = new ManualResetEventSlim();
        var first = int.Parse(Allowed().Split(',', '-')[0]);
        var runner = new AgentRunner("t", [new Scripted("a", ran.Set)], new YieldIdle(), new ThreadPlacement(first, null));
        runner.Start();
        Assert.True(ran.Wait(TimeSpan.FromSeconds(5)));
        Assert.True(runner.Stop(TimeSpan.FromSeconds(5)));
        Assert.Equal(first, runner.Statistics.PinnedCore);

        static string Allowed() => File.ReadLines("/proc/thread-self/status")
            .First(line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal)).Split('\t')[1];
    }

    [Fact]
    [Trait("requirement", "R129")]
    [Trait("requirement", "R131")]
    [Trait("requirement", "R33")]
    public void A_plan_gives_every_role_its_thread_and_small_machines_run_inline()
    {
        string[] feeds = ["feed-kraken", "feed-okx"];
        Assert.Equal(ThreadMode.Inline, ThreadPlan.Default(3, feeds).Mode);
        Assert.All(ThreadPlan.Default(3, feeds).Threads.Where(t => t.Hot), t => Assert.Equal(IdleStrategies.BackOff, t.Idle));
        var roles = new[] { "lifecycle", "counters-hot", "trading", "journal-committer", "feed-okx", "feed-kraken", "meter-hot", "orders-okx", "counters-rest", "counters-commit", "counters-background", "counters-admin" };
        var inline = ThreadPlan.Default(2, feeds).Assign([.. roles.Select(role => (IAgent)new Scripted(role, () => { }))]);
        Assert.Empty(inline.Problems);
        Assert.Equal(
            ["hot: feed-okx feed-kraken orders-okx trading meter-hot counters-hot", "rest: counters-rest", "commit: journal-committer counters-commit", "background: counters-background", "admin: lifecycle counters-admin"],
            inline.Runners.Select(r => $"{r.Name}: {string.Join(' ', r.Agents.Select(a => a.Role))}"));
        Assert.Equal(["feed-kraken", "feed-okx", "trading", "rest", "commit", "background", "admin"], ThreadPlan.Default(8, feeds).Threads.Select(t => t.Name));
    }

    [Fact]
    [Trait("requirement", "R130")]
    public void Hot_threads_get_consecutive_cores_and_the_others_none()
    {
        var plan = ThreadPlan.Staged(["feed-okx"]).PlaceHot(IdleStrategies.BusySpin, firstCore: 3, fifoPriority: 99);
        Assert.Equal(["feed-okx 3 99 busySpin", "trading 4 99 busySpin"], plan.Threads.Where(t => t.Hot).Select(t => $"{t.Name} {t.Cpu} {t.FifoPriority} {t.Idle}"));
        Assert.All(plan.Threads.Where(t => !t.Hot), t => Assert.Equal((null, null), (t.Cpu, t.FifoPriority)));
        var unpinned = ThreadPlan.Staged(["feed-okx"]).PlaceHot(null, null, null);
        Assert.All(unpinned.Threads.Where(t => t.Hot), t => Assert.Equal((IdleStrategies.Yield, null), (t.Idle, t.Cpu)));
    }

    [Fact]
    public void A_paced_agent_steps_once_an_interval_and_stops_at_once()
    {
        var clock = new ManualClock();
        var agent = new Scripted("slow", () => { });
        var paced = new PacedAgent(agent, TimeSpan.FromMilliseconds(100), clock);
        Assert.Equal("slow", paced.Role);
        Assert.Equal([1, 0], [paced.DoWork(), paced.DoWork()]);
        clock.AdvanceMs(99);
        Assert.Equal(0, paced.DoWork());
        clock.AdvanceMs(1);
        Assert.Equal([1, 0], [paced.DoWork(), paced.DoWork()]);
        paced.OnStop();
        Assert.NotNull(agent.StoppedOn);
    }

    [Fact]
    public void A_plan_that_cannot_be_is_refused_with_every_reason()
    {
        var plan = new ThreadPlan
        {
            Threads =
            [
                new ThreadSpec { Name = "a", Agents = ["feed", "nobody"], Idle = "snooze" },
                new ThreadSpec { Name = "a", Agents = [] },
            ],
        };
        var assignment = plan.Assign([new Scripted("feed", () => { }), new Scripted("lost", () => { })]);
        Assert.Empty(assignment.Runners);
        Assert.Equal(4, assignment.Problems.Count);
        Assert.Contains(assignment.Problems, p => p.Contains("agent lost is on no thread", StringComparison.Ordinal));
    }

    private sealed class Scripted(string role, Action step) : IAgent
    {
        public string? StoppedOn { get; private set; }

        public Action? OnStopping { get; init; }

        public string Role => role;

        public int DoWork()
        {
            step();
            return 1;
        }

        public void OnStop()
        {
            StoppedOn = Thread.CurrentThread.Name ?? "";
            OnStopping?.Invoke();
        }
    }
}
