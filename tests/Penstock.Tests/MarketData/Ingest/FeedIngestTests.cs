using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using static Penstock.Tests.MarketData.Ingest.IngestBench;

namespace Penstock.Tests.MarketData.Ingest;

public sealed class FeedIngestTests
{
    [Fact]
    [Trait("requirement", "R20")]
    public void Every_kind_of_input_ends_in_exactly_one_account()
    {
        var bench = new IngestBench(Rules.Spot, instruments: 2);
        bench.Receive([9, 9]);
        bench.Receive(new FakeMessage(FeedMessageKind.Heartbeat, InstrumentId.None));
        bench.Receive(new FakeMessage(FeedMessageKind.SubscribeRejected, InstrumentId.None));
        bench.Receive(new FakeMessage(FeedMessageKind.Trade, new InstrumentId(77)));
        bench.Receive(Delta(1, 1, 1, 0));
        bench.Receive(Trade(1, 5, 100, timeMs: 1));
        bench.Receive(Trade(1, 5, 100, timeMs: 1));

        var s = bench.Statistics;
        Assert.Equal((7L, 3L, 1L, 0L, 2L, 0L, 1L), (s.Received, s.Applied, s.Duplicate, s.Stale, s.Quarantined, s.Shed, s.Pending));
        Assert.Equal([QuarantineCause.Malformed, QuarantineCause.UnknownInstrument], bench.Quarantine.Select(q => q.Cause));
        Assert.Equal([9, 9], bench.Quarantine[0].Bytes);
        Assert.Equal(1, s.SubscribeRejected);
    }

    [Fact]
    public void Events_carry_venue_epoch_and_receive_stamp_and_come_in_one_batch_per_read()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Clock.AdvanceMs(5);
        bench.Ingest.OnFrame(bench.Protocol.Frame(Snapshot(1, 1)), bench.Clock.NowNs);
        bench.Ingest.OnFrame(bench.Protocol.Frame(Delta(1, 0, 2, 1, price: 95)), bench.Clock.NowNs);
        Assert.Empty(bench.Publisher.Events);
        bench.Ingest.OnReadComplete(bench.Clock.NowNs);

        Assert.Equal(1, bench.Publisher.Batches);
        Assert.Equal(3, bench.Publisher.Events.Count);
        foreach (var e in bench.Publisher.Events)
        {
            Assert.Equal((new VenueId(1), 1, bench.Clock.NowNs), (e.Venue, e.ConnectionEpoch, e.Received.Ns));
        }

