using System.Runtime.Versioning;
using Penstock.Connectivity;
using Penstock.Node.Configuration;
using Penstock.Testing.Hosting;
using Penstock.Tests.Venues;

namespace Penstock.Tests.EndToEnd;

/// <summary>Node and simulated venue over real sockets without faults: connect, synchronise, quote, fill, stop.</summary>
[SupportedOSPlatform("linux")]
public sealed class TradingTests
{
    /// <summary>Every market of the catalogue whose simulated twin takes orders: a new venue is traded here without a new line of code.</summary>
    public static readonly TheoryData<string> Venues = [.. SimulatedVenues.TradedNames];

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "E30"), Trait("requirement", "R102")]
    public async Task C15_What_the_node_believes_after_trading_is_what_the_venue_knows(string venue)
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
        // Where fills come by REST they may be missing for a moment, and what is missing is reconciled.
        Assert.InRange(node.Orders.Statistics.Reconciliations, 1, Can(venue, VenueCapabilities.FillsInOrderStream) ? 1 : 10);
        // An answer by REST may overtake the stream: "no such order" of one just filled is asked for, and known at once.
        if (Can(venue, VenueCapabilities.WebSocketOrderEntry)) Assert.Equal(0, world.Orders.UnknownTotal);
        Assert.True(world.Node.Rejects.Counts.Values.Sum() * 3 <= world.Orders.Placed, world.Describe());
        world.AssertReplays();
    }

    private static bool Can(string venue, VenueCapabilities capability) => FeedFixtures.Create(venue).Profile.Capabilities.HasFlag(capability);
}
