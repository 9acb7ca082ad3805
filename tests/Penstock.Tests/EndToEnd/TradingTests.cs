using System.Runtime.Versioning;

namespace Penstock.Tests.EndToEnd;

/// <summary>Node and simulated venue over real sockets without faults: connect, synchronise, quote, fill, stop.</summary>
[SupportedOSPlatform("linux")]
public sealed class TradingTests
{
    public static readonly TheoryData<string> Venues = ["binance", "kraken", "okx"];

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "E30")]
    public async Task What_the_node_believes_after_trading_is_what_the_venue_knows(string venue)
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions { Venues = [venue], InRealTime = true });
        world.Trade();
        world.UntilFills(10);
        world.AssertBooksEqual();
        world.AssertAccountsEqual();
        var node = world.Node[venue];
        Assert.Equal(0, node.Ingest.Statistics.BooksCrossed);
        Assert.Equal(0, node.Ingest.Statistics.Gaps);
        Assert.Equal(0, node.Ingest.Statistics.Quarantined);
        Assert.Equal(0, node.Orders!.Statistics.StreamGaps);
        Assert.Equal(1, node.Orders.Statistics.Reconciliations);
        Assert.Equal(0, world.Orders.UnknownTotal);
        Assert.True(world.Node.Rejects.Counts.Values.Sum() * 3 <= world.Orders.Placed, world.Describe());
        world.AssertReplays();
    }
}
