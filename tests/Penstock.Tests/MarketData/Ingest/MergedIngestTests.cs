using Penstock.Connectivity.Feeds;
using Penstock.MarketData.Books;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using static Penstock.Tests.MarketData.Ingest.IngestBench;

namespace Penstock.Tests.MarketData.Ingest;

/// <summary>
/// Goal: two connections of one venue give the stream one perfect connection would have given. Method: seeded loss, delay, doubling and
/// reordering of whole frames on each connection; after every step a book that calls itself synced equals the venue's at its update id (the
/// naive twin: the venue's own dictionary), every trade that reached us by any connection is published exactly once.
/// </summary>
[Trait("requirement", "R9")]
public sealed class MergedIngestTests
{
    private const int StepMs = 10;

    private static readonly InstrumentId Id = new(1);

    private static readonly IngestOptions Impatient = new()
    {
        ResyncPauseMin = TimeSpan.FromMilliseconds(20), ResyncPauseMax = TimeSpan.FromMilliseconds(200),
        ResyncForgiveAfter = TimeSpan.FromMilliseconds(500), ResyncSpacing = TimeSpan.FromMilliseconds(1),
        ResyncTimeout = TimeSpan.FromMilliseconds(400),
    };

    public static TheoryData<string> All => ["Spot", "Futures", "PreviousId", "PlusOne", "SocketRequest", "Overlap", "Checksum", "Counter", "Unsequenced"];

    public static TheoryData<string> ById => ["Spot", "Futures", "PreviousId", "PlusOne", "SocketRequest", "Overlap"];

    public static TheoryData<string> LeadAndShadow => ["Checksum", "Counter", "Unsequenced"];

