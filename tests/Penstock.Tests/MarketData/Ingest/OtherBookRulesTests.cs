using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using static Penstock.Tests.MarketData.Ingest.IngestBench;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>The rules of single venues: whole books, counted connections, overlapping deltas, books nobody counts, trades without order.</summary>
public sealed class OtherBookRulesTests
{
    private static readonly InstrumentId One = new(1);

    [Fact]
    [Trait("requirement", "R6")]
    public void A_channel_of_whole_books_needs_no_snapshot_and_never_goes_back()
    {
        var bench = new IngestBench(Rules.SocketRequest);
        bench.Receive(Whole(5, 90, 110));
        bench.Receive(Whole(7, 95, 105));
        bench.Receive(Whole(7, 95, 105));
        bench.Receive(Whole(6, 80, 120));

        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        Assert.True(bench.Keeper[One]!.TryBest(Side.Buy, out var best));
        Assert.Equal(95, best.Price.Raw);
        Assert.Equal((1, 3, 1, 1), (bench.Statistics.Snapshots, bench.Statistics.Deltas, bench.Statistics.DeltasRepeated, bench.Statistics.Stale));
        Assert.Empty(bench.Control.Wanted);
    }

    [Fact]
    [Trait("requirement", "R5")]
    public void A_hole_in_the_count_of_a_connection_invalidates_all_of_its_books_and_asks_for_another()
    {
        var bench = new IngestBench(Rules.Counter, instruments: 2);
        bench.Receive(Snapshot(1, FeedMessage.NoId) with { Sequence = 0 });
        bench.Receive(Snapshot(2, FeedMessage.NoId) with { Sequence = 1 });
        bench.Receive(Change(1, 91) with { Sequence = 2 });
        bench.Receive(Change(1, 91) with { Sequence = 2 });
        Assert.Equal((BookFlags.Synced, 1), (bench.FlagsOf(1), bench.Statistics.Duplicate));

        bench.Receive(Change(1, 92) with { Sequence = 4 });
        Assert.Equal([DisconnectReason.SequenceGap], bench.Control.Reconnects);
        Assert.Equal((BookFlags.Gap, BookFlags.Gap), (bench.FlagsOf(1), bench.FlagsOf(2)));
        Assert.Equal((1, 2), (bench.Statistics.Gaps, bench.Statistics.BooksInvalidated));
        Assert.Equal(1, bench.Statistics.DeltasUnsynchronised);

        bench.Disconnect();
        bench.Connect();
        bench.Receive(Snapshot(1, FeedMessage.NoId) with { Sequence = 0 });
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    [Trait("requirement", "R7")]
    public void Of_an_overlapping_delta_only_what_the_book_does_not_have_is_applied()
    {
        var bench = new IngestBench(Rules.Overlap);
        bench.Receive(Changes(10, 12, (10, 91, 1), (12, 92, 2)));
        bench.ReceiveSnapshot(Snapshot(1, 11));
        Assert.Equal([(90, 1), (92, 2)], Bids(bench));

        bench.Receive(Changes(11, 14, (11, 90, 9), (12, 92, 9), (14, 93, 3)));
        Assert.Equal([(90, 1), (92, 2), (93, 3)], Bids(bench));
        bench.Receive(Changes(15, 16));
        bench.Receive(Changes(18, 18, (18, 94, 1)));
        Assert.Equal((1, BookFlags.Gap), (bench.Statistics.Gaps, bench.FlagsOf(1)));
    }

    [Fact]
    [Trait("requirement", "R8")]
    public void A_checksum_of_its_own_confirms_the_book_as_it_stands_or_resynchronises_it()
    {
        var bench = new IngestBench(Rules.Checksum);
        var levels = new[] { (Side.Buy, 90L, 1L), (Side.Sell, 110L, 1L) };
        bench.Receive(Snapshot(1, FeedMessage.NoId, levels));
        var right = new WholeBookChecksum().Compute([new ChecksumLevel { PriceRaw = 90, QuantityRaw = 1 }], [new ChecksumLevel { PriceRaw = 110, QuantityRaw = 1 }]);
        bench.Receive(new FakeMessage(FeedMessageKind.BookChecksum, One) { Checksum = right });
        Assert.Equal((1, BookFlags.Synced), (bench.Statistics.ChecksumsMatched, bench.FlagsOf(1)));

        bench.Receive(new FakeMessage(FeedMessageKind.BookChecksum, One) { Checksum = right + 1 });
        Assert.Equal((1, BookFlags.Gap), (bench.Statistics.ChecksumsMismatched, bench.FlagsOf(1)));
        Assert.Equal([One], bench.Control.Wanted);
        Assert.Equal(QuarantineCause.ChecksumMismatch, Assert.Single(bench.Quarantine).Cause);
    }

    [Fact]
    [Trait("requirement", "R7")]
    public void A_book_nobody_counts_is_fetched_anew_while_it_goes_on_and_an_old_body_takes_nothing_back()
    {
        var bench = new IngestBench(Rules.Unsequenced);
        bench.Receive(Change(1, 91) with { Last = 100 });
        bench.ReceiveSnapshot(Snapshot(1, 100));
        bench.Receive(Change(1, 92) with { Last = 110 });
        bench.Control.Wanted.Clear();
        bench.AdvanceMs(60_100);
        Assert.Equal([One], bench.Control.Wanted);

        // A cached body of before the request: it would undo 110. The next request's body reaches it.
        bench.Receive(Change(1, 93) with { Last = 120 });
        bench.ReceiveSnapshot(Snapshot(1, 105));
        Assert.Equal((1, BookFlags.Synced), (bench.Statistics.SnapshotsTooOld, bench.FlagsOf(1)));
        Assert.Equal([90, 92, 93], Bids(bench).Select(b => b.Price));
        bench.AdvanceMs(2_100);
        Assert.Equal(2, bench.Control.Wanted.Count);
        bench.Receive(Change(1, 94) with { Last = 130 });
        bench.ReceiveSnapshot(Snapshot(1, 115, (Side.Buy, 88, 5), (Side.Sell, 110, 1)));

        // The snapshot, and what came after its time, again; never invalid in between.
        Assert.Equal([88, 93, 94], Bids(bench).Select(b => b.Price));
        Assert.Equal(0, bench.Statistics.BooksInvalidated);
        bench.Receive(Change(1, 95) with { Last = 125 });
        Assert.Equal(BookFlags.Gap, bench.FlagsOf(1));
    }

    [Fact]
    public void A_body_older_than_the_first_held_delta_is_refused_where_nothing_bridges()
    {
        var bench = new IngestBench(Rules.Unsequenced);
        bench.Receive(Change(1, 91) with { Last = 100 });
        bench.ReceiveSnapshot(Snapshot(1, 99));
        Assert.Equal((1, 1), (bench.Statistics.SnapshotsTooOld, bench.Statistics.Pending));
        bench.ReceiveSnapshot(Snapshot(1, 100));
        bench.Receive(Change(1, 92) with { Last = 101 });
        Assert.Equal((BookFlags.Synced, 0), (bench.FlagsOf(1), bench.Statistics.Bridged));
    }

    [Fact]
    [Trait("requirement", "R5")]
    public void Trades_without_order_are_repeated_only_when_the_very_id_came_before()
    {
        var bench = new IngestBench(Rules.Spot with { TradeIds = TradeIdOrder.Unordered });
        foreach (var id in (long[])[700, -3, 500, 700]) bench.Receive(Trade(1, id, 100, 5));
        Assert.Equal((3, 1, 0), (bench.Statistics.Trades, bench.Statistics.TradesRepeated, bench.Statistics.TradeIdGaps));
    }

    [Fact]
    public void A_quiet_market_without_a_bridge_has_its_book_asked_for_without_a_delta()
    {
        var bench = new IngestBench(Rules.Unsequenced);
        bench.AdvanceMs(1_999);
        Assert.Equal(0, bench.Control.Snapshots);
        bench.AdvanceMs(51);
        Assert.Equal(1, bench.Control.Snapshots);
        bench.ReceiveSnapshot(Snapshot(1, 500));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        bench.Receive(Delta(1, 501, 501, 500));
        Assert.Equal((1, 1), (bench.Control.Snapshots, bench.Statistics.Deltas));

        // With a rule for the first delta there is nothing to gain: it would have to come anyway.
        var bridged = new IngestBench(Rules.Spot);
        bridged.AdvanceMs(5_000);
        Assert.Equal(0, bridged.Control.Snapshots);
    }

    private static FakeMessage Whole(long id, long bid, long ask) =>
        Snapshot(1, id, (Side.Buy, bid, 1), (Side.Sell, ask, 1)) with { Kind = FeedMessageKind.FullBook };

    private static FakeMessage Change(int instrument, long price) => Delta(instrument, FeedMessage.NoId, FeedMessage.NoId, FeedMessage.NoId, price: price);

    private static FakeMessage Changes(long first, long last, params (long Id, long Price, long Quantity)[] bids) => new(FeedMessageKind.BookDelta, One)
    {
        First = first, Last = last, HasEventIds = true,
        Events = [.. bids.Select(b => new MarketEvent { Kind = MarketEventKind.BookDelta, Side = Side.Buy, Price = new Price(b.Price), Quantity = new Quantity(b.Quantity), UpdateId = b.Id })],
    };

    private static List<(long Price, long Quantity)> Bids(IngestBench bench)
    {
        var book = bench.Keeper[One]!;
        var levels = new BookLevel[book.Count(Side.Buy)];
        book.CopyTop(Side.Buy, levels);
        return [.. levels.Select(l => (l.Price.Raw, l.Quantity.Raw)).Order()];
    }
}
