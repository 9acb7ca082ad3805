using System.Runtime.Versioning;
using Penstock.MarketData.Books;
using Penstock.Node.Wiring;
using Penstock.Testing.Faults;

namespace Penstock.Tests.EndToEnd;

/// <summary>Two market-data connections of one venue over real sockets, every venue there is: either may be cut, and nobody notices.</summary>
[SupportedOSPlatform("linux")]
[Trait("requirement", "R9")]
public sealed class RedundantFeedTests
{
    public static readonly TheoryData<string> Venues = TradingTests.Venues;

    [Theory]
    [MemberData(nameof(Venues))]
    public async Task C19_One_of_two_connections_is_cut_and_the_books_go_on_without_a_gap(string venue)
    {
        await using var world = await StartAsync(venue);
        var (feed, statistics) = (world.Node[venue], world.Node[venue].Ingest.Statistics);
        for (var cut = 0; cut < 3; cut++)
        {
            CutOne(world, feed);
            Assert.False(feed.Ingest.IsStale);
            var deltas = statistics.Deltas;
            world.Until(() => statistics.Deltas > deltas + 5 && world.Node.Book(venue, "BTC-USDT")!.IsTradable, "the book going on");
            world.SkipUntil(() => feed.Feeds.All(f => f.IsConnected) && feed.Ingest.Lines.All(l => l.BooksSynced == 2), "the second connection back");
        }

        Assert.Equal(0, statistics.BooksInvalidated);
        Assert.Equal(0, statistics.Gaps);
        Assert.Equal(0, statistics.Unaccounted);
        Assert.True(statistics.Duplicate > 0);
        world.AssertBooksEqual();
        world.AssertReplays();
    }

    [Theory]
    [MemberData(nameof(Venues))]
    public async Task C19_Both_connections_are_cut_and_the_books_are_synchronised_again(string venue)
    {
        await using var world = await StartAsync(venue);
        var feed = world.Node[venue];
        world.Exchange.DisconnectAll();
        world.Until(() => feed.Feeds.All(f => !f.IsConnected), "both cut");
        Assert.True(feed.Ingest.IsStale);
        world.Until(() => !world.Node.Book(venue, "BTC-USDT")!.IsTradable, "the book unusable");
        world.SkipUntil(world.IsComplete, "connected and synchronised again");
        Assert.Equal(2, feed.Ingest.Statistics.BooksInvalidated);
        world.AssertBooksEqual();
        Assert.Equal(0, feed.Ingest.Statistics.Unaccounted);
        world.AssertReplays();
    }

    /// <summary>The venue cuts any of its connections: goes on until it was one of the feed's, never two at once.</summary>
    private static void CutOne(TradingWorld world, VenueWires feed)
    {
        var (faults, before) = (world.Exchange.Faults, Disconnects(feed));
        while (Disconnects(feed) == before)
        {
            var (injected, noticed) = (faults.Injected(FaultKind.Disconnect), Disconnects(feed) + OrderDisconnects(feed));
            faults.Arm(FaultKind.Disconnect);
            world.Until(() => faults.Injected(FaultKind.Disconnect) > injected, "a cut");
            world.Until(() => Disconnects(feed) + OrderDisconnects(feed) > noticed, "its arrival, at the feed or at an order session");
        }
    }

    private static long Disconnects(VenueWires feed) => feed.Feeds.Sum(f => f.LinkStatistics.Disconnects);

    private static long OrderDisconnects(VenueWires feed) =>
        feed.Orders is not { } orders ? 0 : orders.LinkStatistics.Disconnects + (orders.EntryStatistics?.Disconnects ?? 0);

    private static async Task<TradingWorld> StartAsync(string venue)
    {
        var world = await TradingWorld.StartAsync(
            new WorldOptions { Venues = [venue], Symbols = ["BTC-USDT", "SOL-USDT"], Quotes = false, Feeds = 2 });
        world.SkipUntil(() => world.IsComplete() && world.Node[venue].Ingest.Lines.All(l => l.BooksSynced == 2), "books synced on both connections");
        Assert.Equal(BookFlags.Synced, world.Node.Book(venue, "BTC-USDT")!.Flags);
        return world;
    }
}
