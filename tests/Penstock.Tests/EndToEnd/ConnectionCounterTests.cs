using System.Runtime.Versioning;
using Penstock.Connectivity.Feeds;
using Penstock.Node.Configuration;
using Penstock.Testing.Faults;
using Penstock.Tests.Venues;

namespace Penstock.Tests.EndToEnd;

/// <summary>Where all frames of a connection are counted together, nobody knows what a missing one told: a lost trade costs the books, too.</summary>
[SupportedOSPlatform("linux")]
public sealed class ConnectionCounterTests
{
    public static readonly TheoryData<string> Venues = [.. TradingTests.Venues.Select(row => row.Data).Where(CountsConnections)];

    [Theory]
    [MemberData(nameof(Venues))]
    [Trait("requirement", "R67"), Trait("requirement", "R6")]
    public async Task A_lost_frame_of_any_channel_invalidates_every_book_and_a_new_connection_brings_them_back(string venue)
    {
        await using var world = await TradingWorld.StartAsync(
            new WorldOptions { Venues = [venue], Symbols = ["BTC-USDT", "SOL-USDT"], Quotes = false, InRealTime = true });
        world.SkipUntil(world.IsComplete, "books synced");
        var (feed, ingest) = (world.Node[venue].Feed, world.Node[venue].Ingest.Statistics);
        world.Exchange.Faults.Scope = FrameKinds.Market;
        world.Exchange.Faults.Arm(FaultKind.DropFrame);
        world.SkipUntil(() => ingest.Gaps > 0, "a hole in the count");
        Assert.Equal(2, ingest.BooksInvalidated);
        world.SkipUntil(() => feed.LinkStatistics.Connects == 2 && world.Node[venue].Ingest.BooksSynced == 2, "both books on a new connection");
        world.AssertBooksEqual();
        Assert.Equal((1L, 0L, 2L), (ingest.Gaps, ingest.Unaccounted, feed.LinkStatistics.Connects));
        world.AssertReplays();
    }

    private static bool CountsConnections(string name) =>
        FeedFixtures.Create(name).Profile.BookSync.Continuity == Continuity.ConnectionCounter;
}
