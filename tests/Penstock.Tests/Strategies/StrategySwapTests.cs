using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Snapshots;
using Penstock.Infrastructure.Time;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>A new version of a strategy takes over while another one trades: nothing it asks for leaves too early, and nothing is lost.</summary>
[Trait("requirement", "R74")]
[Trait("requirement", "R96")]
public sealed class StrategySwapTests
{
    public sealed record NoConfig;

    private sealed class ThrowsAt(int book) : Strategy<NoConfig>
    {
        private int _books;

        protected override void OnBook(in BookView view)
        {
            if (++_books == book) throw new InvalidOperationException("planted");
        }

        protected override int StateVersion => 1;

        protected override void OnState(StateArchive state) => _books = state.Value(_books);
    }

    private sealed class Moonstruck : Strategy<NoConfig>
    {
        protected override void OnStart() => throw new ArgumentException("needs a moon");
    }

    private sealed class Endless : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            while (true) Context.CancelAll();
        }
    }

    /// <summary>Asks for everything there is, with every book.</summary>
    private sealed class Greedy : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            Assert.False(Buy(book.Id, Quantity.From(0.1m)).Limit(Price.From(99m)).Send().IsPlaced);
            var order = Context.NextActive(null)!.ClientOrderId;
            Assert.False(Context.Cancel(order));
            Assert.False(Context.Amend(order, Price.From(98m), default).IsSent);
            Assert.Equal(0, Context.CancelAll());
            Bid(book.Id).Set(Price.From(97m), Quantity.From(0.1m));
        }
    }

    [Fact]
    public void The_new_version_looks_on_the_old_one_drains_then_the_new_one_quotes()
    {
        var swap = new SwapWorld();
        var (world, runner) = (swap.World, swap.Runner);
        Assert.Equal((SwapPhase?)null, runner.Swap?.Phase);
        Assert.True(swap.Swap().Done);
        Assert.Equal(SwapPhase.Loaded, runner.Swap!.Phase);
        swap.Market(2);
        Assert.Equal((SwapPhase.Warming, SwapStep.None, 2L), (runner.Swap.Phase, runner.Swap.Step, runner.Swap.Events));
        Assert.False(swap.Command(EngineCommandKind.TakeOverStrategy).Done);
        swap.Market(6);
        Assert.Equal((SwapStep.TakeOver, 8L), (runner.Swap.Step, runner.Swap.Events));
        Assert.True(runner.Swap.Withheld >= 2, $"{runner.Swap.Withheld}");
        var bidOfOld = swap.PlacedBy(1).Last(o => o.Side == Model.Markets.Side.Buy);

        Assert.Contains("2 cancels sent", swap.Command(EngineCommandKind.TakeOverStrategy).Message, StringComparison.Ordinal);
        Assert.Equal((SwapPhase.TakingOver, SwapStep.None, 2), (runner.Swap.Phase, runner.Swap.Step, swap.Live(1)));
        var placed = swap.PlacedBy(1).Count();
        world.Book(101m, 101.02m);
        world.Timer(300);
        Assert.Equal((placed, SwapStep.None), (swap.PlacedBy(1).Count(), runner.Swap.Step));
        Assert.False(swap.Command(EngineCommandKind.FinishSwap).Done);
        world.Fill(bidOfOld, trade: 1, 0.04m); // late, but not lost
        swap.Cancelled();
        world.Timer(20);
        Assert.Equal((0, SwapStep.Finish), (swap.Live(1), runner.Swap.Step));
        Assert.True(swap.Command(EngineCommandKind.FinishSwap).Done);
        Assert.Null(runner.Swap);
        Assert.Equal(("1.1.0", SwapWorld.Wide), (runner.Version.Number, runner.Configuration));
        Assert.Contains("took over from built in", runner.LastSwap, StringComparison.Ordinal);

        world.Timer(300);
        world.Book(101m, 101.03m);
        Assert.Equal(placed + 2, swap.PlacedBy(1).Count());
        var bid = swap.PlacedBy(1).Last(o => o.Side == Model.Markets.Side.Buy);
        Assert.InRange(bid.Price.ToDecimal(), 100.6m, 100.8m); // 30 bps away, the old one stood at 10
        world.Fill(bidOfOld, trade: 2, 0.02m); // later still, after its cancel
        Assert.Equal(Quantity.From(0.06m), runner.Context.Position(Btc).Quantity);
        Assert.Equal(Quantity.From(0.06m), swap.Engine.Positions.Of(1, Btc).Quantity);
        Assert.Equal((1L, 1L, 0L), (swap.Engine.Statistics.SwapsBegun, swap.Engine.Statistics.SwapsDone, swap.Engine.Statistics.SwapsDropped));
        AssertReplays(swap);
    }

    [Fact]
    public void Nothing_a_version_that_warms_up_asks_for_reaches_the_desk()
    {
        var swap = new SwapWorld(new NamedVersions().With("greedy", () => new Greedy()));
        var twin = new SwapWorld();
        Assert.True(swap.Swap("greedy", "").Done);
        swap.Market(10);
        twin.Market(10);
        Assert.Equal(twin.World.Outbox.Placed, swap.World.Outbox.Placed);
        Assert.Equal(twin.World.Outbox.Cancelled.Count, swap.World.Outbox.Cancelled.Count);
        Assert.Equal(twin.Engine.Risk.Rejects, swap.Engine.Risk.Rejects);
        Assert.True(swap.Runner.Swap!.Withheld >= 40, $"{swap.Runner.Swap.Withheld}");
        Assert.Equal(swap.Runner.Swap.Withheld, swap.Engine.Statistics.SwapWithheld);
        AssertReplays(swap);
    }

    [Theory]
    [InlineData("throws", "InvalidOperationException: planted")]
    [InlineData("sends", "RunawayStrategyException")]
    public void A_version_that_fails_while_it_warms_up_is_dropped_and_the_old_one_notices_nothing(string version, string reason)
    {
        var versions = new NamedVersions().With("throws", () => new ThrowsAt(3)).With("sends", () => new Endless());
        var (swap, twin) = (new SwapWorld(versions), new SwapWorld());
        Assert.True(swap.Swap(version, "").Done);
        swap.Market(6);
        twin.Market(6);
        Assert.Null(swap.Runner.Swap);
        Assert.Contains(reason, swap.Runner.LastSwap, StringComparison.Ordinal);
        Assert.Equal((true, 0L, 1L), (swap.Runner.IsEnabled, swap.Runner.Faults, swap.Engine.Statistics.SwapsDropped));
        Assert.Equal(twin.World.Outbox.Placed, swap.World.Outbox.Placed);
        Assert.Equal(StrategyVersion.BuiltIn, swap.Runner.Version);
        AssertReplays(swap);
    }

    [Fact]
    public void What_cannot_begin_is_refused_with_the_reason()
    {
        var swap = new SwapWorld(new NamedVersions().With("stillborn", () => new Moonstruck()));
        AssertRefused("needs a moon", swap.Swap("stillborn", ""));
        AssertRefused("Did you mean 'spreadBps'?", swap.Swap(settings: """{"spraedBps":1}"""));
        AssertRefused("there is no file with sha256 lost0000", swap.Swap("lost"));
        AssertRefused("no order of a swap", swap.Command(EngineCommandKind.SwapStrategy, "{}"));
        AssertRefused("is not being swapped", swap.Command(EngineCommandKind.CancelSwap));
        AssertRefused("is not being taken over", swap.Command(EngineCommandKind.FinishSwap));
        Assert.True(swap.Swap().Done);
        AssertRefused("is being swapped to", swap.Swap());
        AssertRefused("is being swapped", swap.Command(EngineCommandKind.ConfigureStrategy, """{"spreadBps":5}"""));
        var bare = new EngineWorld().Ready();
        AssertRefused("no plugins", bare.Engine.OnCommand(new EngineCommand
        {
            Kind = EngineCommandKind.SwapStrategy, Strategy = 1, Who = "test", NowNs = bare.NowNs,
            Text = new SwapOrder { Version = new StrategyVersion("a.dll", "1.0.0", ""), Strategy = "test" }.ToJson(),
        }));
        AssertReplays(swap);
    }

    [Theory]
    [InlineData(SwapPhase.Loaded)]
    [InlineData(SwapPhase.Warming)]
    [InlineData(SwapPhase.TakingOver)]
    public void A_swap_can_be_cancelled_until_it_is_done_and_the_old_one_quotes_on(SwapPhase phase)
    {
        var swap = Until(phase);
        Assert.True(swap.Command(EngineCommandKind.CancelSwap).Done);
        Assert.Contains("cancelled: because", swap.Runner.LastSwap, StringComparison.Ordinal);
        AssertTheOldOneQuotes(swap);
        AssertReplays(swap);
    }

    /// <summary>The process dies in that phase; the journal is replayed and a session begins.</summary>
    [Theory]
    [InlineData(SwapPhase.Loaded)]
    [InlineData(SwapPhase.Warming)]
    [InlineData(SwapPhase.TakingOver)]
    [InlineData(SwapPhase.None)]
    public void After_a_kill_a_version_that_had_not_taken_over_is_gone_and_one_that_had_is_there(SwapPhase phase)
    {
        var swap = Until(phase);
        foreach (var recovery in new[] { swap.Replayed(), swap.ReplayedBySnapshots() })
        {
            Assert.Null(recovery.FirstDifference);
            var engine = recovery.Engine!;
            engine.BeginSession(new SessionInfo(2, 43, 5 * Ms, "{}"), new MemoryJournal(), new RecordingOutbox());
            var runner = engine.Strategies[0];
            Assert.Null(runner.Swap);
            var isDone = phase == SwapPhase.None;
            Assert.Equal((isDone ? "1.1.0" : "", isDone ? SwapWorld.Wide : ""), (runner.Version.Number, runner.Configuration));
            Assert.Contains(isDone ? "took over" : "another session", runner.LastSwap, StringComparison.Ordinal);
            Assert.Equal((isDone ? 0L : 1L, true), (engine.Statistics.SwapsDropped, runner.IsEnabled));
            engine.OnSession(Venue, true, DisconnectReason.None, 6 * Ms);
            engine.OnReconciled(Venue, true, 6 * Ms);
        }
    }

    [Fact]
    public void A_replay_without_the_file_says_which_one_is_missing()
    {
        var swap = Until(SwapPhase.None);
        var replay = swap.Replayed(new NamedVersions());
        Assert.NotNull(replay.FirstDifference);
        Assert.Contains($"sha256 {NamedVersions.Hash("next")}", replay.SwapProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_strategy_is_swapped_too_and_stays_paused()
    {
        var swap = new SwapWorld();
        Assert.True(swap.Command(EngineCommandKind.DisableStrategy).Done);
        swap.Cancelled();
        Assert.True(swap.Swap().Done);
        swap.Market(8);
        Assert.True(swap.Command(EngineCommandKind.TakeOverStrategy).Done);
        swap.World.Timer(20);
        Assert.True(swap.Command(EngineCommandKind.FinishSwap).Done);
        var placed = swap.PlacedBy(1).Count();
        swap.Market(3);
        Assert.Equal((placed, false), (swap.PlacedBy(1).Count(), swap.Runner.IsEnabled));
        Assert.True(swap.Command(EngineCommandKind.EnableStrategy).Done);
        swap.World.Timer(300);
        Assert.Equal(placed + 2, swap.PlacedBy(1).Count());
        AssertReplays(swap);
    }

    /// <summary>The other strategy is shown every book and decides as it would have decided without any swap.</summary>
    [Fact]
    public void The_others_are_shown_every_event_and_decide_the_same()
    {
        var (swap, twin) = (Until(SwapPhase.None), new SwapWorld());
        twin.Market(8);
        twin.World.Timer(20);
        Assert.Equal(swap.Engine.Strategies[1].Books, twin.Engine.Strategies[1].Books);
        Assert.Equal(
            twin.PlacedBy(2).Select(o => (o.Side, o.Price, o.Quantity)),
            swap.PlacedBy(2).Select(o => (o.Side, o.Price, o.Quantity)));
        Assert.Equal(swap.Engine.Statistics.BookCalls, swap.Engine.Strategies.Sum(s => s.Books));
    }

    [Fact]
    public void Each_step_is_in_the_audit_trail()
    {
        var swap = Until(SwapPhase.None);
        var links = swap.World.Journal.Records.Where(r => r.Type == (ushort)EngineRecordType.Audit);
        var texts = links.Select(r => System.Text.Encoding.UTF8.GetString(r.Payload)).ToList();
        foreach (var said in new[] { NamedVersions.Hash("next"), "warms up", "cancels sent", "took over from" })
            Assert.Contains(texts, t => t.Contains(said, StringComparison.Ordinal));
    }

    /// <summary>An older build must refuse the record instead of reading it as a command without effect.</summary>
    [Fact]
    public void A_swap_is_a_command_of_a_version_of_its_own()
    {
        var plain = EngineRecords.Encode(new EngineCommand { Kind = EngineCommandKind.ConfigureStrategy, Who = "a", NowNs = 1 });
        var swapped = EngineRecords.Encode(new EngineCommand { Kind = EngineCommandKind.SwapStrategy, Who = "a", NowNs = 1 });
        Assert.Equal("Command of version 1", EngineRecords.Describe(EngineRecordType.Command, plain));
        Assert.Equal("Command of version 2", EngineRecords.Describe(EngineRecordType.Command, swapped));
        Assert.Equal(EngineCommandKind.SwapStrategy, EngineRecords.DecodeCommand(swapped)!.Kind);
    }

    [Fact]
    public void A_version_that_is_too_slow_is_told_apart_from_the_one_that_trades()
    {
        var clock = new ManualClock();
        var swap = new SwapWorld(new NamedVersions().With("slow", () => new Slowing(clock)));
        foreach (var strategy in swap.Engine.Strategies) strategy.Measure(clock);
        Assert.True(swap.Swap("slow", "").Done);
        swap.Market(6);
        Assert.Null(swap.Runner.Budget!.TakeVerdict());
        Assert.Contains("longer than 250000 us", swap.Runner.Swap!.Budget!.TakeVerdict(), StringComparison.Ordinal);
    }

    private sealed class Slowing(ManualClock clock) : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book) => clock.AdvanceMs(300);
    }

    [Fact]
    public void Showing_events_to_two_versions_allocates_nothing()
    {
        var swap = new SwapWorld();
        Assert.True(swap.Swap(warmUpMs: 1_000_000).Done);
        swap.Market(50);
        var engine = swap.Engine;
        engine.BeginSession(new SessionInfo(2, 42, swap.World.NowNs, "{}"), new NullJournal(), new RecordingOutbox());
        Assert.True(swap.Swap(warmUpMs: 1_000_000).Done);
        var books = Enumerable.Range(0, 200)
            .Select(i => Snapshot(Btc, 100m + i % 9 * 0.05m, 100.02m + i % 9 * 0.05m, swap.World.NowNs + i * Ms)).ToArray();
        foreach (var book in books) engine.OnMarketEvents(book);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var book in books) engine.OnMarketEvents(book);
        engine.OnTimer(swap.World.NowNs + 300 * Ms);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(400, swap.Runner.Swap!.Events);
    }

    internal static void AssertReplays(SwapWorld swap)
    {
        var hash = swap.Engine.StateHash;
        var (replay, stepped) = (swap.Replayed(), swap.ReplayedBySnapshots());
        Assert.Null(replay.FirstDifference);
        Assert.Null(stepped.FirstDifference);
        Assert.Equal((hash, hash), (replay.Engine!.StateHash, stepped.Engine!.StateHash));
    }

    /// <summary>None: the new version has taken over.</summary>
    private static SwapWorld Until(SwapPhase phase)
    {
        var swap = new SwapWorld();
        if (phase == SwapPhase.Loaded)
        {
            Assert.True(swap.Swap().Done);
            return swap;
        }

        swap.Warm();
        if (phase == SwapPhase.Warming) return swap;
        Assert.True(swap.Command(EngineCommandKind.TakeOverStrategy).Done);
        if (phase == SwapPhase.TakingOver) return swap;
        swap.Cancelled();
        swap.World.Timer(20);
        Assert.True(swap.Command(EngineCommandKind.FinishSwap).Done);
        return swap;
    }

    private static void AssertTheOldOneQuotes(SwapWorld swap)
    {
        swap.Cancelled();
        var placed = swap.PlacedBy(1).Count();
        swap.World.Timer(300);
        swap.World.Book(105m, 105.02m);
        swap.Accept();
        swap.World.Timer(300);
        swap.World.Book(105m, 105.03m);
        Assert.Equal(2, swap.PlacedBy(1).Skip(placed).Count());
        Assert.InRange(swap.PlacedBy(1).Last(o => o.Side == Model.Markets.Side.Buy).Price.ToDecimal(), 104.85m, 105m); // 10 bps away, not 30
    }

    private static void AssertRefused(string why, CommandResult result)
    {
        Assert.False(result.Done);
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
    }
}