        Assert.Equal([1L, 2L, 3L], bench.Publisher.Events.Select(e => e.Sequence));
    }

    [Fact]
    public void A_trade_repeated_after_a_reconnect_is_dropped_and_one_after_restarted_ids_is_not()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Trade(1, 100, 50, timeMs: 10));
        bench.Receive(Trade(1, 101, 50, timeMs: 20));
        bench.Disconnect();
        bench.Connect();
        bench.Receive(Trade(1, 101, 50, timeMs: 20));
        bench.Receive(Trade(1, 102, 50, timeMs: 30));
        Assert.Equal((3L, 1L, 0L), (bench.Statistics.Trades, bench.Statistics.Duplicate, bench.Statistics.TradeIdGaps));

        bench.Receive(Trade(1, 1, 50, timeMs: 40));
        Assert.Equal((4L, 1L), (bench.Statistics.Trades, bench.Statistics.TradeIdGaps));
    }

    [Fact]
    [Trait("requirement", "R5")]
    public void A_price_out_of_the_band_is_set_aside_until_the_market_has_clearly_moved()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(Trade(1, 1, 1_000, timeMs: 1));
        for (var i = 2; i < 9; i++) bench.Receive(Trade(1, i, 3_000, timeMs: i));
        Assert.Equal(7, bench.Statistics.QuarantinedByCause[(int)QuarantineCause.PriceOutOfBand]);
        bench.Receive(Trade(1, 9, 3_000, timeMs: 9));
        bench.Receive(Trade(1, 10, 3_100, timeMs: 10));
        Assert.Equal(3, bench.Statistics.Trades);
        Assert.Equal(7, bench.Statistics.Quarantined);
    }

    [Fact]
    public void A_best_bid_and_ask_older_than_the_last_is_stale()
    {
        var bench = new IngestBench(Rules.Spot);
        bench.Receive(Best(1, id: 10));
        bench.Receive(Best(1, id: 9));
        bench.Receive(Best(1, id: 10));
        Assert.Equal((2L, 1L), (bench.Statistics.BestBidAsks, bench.Statistics.Stale));
    }

    [Fact]
    [Trait("requirement", "R7")]
    public void A_feed_that_stays_open_and_silent_is_found_by_its_own_rate_and_heartbeats_do_not_help()
    {
        var bench = new IngestBench(Rules.PreviousId, instruments: 2);
        bench.Receive(Snapshot(1, 0));
        bench.Receive(Snapshot(2, 0));
        for (var i = 1; i <= 50; i++)
        {
            bench.AdvanceMs(100);
            bench.Receive(Delta(1, 0, i, i - 1, price: 50 + i % 7));
            bench.Receive(Delta(2, 0, i, i - 1, price: 50 + i % 7));
        }

        // Only the second instrument goes on; the first one's trades do, too, and prove nothing about its book.
        for (var i = 51; i <= 110; i++)
        {
            bench.AdvanceMs(100);
            bench.Receive(Delta(2, 0, i, i - 1, price: 50 + i % 7));
            bench.Receive(Trade(1, i, 100, timeMs: i));
        }

        Assert.Equal((BookFlags.Synced | BookFlags.Stale, BookFlags.Synced), (bench.FlagsOf(1), bench.FlagsOf(2)));
        Assert.Equal(1, bench.Statistics.InstrumentSilences);

        bench.Receive(Delta(1, 0, 51, 50, price: 40));
        Assert.Equal(BookFlags.Synced, bench.FlagsOf(1));

        for (var i = 0; i < 60; i++)
        {
            bench.AdvanceMs(100);
            bench.Receive(new FakeMessage(FeedMessageKind.Heartbeat, InstrumentId.None));
        }

        Assert.True(bench.Ingest.IsStale);
        Assert.Equal((BookFlags.Synced | BookFlags.Stale, BookFlags.Synced | BookFlags.Stale), (bench.FlagsOf(1), bench.FlagsOf(2)));
        Assert.Empty(bench.Control.Reconnects);
        bench.AdvanceMs(12_000);
        Assert.Equal([DisconnectReason.DataSilent], bench.Control.Reconnects);
        bench.AdvanceMs(60_000);
        Assert.Single(bench.Control.Reconnects);
    }

    [Fact]
    public void The_recovery_of_a_venue_does_not_hide_an_instrument_that_stays_silent()
    {
        var bench = new IngestBench(Rules.PreviousId, instruments: 2);
        bench.Receive(Snapshot(1, 0));
        bench.Receive(Snapshot(2, 0));
        var id = 0;
        void Beat(int count, params int[] instruments)
        {
            for (var i = 0; i < count; i++)
            {
                bench.AdvanceMs(100);
                id++;
                foreach (var n in instruments) bench.Receive(Delta(n, 0, id, n == 2 ? id - 1 : id - 1, price: 50 + id % 7));
            }
        }

        Beat(50, 1, 2);
        Beat(60, 2);
        Beat(60);
        Assert.True(bench.Ingest.IsStale);
        id = 110;
        Beat(1, 2);
        Assert.False(bench.Ingest.IsStale);
        Assert.Equal((BookFlags.Synced | BookFlags.Stale, BookFlags.Synced), (bench.FlagsOf(1), bench.FlagsOf(2)));
    }

    [Fact]
    public void A_request_of_the_venue_to_reconnect_is_followed()
    {
        var bench = new IngestBench(Rules.PreviousId);
        bench.Receive(new FakeMessage(FeedMessageKind.ReconnectRequested, InstrumentId.None));
        Assert.Equal([DisconnectReason.Requested], bench.Control.Reconnects);
    }

    [Theory]
    [Trait("requirement", "R36")]
    [InlineData("PreviousId")]
    [InlineData("Spot")]
    [InlineData("Checksum")]
    public void Following_a_warm_book_allocates_nothing(string ruleName)
    {
        var rule = Rules.Of(ruleName);
        var bench = new IngestBench(rule);
        bench.Publisher.Keeps = false;
        var venue = new FakeVenue(new InstrumentId(1), rule, 3);
        for (var i = 0; i < 100; i++) venue.Delta();
        var start = bench.Protocol.Frame(venue.Snapshot());
        var frames = new byte[4_000][];
        for (var i = 0; i < frames.Length; i++) frames[i] = bench.Protocol.Frame(venue.Delta());
        if (rule.Source == SnapshotSource.Rest) bench.Ingest.OnSnapshot(new InstrumentId(1), succeeded: true, start, bench.Clock.NowNs);
        else bench.Ingest.OnFrame(start, bench.Clock.NowNs);

        Feed(bench, frames.AsSpan(0, 2_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Feed(bench, frames.AsSpan(2_000));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4_000, bench.Statistics.Deltas);
    }

    private static void Feed(IngestBench bench, ReadOnlySpan<byte[]> frames)
    {
        foreach (var frame in frames)
        {
            bench.Clock.AdvanceMs(1);
            bench.Ingest.OnFrame(frame, bench.Clock.NowNs);
            bench.Ingest.OnReadComplete(bench.Clock.NowNs);
            bench.Ingest.Step(bench.Clock.NowNs);
        }
    }

    private static FakeMessage Best(int instrument, long id) => new(FeedMessageKind.BestBidAsk, new InstrumentId(instrument))
    {
        Last = id,
        Events =
        [
            new MarketEvent { Kind = MarketEventKind.BestBidAsk, Side = Side.Buy, Price = new Price(99), Quantity = new Quantity(1) },
            new MarketEvent { Kind = MarketEventKind.BestBidAsk, Side = Side.Sell, Price = new Price(101), Quantity = new Quantity(1) },
        ],
    };
}
