using Penstock.Control.Verbs;
using Penstock.Infrastructure.Services;
using Penstock.Node.Lifecycle;

namespace Penstock.Tests.Infrastructure.Services;

/// <summary>What a service manager hears of node, sidecar and serve, over a real Unix datagram socket.</summary>
[Trait("requirement", "R58")]
public sealed class ServiceManagerTests
{
    [Fact]
    public void It_tells_ready_status_life_and_end_as_sd_notify_has_them()
    {
        using var socket = new ManagerSocket();
        using var manager = new ServiceManager(socket.Path, TimeSpan.FromSeconds(30));
        manager.Ready("WARM-UP");
        manager.Status("two\nlines");
        manager.Alive();
        manager.Stopping("drains");
        Assert.Equal(["READY=1\nSTATUS=WARM-UP", "STATUS=two lines", "WATCHDOG=1", "STOPPING=1\nSTATUS=drains"], socket.Heard());
        Assert.Equal((true, TimeSpan.FromSeconds(15), 4L, 0L), (manager.IsThere, manager.PingInterval, manager.Told, manager.Failed));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("notify")]
    [InlineData("vsock:2:1234")]
    public void Without_a_manager_it_says_nothing_and_allocates_nothing(string? socket)
    {
        using var manager = new ServiceManager(socket, TimeSpan.FromSeconds(30));
        manager.Alive();
        var before = GC.GetAllocatedBytesForCurrentThread();
        manager.Alive();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((false, null, 0L, 0L), (manager.IsThere, manager.PingInterval, manager.Told, manager.Failed));
    }

    [Fact]
    public void A_manager_that_does_not_read_or_is_gone_is_counted_and_not_waited_for()
    {
        using var manager = new ServiceManager(Leave(out var socket));
        for (var i = 0; i < 20_000 && manager.Failed == 0; i++) manager.Alive();
        Assert.Equal(1, manager.Failed);
        socket.Dispose();
        manager.Alive();
        Assert.Equal(2, manager.Failed);

        static string Leave(out ManagerSocket socket) => (socket = new ManagerSocket()).Path;
    }

    [Fact]
    [Trait("requirement", "R71")]
    public void A_node_is_alive_as_long_as_the_trading_thread_finishes_windows_whatever_its_state()
    {
        using var socket = new ManagerSocket();
        using var manager = new ServiceManager(socket.Path, TimeSpan.FromSeconds(2));
        var (state, window) = ("INIT", 0L);
        var agent = new ServiceAgent(manager, () => state, () => window);
        agent.DoWork();
        Assert.Equal(["STATUS=INIT"], socket.Heard());
        (state, window) = ("DEGRADED", 7);
        agent.DoWork();
        Assert.Equal(["STATUS=DEGRADED", "WATCHDOG=1"], socket.Heard());
        window = 8;
        agent.DoWork();
        Assert.Equal(["WATCHDOG=1"], socket.Heard());
        Assert.Equal(0, agent.DoWork());
        Assert.Empty(socket.Heard());
    }

    [Fact]
    public async Task A_server_is_alive_as_long_as_the_part_that_does_its_work_answers()
    {
        using var socket = new ManagerSocket();
        using var manager = new ServiceManager(socket.Path, TimeSpan.FromMilliseconds(2));
        var ended = new TaskCompletionSource();
        var asked = 0;
        var serving = ServiceLoop.RunAsync(manager, "serves", _ => ++asked switch
        {
            1 => Task.FromResult(true), 2 => Task.FromResult(false), 3 => throw new TimeoutException(), 4 => Task.FromResult(true), _ => Silence(),
        }, ended.Task);
        Assert.Equal("READY=1\nSTATUS=serves", await socket.NextAsync());
        Assert.Equal("WATCHDOG=1", await socket.NextAsync());
        Assert.Equal("WATCHDOG=1", await socket.NextAsync());
        ended.SetResult();
        await serving;
        Assert.Equal("STOPPING=1\nSTATUS=ends", await socket.NextAsync());
        Assert.True(asked >= 4, $"{asked}");

        static Task<bool> Silence() => Task.FromResult(false);
    }
}
