using System.Runtime.Versioning;
using Penstock.Model.Orders;
using Penstock.Testing.Flow;
using Penstock.Trading.Risk;

namespace Penstock.Tests.EndToEnd;

/// <summary>The demo's own quoting: what the venues refuse, and what never leaves.</summary>
[SupportedOSPlatform("linux")]
public sealed class RefusalTests
{
    [Fact]
    public async Task The_demos_market_makers_are_seldom_refused()
    {
        await using var world = await TradingWorld.StartAsync(new WorldOptions
        {
            Venues = ["binance", "kraken", "okx"], Symbols = ["BTC-USDT", "ETH-USDT", "SOL-USDT"], Flow = new FlowOptions(),
            SpreadBps = 4, Size = 0.01m, RequoteTicks = 2, InventoryMax = 0.1m, InRealTime = true,
        });
        world.Trade();
        world.Until(() => Sent(world) >= 150 && world.Node.Engine.Risk.Rejects[(int)RiskRule.VenueOrderRate] > 0, "150 orders, more wished than the venues take");
        world.AssertAccountsEqual();
        TestContext.Current.SendDiagnosticMessage(world.Describe());

        // A quote may meet a market that has just moved; nothing else is refused, and nothing is created that cannot leave.
        Assert.All(world.Node.Rejects.Counts.Keys, k => Assert.Equal(RejectReason.WouldTakeLiquidity, k.Reason));
        Assert.True(world.Node.Rejects.Counts.Values.Sum() * 10 < world.Orders.Placed, $"{world.Node.Rejects} of {world.Orders.Placed}");
        Assert.Equal(world.Orders.Placed, Sent(world));
        Assert.All(world.Node.Pipeline.Venues, v => Assert.Equal(0, v.Orders!.Statistics.Throttled));
        world.AssertReplays();
    }

    private static long Sent(TradingWorld world) => world.Node.Pipeline.Venues.Sum(v => v.Orders!.Statistics.PlacesSent);
}
