using Penstock.Infrastructure.Threads;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node.Configuration;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Node;

[Trait("requirement", "R129")]
public class NodeThreadsTests
{
    private static readonly string[] Feeds = ["feed-binance", "feed-kraken", "feed-okx"];

    [Fact]
    public void Two_cores_run_everything_that_decides_on_one_thread()
    {
        using var node = new NodeBench(new ThreadsConfiguration().ToPlan(2, Feeds));
        Assert.Equal(
            [
                "hot: feed-binance feed-kraken feed-okx orders-binance orders-kraken orders-okx trading meter-hot counters-hot",
                "rest: counters-rest",
                "commit: journal-committer counters-commit",
                "background: journal-preparer quarantine-binance quarantine-kraken quarantine-okx quarantine-binance-orders quarantine-kraken-orders quarantine-okx-orders capture-binance capture-kraken capture-okx log-writer counters-background",
                "admin: heartbeat counters-admin",
            ],
            node.Threads.Runners.Select(Line));
        Assert.Single(node.Threads.Meters);
    }

    [Fact]
    public void Sixteen_cores_give_each_feed_a_thread_and_orders_stay_with_the_trading_core()
    {
        using var node = new NodeBench(new ThreadsConfiguration { PinFirstCore = 2, Idle = HotIdle.BusySpin, FifoPriority = 50 }.ToPlan(16, Feeds));
        Assert.Equal(
            [
                "feed-binance: feed-binance meter-feed-binance counters-feed-binance",
                "feed-kraken: feed-kraken meter-feed-kraken counters-feed-kraken",
                "feed-okx: feed-okx meter-feed-okx counters-feed-okx",
                "trading: orders-binance orders-kraken orders-okx trading meter-trading counters-trading",
            ],
            node.Threads.Runners.Take(4).Select(Line));
        Assert.Equal(["rest", "commit", "background", "admin"], node.Threads.Runners.Skip(4).Select(r => r.Name));
        Assert.Equal(4, node.Threads.Meters.Count);
    }

    [Theory]
    [Trait("requirement", "R169")]
    [InlineData(2, 1)]
    [InlineData(16, 0)]
    public void What_a_feed_on_the_trading_thread_brought_is_decided_on_before_the_next_feed_is_read(int cores, long decided)
    {
        using var node = new NodeBench(new ThreadsConfiguration().ToPlan(cores, Feeds));
        node.Pipeline.Engine.BeginSession(new SessionInfo(1, 1, node.Clock.NowNs, NodeBench.Blueprint.ToJson()), node.Journal, node.Pipeline.Router);
        var readers = node.Pipeline.Trading.Readers.Select(r => r.Reader).ToArray();
        foreach (var venue in node.Pipeline.Venues)
        {
            var instrument = new InstrumentId(venue.Id.Value);
            venue.Ring.Publish([new MarketEvent { Kind = MarketEventKind.BookInvalid, Venue = venue.Id, Instrument = instrument }]);
        }

        var feed = node.Threads.Runners.SelectMany(r => r.Agents).Single(a => a.Role == "feed-kraken");
        // Its first step begins a connection, which is work like any read.
        Assert.True(feed.DoWork() > 0);
        Assert.Equal([0, decided, 0], readers.Select(r => r.ReadTotal));
    }

    [Theory]
    [Trait("requirement", "R130")]
    [InlineData(ThreadLayout.Auto, 2, ThreadMode.Inline)]
    [InlineData(ThreadLayout.Auto, 4, ThreadMode.Staged)]
    [InlineData(ThreadLayout.Inline, 64, ThreadMode.Inline)]
    [InlineData(ThreadLayout.Staged, 1, ThreadMode.Staged)]
    public void The_wish_decides_and_without_one_the_cores(ThreadLayout wish, int cores, ThreadMode mode)
        => Assert.Equal(mode, new ThreadsConfiguration { Plan = wish }.ToPlan(cores, Feeds).Mode);

    [Fact]
    public void Every_idle_strategy_a_configuration_can_name_exists()
    {
        foreach (var idle in Enum.GetValues<HotIdle>())
            Assert.All(new ThreadsConfiguration { Idle = idle }.ToPlan(2, Feeds).Threads, t => Assert.NotNull(IdleStrategies.Create(t.Idle)));
    }

    private static string Line(AgentRunner runner) => $"{runner.Name}: {string.Join(' ', runner.Agents.Select(a => a.Role))}";
}
