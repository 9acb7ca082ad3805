using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using static Penstock.Tests.MarketData.Ingest.IngestBench;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>The two families step by step: what each rule does with each message.</summary>
public sealed class BookSyncTests
{
    [Fact]
    [Trait("requirement", "R6")]
    public void A_gap_is_announced_before_anything_else_and_leaves_the_other_instruments_alone()
    {
        var bench = new IngestBench(Rules.PreviousId, instruments: 2);
        bench.Receive(Snapshot(1, 10));
        bench.Receive(Snapshot(2, 50));
        bench.Publisher.Events.Clear();

        bench.Receive(Delta(1, 0, 13, previous: 12));

        var invalid = Assert.Single(bench.Publisher.Events);
        Assert.Equal(MarketEventKind.BookInvalid, invalid.Kind);
        Assert.Equal(new InstrumentId(1), invalid.Instrument);
        Assert.Equal(BookFlags.Gap, bench.FlagsOf(1));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(2));
        Assert.Equal([new InstrumentId(1)], bench.Control.Wanted);

        bench.Receive(Delta(2, 0, 51, previous: 50));
        bench.Receive(Delta(1, 0, 14, previous: 13));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(2));
        Assert.Equal(2, bench.Statistics.DeltasUnsynchronised);

        bench.Receive(Snapshot(1, 20));
        bench.Receive(Delta(1, 0, 21, previous: 20));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    public void A_repeated_delta_is_a_duplicate_and_reaches_nobody()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Snapshot(1, 10));
        var delta = Delta(1, 0, 11, previous: 10);
        bench.Receive(delta);
        var published = bench.Publisher.Events.Count;
        bench.Receive(delta);
        bench.Receive(Delta(1, 0, 9, previous: 8));

        Assert.Equal(published, bench.Publisher.Events.Count);
        Assert.Equal(2, bench.Statistics.Duplicate);
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    public void Equal_ids_are_a_keep_alive_and_a_smaller_id_is_a_reset_where_the_venue_says_so()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Snapshot(1, 10));
        bench.Receive(new FakeMessage(FeedMessageKind.BookDelta, new InstrumentId(1)) { Last = 10, Previous = 10 });
        Assert.Equal(1, bench.Statistics.BookHeartbeats);

        bench.Receive(Delta(1, 0, 3, previous: 10));
        bench.Receive(Delta(1, 0, 5, previous: 3, price: 101));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        Assert.Equal(0, bench.Statistics.Gaps);
        Assert.Equal(2, bench.Statistics.Deltas);
    }

    [Fact]
    public void A_venue_that_sends_no_ids_is_followed_without_them()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Snapshot(1, FeedMessage.NoId));
        for (var i = 0; i < 3; i++) bench.Receive(Delta(1, FeedMessage.NoId, FeedMessage.NoId, FeedMessage.NoId, price: 91 + i));
        Assert.Equal(3, bench.Statistics.Deltas);
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    public void Deltas_wait_for_the_snapshot_and_covered_ones_are_dropped()
    {
        var bench = new IngestBench(Rules.Spot);
        bench.Receive(Delta(1, 5, 8, 0));
        bench.Receive(Delta(1, 9, 12, 0, price: 91));
        bench.Receive(Delta(1, 13, 13, 0, price: 92));
        Assert.Equal(3, bench.Statistics.Pending);
        Assert.Equal(1, bench.Control.Snapshots);

        bench.ReceiveSnapshot(Snapshot(1, 10));

        Assert.Equal(0, bench.Statistics.Pending);
        Assert.Equal(1, bench.Statistics.DeltasCovered);
        Assert.Equal(2, bench.Statistics.Deltas);
        Assert.Equal(1, bench.Statistics.Bridged);
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        Assert.Equal(13, bench.Keeper[new InstrumentId(1)]!.LastUpdateId);
    }

    [Fact]
    public void A_snapshot_older_than_the_first_held_delta_is_fetched_again_after_a_pause()
    {
        var bench = new IngestBench(Rules.Spot);
        bench.Receive(Delta(1, 20, 22, 0));
        bench.ReceiveSnapshot(Snapshot(1, 10));
        Assert.Equal(1, bench.Statistics.SnapshotsTooOld);
        Assert.Equal(BookFlags.None, bench.FlagsOf(1));
        Assert.Equal(1, bench.Control.Snapshots);

        bench.AdvanceMs(999);
        Assert.Equal(1, bench.Control.Snapshots);
        bench.AdvanceMs(60);
        Assert.Equal(2, bench.Control.Snapshots);
        bench.ReceiveSnapshot(Snapshot(1, 21));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    public void A_snapshot_that_cannot_be_had_is_asked_for_ever_more_slowly()
    {
        var bench = new IngestBench(Rules.Spot);
        bench.Receive(Delta(1, 20, 22, 0));
        var asked = new List<int>();
        for (var second = 0; second < 300; second++)
        {
            while (bench.Control.Wanted.TryDequeue(out var id)) bench.Ingest.OnSnapshot(id, succeeded: false, [], bench.Clock.NowNs);
            bench.AdvanceMs(1_000);
            asked.Add(bench.Control.Snapshots);
        }

        Assert.InRange(asked[^1], 8, 13);
        Assert.Equal(bench.Control.Snapshots, bench.Statistics.Resyncs);
    }

    [Fact]
    [Trait("requirement", "R20")]
    public void More_deltas_than_the_bound_are_shed_and_counted_and_the_wait_starts_again()
    {
        var bench = new IngestBench(Rules.Spot);
        for (var id = 1; id <= 201; id++) bench.Receive(Delta(1, id, id, 0));
        Assert.Equal(201, bench.Statistics.Shed);
        Assert.Equal(0, bench.Statistics.Pending);

        bench.Receive(Delta(1, 202, 202, 0));
        bench.ReceiveSnapshot(Snapshot(1, 201));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
    }

    [Fact]
    public void A_futures_book_follows_the_id_each_message_names()
    {
        var bench = new IngestBench(Rules.Futures);
        bench.Receive(Delta(1, 5, 9, previous: 2));
        bench.ReceiveSnapshot(Snapshot(1, 9));
        bench.Receive(Delta(1, 30, 35, previous: 9, price: 91));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        bench.Receive(Delta(1, 50, 55, previous: 40));
        Assert.Equal(1, bench.Statistics.Gaps);
        Assert.Equal(BookFlags.Gap, bench.FlagsOf(1));
        Assert.Equal(1, bench.Statistics.Pending);
    }

    [Fact]
    [Trait("requirement", "R19")]
    public void A_message_that_fails_its_checksum_reaches_nobody_and_is_kept()
    {
        var rule = Rules.Checksum;
        var bench = new IngestBench(rule);
        var venue = new FakeVenue(new InstrumentId(1), rule, 1);
        for (var i = 0; i < 20; i++) venue.Delta();
        bench.Receive(venue.Snapshot());
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        bench.Publisher.Events.Clear();

        bench.Receive(venue.Delta() with { Checksum = 1 });

        Assert.Equal(MarketEventKind.BookInvalid, Assert.Single(bench.Publisher.Events).Kind);
        Assert.Equal(QuarantineCause.ChecksumMismatch, Assert.Single(bench.Quarantine).Cause);
        Assert.Equal(1, bench.Statistics.QuarantinedByCause[(int)QuarantineCause.ChecksumMismatch]);
        Assert.Equal(1, bench.Control.Resubscriptions);
    }

    [Fact]
    public void Levels_pushed_out_of_the_depth_are_deleted_within_the_same_message()
    {
        var bench = new IngestBench(Rules.Checksum with { PruneDepth = 2, Checksum = null });
        bench.Receive(Snapshot(1, 1, (Side.Buy, 100, 1), (Side.Buy, 99, 1), (Side.Sell, 110, 1)));
        bench.Publisher.Events.Clear();

        bench.Receive(Delta(1, 0, 2, 0, Side.Buy, price: 101));

        Assert.Equal(2, bench.Publisher.Events.Count);
        Assert.False(bench.Publisher.Events[0].IsLast);
        var delete = bench.Publisher.Events[1];
        Assert.True(delete.IsLast && !delete.IsFirst);
        Assert.Equal((99L, 0L, Side.Buy), (delete.Price.Raw, delete.Quantity.Raw, delete.Side));
        Assert.Equal(2, bench.Keeper[new InstrumentId(1)]!.Count(Side.Buy));
    }

    [Fact]
    public void A_crossed_book_without_a_checksum_is_quarantined_and_resynchronised()
    {
        var bench = new IngestBench(Rules.Checksum);
        bench.Receive(Snapshot(1, 1));
        bench.Receive(Delta(1, 0, 2, 0, Side.Buy, price: 110));
        Assert.Equal(1, bench.Statistics.QuarantinedByCause[(int)QuarantineCause.CrossedBook]);
        Assert.Equal(BookFlags.Gap, bench.FlagsOf(1));

        var spot = new IngestBench(Rules.Spot);
        spot.ReceiveSnapshot(Snapshot(1, 5, (Side.Buy, 110, 1), (Side.Sell, 100, 1)));
        Assert.Equal(QuarantineCause.CrossedBook, Assert.Single(spot.Quarantine).Cause);
        Assert.NotEqual(BookFlags.Synced, spot.FlagsOf(1));
    }

    [Fact]
    public void An_empty_snapshot_empties_the_book()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Snapshot(1, 1));
        bench.Receive(new FakeMessage(FeedMessageKind.BookSnapshot, new InstrumentId(1)) { Last = 2 });
        var book = bench.Keeper[new InstrumentId(1)]!;
        Assert.Equal((0, 0, BookFlags.Synced), (book.Count(Side.Buy), book.Count(Side.Sell), book.Flags));
        Assert.False(book.IsTradable);
    }

    [Fact]
    public void A_lost_connection_makes_every_book_unusable_and_gives_up_what_was_held_back()
    {
        var bench = new IngestBench(Rules.Spot, instruments: 2);
        bench.Receive(Delta(1, 5, 5, 0));
        bench.ReceiveSnapshot(Snapshot(1, 5));
        bench.Receive(Delta(2, 7, 7, 0));
        bench.Disconnect();

        Assert.Equal(BookFlags.Gap | BookFlags.Stale, bench.FlagsOf(1));
        Assert.Equal((0L, 0L), (bench.Statistics.Pending, bench.Statistics.Unaccounted));
        bench.Connect();
        bench.Receive(Delta(1, 9, 9, 0));
        bench.ReceiveSnapshot(Snapshot(1, 8));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));
        Assert.Equal(2, bench.Publisher.Events[^1].ConnectionEpoch);
    }

    [Fact]
    public void The_operators_resync_starts_one_book_over()
    {
        var bench = new IngestBench(Rules.PreviousId, instruments: 2);
        bench.Receive(Snapshot(1, 1));
        bench.Receive(Snapshot(2, 1));
        bench.Ingest.Resync(new InstrumentId(2), bench.Clock.NowNs);
        Assert.Equal((BookFlags.Synced, BookFlags.Gap), (bench.FlagsOf(1), bench.FlagsOf(2)));
        Assert.Equal(1, bench.Ingest.BooksSynced);
        Assert.Equal([new InstrumentId(2)], bench.Control.Wanted);
    }

    [Fact]
    public void A_snapshot_the_venue_owes_and_does_not_send_is_asked_for()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.AdvanceMs(9_900);
        Assert.Equal(0, bench.Control.Resubscriptions);
        bench.AdvanceMs(200);
        Assert.Equal(1, bench.Control.Resubscriptions);
    }
}