    [Fact]
    public void The_mode_follows_from_the_continuity_rule()
    {
        Assert.All(ById, row => Assert.Equal(FeedMerge.ById, RuleOf(row.Data).Merge));
        Assert.All(LeadAndShadow, row => Assert.Equal(FeedMerge.LeadAndShadow, RuleOf(row.Data).Merge));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Lossy_late_doubled_and_swapped_frames_on_both_lines_never_make_a_synced_book_wrong(string ruleName)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var run = new Run(RuleOf(ruleName), seed, delayStepsMax: 4);
            // Where a missing message cannot be seen no line may lose any: a single one would be as wrong.
            var isBlind = RuleOf(ruleName).Continuity == Continuity.NeverBackwards;
            for (var i = 0; i < 2; i++) (run.Networks[i].LossPerMille, run.Networks[i].OtherPerMille) = isBlind ? (0, 0) : (30, 20);
            for (var step = 0; step < 900; step++)
            {
                if (step == 700) run.Heal();
                run.Step();
            }

            run.AssertEndsRight();
            Assert.True(isBlind || run.Networks.All(n => n.Lost > 5), "Hardly a frame was lost: the test proves nothing.");
            Assert.True(run.Bench.Statistics.Duplicate > 200 && run.Bench.Statistics.Deltas > 300);
        }
    }

    [Theory]
    [MemberData(nameof(ById))]
    public void By_id_a_frame_that_reaches_us_on_one_line_only_is_neither_a_gap_nor_a_resync(string ruleName)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var run = new Run(RuleOf(ruleName), seed, delayStepsMax: 3);
            for (var step = 0; step < 30; step++) run.Step();
            var (resyncs, invalidated) = (run.Bench.Statistics.Resyncs, run.Bench.Statistics.BooksInvalidated);
            // Every frame is lost on one of the two lines at most: the union has no hole.
            var loser = 0;
            var random = new Random(seed);
            run.BeforeSend = () => loser = random.Next(4);
            for (var i = 0; i < 2; i++)
            {
                var index = i;
                run.Networks[i].Loses = () => loser == index;
            }

            for (var step = 0; step < 600; step++)
            {
                run.Step();
                Assert.Equal(BookFlags.Synced, run.Bench.Book().Flags);
            }

            run.Heal();
            for (var step = 0; step < 30; step++) run.Step();
            run.AssertEndsRight();
            Assert.Equal(0, run.Bench.Statistics.Gaps);
            Assert.Equal(resyncs, run.Bench.Statistics.Resyncs);
            Assert.Equal(invalidated, run.Bench.Statistics.BooksInvalidated);
            Assert.All(run.Networks, n => Assert.InRange(n.Lost, 50, 600));
            Assert.All([0, 1], i => Assert.True(run.Bench.Of(i) is { GapsFilled: > 30, Won: > 100, Late: > 30, LateNsMax: > 0 }));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Either_connection_may_die_without_a_trace_in_the_stream(string ruleName)
    {
        var run = new Run(RuleOf(ruleName), seed: 11, delayStepsMax: 0);
        for (var step = 0; step < 40; step++) run.Step();
        var invalidated = run.Bench.Statistics.BooksInvalidated;
        for (var cut = 0; cut < 6; cut++)
        {
            run.Networks[cut % 2].Cut();
            Assert.Equal(BookFlags.Synced, run.Bench.Book().Flags);
            for (var step = 0; step < 40; step++) run.StepSynced();
            run.Reconnect(cut % 2);
            for (var step = 0; step < 60; step++) run.StepSynced();
        }

        run.AssertEndsRight();
        Assert.Equal(6, run.Bench.Statistics.Disconnects);
        Assert.Equal(0, run.Bench.Statistics.Gaps);
        Assert.Equal(invalidated, run.Bench.Statistics.BooksInvalidated);
        Assert.Equal(run.Sent, run.Bench.TradeIds.Order());
        Assert.DoesNotContain(run.Bench.Publisher.Events, e => e.Kind == MarketEventKind.FeedHealth && (e.Flags & MarketEventFlags.Stale) != 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void When_both_die_the_book_is_unusable_until_one_is_back(string ruleName)
    {
        var run = new Run(RuleOf(ruleName), seed: 5, delayStepsMax: 0);
        for (var step = 0; step < 40; step++) run.Step();
        run.Networks[1].Cut();
        run.Networks[0].Cut();
        Assert.NotEqual(BookFlags.None, run.Bench.Book().Flags & BookFlags.Gap);
        Assert.True(run.Bench.Ingest.IsStale);
        Assert.Equal(0, run.Bench.Ingest.BooksSynced);
        run.Reconnect(1);
        for (var step = 0; step < 80; step++) run.Step();
        Assert.Equal(1, run.Bench.Ingest.BooksSynced);
        run.AssertEndsRight();
        Assert.Equal(1, run.Bench.Statistics.BooksInvalidated);
    }

    [Theory]
    [MemberData(nameof(LeadAndShadow))]
    public void A_leader_that_falls_silent_is_replaced_before_it_is_declared_so(string ruleName)
    {
        var run = new Run(RuleOf(ruleName), seed: 3, delayStepsMax: 0);
        for (var step = 0; step < 40; step++) run.Step();
        run.Networks[0].Loses = () => true;
        for (var step = 0; step < 200; step++) run.Step();
        run.AssertEndsRight();
        Assert.Equal(1, run.Bench.Of(1).TakeOvers);
        Assert.Equal(0, run.Bench.Statistics.BooksInvalidated);
    }

    [Fact]
    public void By_id_a_hole_on_both_lines_is_found_at_once_and_fetched_anew()
    {
        var run = new Run(Rules.PlusOne, seed: 9, delayStepsMax: 0);
        for (var step = 0; step < 20; step++) run.Step();
        foreach (var network in run.Networks) network.Loses = () => true;
        run.Step();
        foreach (var network in run.Networks) network.Loses = null;
        run.Step();
        Assert.Equal(1, run.Bench.Statistics.Gaps);
        Assert.Equal(1, run.Bench.Statistics.BooksInvalidated);
        for (var step = 0; step < 60; step++) run.Step();
        run.AssertEndsRight();
    }

    [Fact]
    public void By_id_a_hole_the_other_line_never_fills_is_fetched_by_the_line_itself_and_the_book_goes_on()
    {
        var bench = new MergedBench(Rules.PlusOne);
        for (var i = 0; i < 2; i++) bench.Receive(i, Snapshot(1, 10));
        bench.Receive(0, Delta(1, 12, 12, 11));
        Assert.Equal(1, bench.Statistics.Pending);
        Assert.Equal(BookFlags.Synced, bench.Book().Flags);
        bench.AdvanceMs(499);
        Assert.Equal(0, bench.Lines[0].Control.Resubscriptions);
        bench.AdvanceMs(100);
        Assert.Equal(1, bench.Lines[0].Control.Resubscriptions);
        Assert.Equal(0, bench.Lines[1].Control.Resubscriptions + bench.Statistics.Gaps + bench.Statistics.BooksInvalidated + bench.Statistics.Pending);
        bench.Receive(1, Delta(1, 11, 11, 10));
        Assert.Equal((11, BookFlags.Synced), (bench.Book().LastUpdateId, bench.Book().Flags));
    }

    [Fact]
    public void By_id_a_venue_that_restarts_its_ids_is_followed_by_the_first_line_that_shows_it()
    {
        var bench = new MergedBench(Rules.PreviousId);
        for (var i = 0; i < 2; i++) bench.Receive(i, Snapshot(1, 1_000));
        bench.Receive(0, Snapshot(1, 1, (Side.Buy, 50, 1)));
        bench.Receive(1, Delta(1, 0, 1_001, 1_000)); // still the old numbers: no gap, no news
        Assert.Equal((1, BookFlags.Synced), (bench.Book().LastUpdateId, bench.Book().Flags));
        bench.Receive(1, Snapshot(1, 1, (Side.Buy, 50, 1)));
        bench.Receive(1, Delta(1, 0, 2, 1, price: 51));
        bench.Receive(0, Delta(1, 0, 2, 1, price: 51));
        Assert.Equal((2, BookFlags.Synced), (bench.Book().LastUpdateId, bench.Book().Flags));
        Assert.Equal(0, bench.Statistics.Gaps + bench.Statistics.BooksInvalidated);
    }

    [Fact]
    public void By_id_numbers_that_went_back_while_the_other_line_was_away_do_not_freeze_the_book()
    {
        var bench = new MergedBench(Rules.PlusOne);
        for (var i = 0; i < 2; i++) bench.Receive(i, Snapshot(1, 1_000));
        bench.Disconnect(0);
        bench.Connect(0);
        bench.Receive(0, Snapshot(1, 1));
        bench.Disconnect(1);
        for (var id = 2; id < 30; id++)
        {
            bench.Receive(0, Delta(1, id, id, id - 1));
            bench.AdvanceMs(100);
        }

        Assert.Equal(1, bench.Statistics.BooksInvalidated);
        Assert.Equal(1, bench.Lines[0].Control.Resubscriptions);
        bench.Receive(0, Snapshot(1, 29));
        Assert.Equal((29, BookFlags.Synced), (bench.Book().LastUpdateId, bench.Book().Flags));
    }

    [Fact]
    public void A_reader_that_lost_events_gets_a_book_that_was_asked_for_anew()
    {
        foreach (var rule in new[] { Rules.PlusOne, Rules.Checksum })
        {
            var run = new Run(rule, seed: 2, delayStepsMax: 0);
            for (var step = 0; step < 20; step++) run.Step();
            run.Bench.Ingest.ResyncAll(run.Bench.Clock.NowNs);
            Assert.Equal(BookFlags.Gap, run.Bench.Book().Flags);
            for (var step = 0; step < 60; step++) run.Step();
            run.AssertEndsRight();
            Assert.Equal(1, run.Bench.Statistics.BooksInvalidated);
        }
    }

    [Fact]
    public void The_history_of_trades_that_comes_with_a_subscription_takes_nothing_from_the_other_line()
    {
        var bench = new MergedBench(Rules.PlusOne);
        bench.Receive(0, Trade(1, 100, 50, 1));
        var history = Trade(1, 101, 50, 2);
        bench.Receive(1, history with { Events = [history.Events[0] with { Flags = MarketEventFlags.Snapshot }] });
        bench.Receive(0, Trade(1, 101, 50, 2));
        bench.Receive(1, Trade(1, 101, 50, 2));
        Assert.Equal([100L, 101L], bench.TradeIds);
    }

    [Theory]
    [InlineData(TradeIdOrder.Increasing, TradeWindow.TradesMin, true)]
    [InlineData(TradeIdOrder.Unordered, TradeWindow.TradesMin, true)]
    [InlineData(TradeIdOrder.Increasing, 4 * TradeWindow.TradesMin, true)]
    [InlineData(TradeIdOrder.Unordered, 4 * TradeWindow.TradesMin, false)]
    public void A_trade_is_known_again_for_as_long_as_the_window_is(TradeIdOrder order, int later, bool isKnown)
    {
        var window = new TradeWindow(order);
        for (var id = 1; id <= 1 + later; id++) Assert.True(window.TryAdd(id, id, new LineArrival(0, id), out _));
        Assert.Equal(isKnown, !window.TryAdd(1, 1, new LineArrival(1, 9), out _));
        Assert.True(window.TryAdd(-5, later + 10, new LineArrival(0, 1), out _) || order == TradeIdOrder.Increasing);
    }

    [Theory]
    [MemberData(nameof(All))]
    [Trait("requirement", "R37")]
    public void Two_lines_allocate_nothing_in_the_steady_state(string ruleName)
    {
        var run = new Run(RuleOf(ruleName), seed: 4, delayStepsMax: 0);
        for (var step = 0; step < 60; step++) run.Step();
        var prepared = Enumerable.Range(0, 4_000).Select(i => run.Prepare(i)).ToList();
        run.Bench.Publisher.Keeps = false;
        run.Bench.Publisher.Reader = null;
        for (var i = 0; i < 2_000; i++) run.Play(prepared[i]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 2_000; i < 4_000; i++) run.Play(prepared[i]);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, run.Bench.Statistics.Gaps + run.Bench.Statistics.BooksInvalidated);
    }

    private static BookSyncRule RuleOf(string name) => name == "Unsequenced" ? Rules.Unsequenced : Rules.Of(name);

    /// <summary>One venue with a book and trades, two connections, and what it was asked for.</summary>
    private sealed class Run
    {
        private readonly BookSyncRule _rule;
        private readonly FakeVenue _venue;
        private readonly HashSet<long> _delivered = [];
        private readonly bool _counts;
        private long _step;
        private long _trade = 1_000;

        public Run(BookSyncRule rule, int seed, int delayStepsMax)
        {
            (_rule, _counts) = (rule, rule.Continuity == Continuity.ConnectionCounter);
            _venue = new FakeVenue(Id, rule, seed);
            Bench = new MergedBench(rule, options: Impatient);
            Networks = [.. Enumerable.Range(0, 2).Select(i => new FaultyLine(Bench, i, seed * 31 + i, delayStepsMax, _counts))];
            foreach (var network in Networks) network.Arrived = m => { if (m.Kind == FeedMessageKind.Trade) _delivered.Add(m.Events[0].UpdateId); };
            for (var i = 0; i < 2; i++) Start(i);
        }

        public MergedBench Bench { get; }

        public List<FaultyLine> Networks { get; }

        public Action BeforeSend { get; set; } = () => { };

        public List<long> Sent { get; } = [];

        public void Step()
        {
            SendToAll(_venue.Delta());
            if (_step % 2 == 0)
            {
                var id = ++_trade;
                Sent.Add(id);
                SendToAll(IngestBench.Trade(1, id, 100, id));
            }

            foreach (var network in Networks)
            {
                network.Deliver(_step);
                AssertSyncedMeansRight();
            }

            for (var i = 0; i < 2; i++) Answer(i);
            Bench.AdvanceMs(StepMs);
            AssertSyncedMeansRight();
            _step++;
        }

        public void StepSynced()
        {
            Step();
            Assert.Equal(BookFlags.Synced, Bench.Book().Flags);
        }

        public void Reconnect(int line)
        {
            Networks[line].Connect();
            Start(line);
        }

        public void Heal()
        {
            BeforeSend = () => { };
            foreach (var network in Networks) (network.LossPerMille, network.OtherPerMille, network.Loses) = (0, 0, null);
        }

        public void AssertEndsRight()
        {
            for (var later = 0; later < 20; later++) Step();
            while (Bench.Book().LastUpdateId != _venue.Id && _step++ < 10_000)
            {
                foreach (var network in Networks) network.Deliver(_step);
            }

            Assert.Equal(BookFlags.Synced, Bench.Book().Flags);
            Assert.Equal(_venue.At(_venue.Id), FakeVenue.LevelsOf(Bench.Book()));
            foreach (var network in Networks) network.Deliver(long.MaxValue);
            Assert.Equal(_delivered.Order(), Bench.TradeIds.Order());
            Assert.Equal(0, Bench.Statistics.Unaccounted);
        }

        public byte[][] Prepare(int index)
        {
            var message = index % 2 == 0 ? _venue.Delta() : IngestBench.Trade(1, ++_trade, 100, _trade);
            return [.. Enumerable.Range(0, 2).Select(i => Bench.Lines[i].Protocol.Frame(_counts ? message with { Sequence = Networks[i].NextSequence() } : message))];
        }

        public void Play(byte[][] frames)
        {
            for (var i = 0; i < 2; i++)
            {
                Bench.Ingest.Lines[i].OnFrame(frames[i], Bench.Clock.NowNs);
                Bench.Ingest.Lines[i].OnReadComplete(Bench.Clock.NowNs);
            }

            Bench.Ingest.Step(Bench.Clock.NowNs);
        }

        private void SendToAll(FakeMessage message)
        {
            BeforeSend();
            foreach (var network in Networks) network.Send(message, _step);
        }

        private void Start(int line)
        {
            if (_rule.Source == SnapshotSource.Socket) Networks[line].Send(_venue.Snapshot(), _step);
        }

        private void Answer(int line)
        {
            var control = Bench.Lines[line].Control;
            if (control.Reconnects.Count > 0)
            {
                control.Reconnects.Clear();
                Networks[line].Cut();
                Reconnect(line);
            }

            while (control.Wanted.TryDequeue(out _))
            {
                if (!Networks[line].IsConnected) continue;
                if (_rule.Source == SnapshotSource.Rest) Bench.ReceiveSnapshot(line, _venue.Snapshot());
                else Networks[line].Send(_venue.Snapshot(), _step);
            }
        }

        private void AssertSyncedMeansRight()
        {
            if (Bench.Keeper[Id] is not { Flags: BookFlags.Synced } book) return;
            Assert.True(_venue.At(book.LastUpdateId).AsSpan().SequenceEqual(FakeVenue.LevelsOf(book)), $"synced and wrong at {book.LastUpdateId}, step {_step}");
        }
    }
}
