using System.Runtime.Versioning;

namespace Penstock.Tests.EndToEnd;

/// <summary>The node dies in the middle of trading; the next one recovers from the journal and asks the venue for the rest.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestartTests
{
    public static readonly TheoryData<string> Venues = TradingTests.Venues;

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R156")]
    public async Task C17_A_node_that_died_with_orders_in_flight_recovers_reconciles_and_owns_what_the_venue_says(string venue)
    {
        await using var world = await TradingWorld.StartAsync(venue);
        world.Trade();
        for (var death = 0; death < 2; death++)
        {
            world.UntilFills(3);
            var placed = world.Orders.Placed;
            world.SkipUntil(() => world.Orders.Placed > placed, "an order whose answer the node does not live to see");
            var fills = world.Orders.Fills;
            world.Restart();
            Assert.Equal(fills, world.Orders.Fills);
            world.Trade();
        }

        world.UntilFills(3);
        world.AssertAccountsEqual();
        Assert.Equal(0, world.Orders.OrphanFills);
        Assert.Equal(3, world.Node.Engine.Session);
        world.AssertReplays();
    }
}
