using System.ComponentModel.DataAnnotations;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Infrastructure.Journal;
using Penstock.Tests.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Goal: an input that throws ends the same way live, in replay, in recovery and in the shadow, and the node starts again after it. Method:
/// books, observers and strategies that throw by what they are given; each journal is replayed and recovered by engines with the same.
/// </summary>
[Trait("requirement", "R92")]
[Trait("requirement", "R157")]
public sealed class FaultTests
{
    public sealed record Pattern
    {
        [RegularExpression("^(a+)+$", ErrorMessage = "Only the letter a.")]
        public string Letters { get; init; } = "a";

        public int Width { get; init; } = 1;
    }

    private sealed class Patterned : Strategy<Pattern>
    {
        public int Books { get; private set; }

        protected override void OnBook(in BookView book) => Books++;
    }

    /// <summary>Throws at the settings it does not like.</summary>
    private sealed class Touchy : IStrategy
    {
        public string? Configure(string json) => null;

        public string? Reconfigure(string json) => json.Contains("13", StringComparison.Ordinal) ? throw new ArithmeticException("unlucky") : null;

        public void Start(StrategyContext context)
        {
        }

        public void OnBook(in BookView book)
        {
        }

        public void OnTrade(in MarketEvent trade)
        {
        }

        public void OnOrder(in OrderEvent order)
        {
        }

        public void OnTimer(Model.Numbers.MonotonicTime now)
        {
        }

        public void OnHealth(in HealthEvent health)
        {
        }

        public void OnStop()
        {
        }
    }

    private sealed class Forgetful : Strategy<StrategyContractTests.NoConfig>
    {
        protected override int StateVersion => 1;

        protected override void OnState(StateArchive state) => throw new ArithmeticException("cannot remember");
    }

    /// <summary>Throws at every fill, in the middle of its accounting.</summary>
    private sealed class Squeamish : IOrderObserver
    {
        public void OnPlaced(Order order)
        {
        }

        public void OnAcked(Order order)
        {
        }

        public void OnFilled(Order order, in ExecutionReport fill) => throw new ArithmeticException("cannot see fills");

        public void OnCancelled(Order order)
        {
        }

        public void OnRejected(Order order)
        {
        }

        public void OnUnknown(Order order)
        {
        }
    }

    [Fact]
    [Trait("requirement", "R95")]
    public void A_pattern_that_would_be_tried_without_end_answers_at_once()
    {
        var strategy = new Patterned();
        Assert.Null(strategy.Configure("""{"letters":"aaaa"}"""));
        Assert.Equal("Only the letter a.", strategy.Configure($$"""{"letters":"{{new string('a', 60)}}!"}"""));
        Assert.Equal("Only the letter a.", strategy.Configure("""{"letters":"baa"}"""));
    }

    [Fact]
    [Trait("requirement", "R95")]
    public void Settings_at_which_a_strategy_throws_are_refused_and_the_old_ones_stay()
    {
        var world = new EngineWorld(new Touchy()).Ready();
        Assert.True(Set(world, """{"size":7}""").Done);
        var refused = new CommandResult(false, "Strategy 1 threw when it was given its settings: ArithmeticException: unlucky");
        Assert.Equal(refused, Set(world, """{"size":13}"""));
        var runner = world.Engine.Strategies[0];
        Assert.Equal(("""{"size":7}""", true, 1L), (runner.Configuration, runner.IsEnabled, world.Engine.Statistics.CommandsRefused));
        Assert.Equal(0, world.Engine.Faults);
        RequireSame(world, () => EngineWorld.Create([new Touchy()]));
    }

    [Fact]
    public void An_event_that_throws_costs_itself_and_from_there_on_only_cancels_leave()
    {
        var strategy = new Patterned();
        TradingEngine Create(IStrategy beside) => EngineWorld.Create([EngineWorld.Maker(), beside], around: books => new PoisonBooks(books));
        var world = new EngineWorld(Create(strategy)).Ready().Book(100m, 100.02m);
        foreach (var order in world.Outbox.Placed.ToArray()) world.Report(ExecutionKind.Accepted, order);
        var placed = world.Outbox.Placed.Count;
        MarketEvent[] events = [.. Snapshot(Btc, 100m, PoisonBooks.Poison, world.NowNs + Ms), .. Snapshot(Btc, 110m, 110.02m, world.NowNs + Ms)];
        world.Engine.OnMarketEvents(events);
        var engine = world.Engine;
        Assert.Equal((NodeState.Degraded, Degradation.CancelOnly), (engine.State, engine.Risk.Degradation));
        Assert.Equal((1L, 1L, "MarketBatch: ArithmeticException: 66.6 is poison"), (engine.Faults, engine.Statistics.InputFaults, engine.LastFault));
        Assert.Equal(2, strategy.Books); // the events behind it were applied and shown
        Assert.True(world.Outbox.Cancelled.Count > 0);
        Assert.Equal(placed, world.Outbox.Placed.Count);
        world.Command(EngineCommandKind.SetState, NodeState.Ready);
        Assert.Equal((NodeState.Degraded, Degradation.CancelOnly), (engine.State, engine.Risk.Degradation));
        world.Book(111m, 111.02m);
        world.Timer(20);
        Assert.Equal(placed, world.Outbox.Placed.Count);
        RequireSame(world, () => Create(new Patterned()));
        Assert.Equal(placed, Restarted(world, () => Create(new Patterned())));
    }

    [Fact]
    public void Books_that_throw_at_every_question_stop_neither_the_engine_nor_its_recovery()
    {
        TradingEngine Create() => EngineWorld.Create([EngineWorld.Maker()], around: books => new PoisonBooks(books));
        var world = new EngineWorld(Create()).Ready().Book(100m, 100.02m).Book(PoisonBooks.Curse, 100.02m);
        for (var i = 0; i < 50; i++) world.Book(100m + i, 100.02m + i).Timer(20);
        Assert.Equal(51, world.Engine.Faults);
        var placed = world.Engine.OnCommand(new EngineCommand
        {
            Kind = EngineCommandKind.PlaceOrder, Who = "test", Why = "because", NowNs = world.NowNs, Instrument = Btc,
            Text = """{"key":"k","side":"buy","price":"100","quantity":"0.1"}""",
        });
        Assert.Equal(new CommandResult(false, "PlaceOrder failed inside the engine: ArithmeticException: the books are cursed"), placed);
        Assert.Equal(1, world.Engine.Statistics.CommandFaults);
        RequireSame(world, Create);
    }

    [Fact]
    public void A_report_that_throws_halfway_is_applied_by_the_same_half_everywhere()
    {
        TradingEngine Create()
        {
            var engine = EngineWorld.Create([EngineWorld.Maker()]);
            engine.Orders.AddObserver(new Squeamish());
            return engine;
        }

        var world = new EngineWorld(Create()).Ready().Book(100m, 100.02m);
        var bid = world.Outbox.Placed.First(o => o.Side == Side.Buy);
        world.Report(ExecutionKind.Accepted, bid);
        world.Fill(bid, 1, 0.05m);
        Assert.Equal((1L, "Report: ArithmeticException: cannot see fills"), (world.Engine.Faults, world.Engine.LastFault));
        Assert.Equal(0.05m, world.Engine.Positions.Total(Btc).ToDecimal());
        world.Book(100m, 100.02m).Timer(20);
        RequireSame(world, Create);
    }

    /// <summary>That build's thread swallowed it: nothing was counted, nothing degraded, and the record's other events were lost.</summary>
    [Fact]
    public void A_session_of_before_replays_as_it_went_on()
    {
        var journal = new MemoryJournal();
        var engine = EngineWorld.Create([new Touchy()], around: books => new PoisonBooks(books));
        engine.BeginSession(new SessionInfo(1, 42, 1_000 * Ms, "{}") { Format = 4 }, journal, new RecordingOutbox());
        var inputs = engine.Statistics.Inputs;
        engine.OnMarketEvents(Snapshot(Btc, 100m, PoisonBooks.Poison, 1_001 * Ms));
        engine.OnTimer(1_020 * Ms);
        Assert.Equal((0L, NodeState.Init, inputs + 1), (engine.Faults, engine.State, engine.Statistics.Inputs));
        Assert.Equal(Degradation.None, engine.Risk.Degradation);
        Assert.False(engine.OnCommand(Settings("""{"size":13}""", 1_021 * Ms)).Done);
        Assert.Equal((ushort)EngineRecordType.Command, journal.Records[^1].Type); // no link of the audit trail follows: there was none
    }

    [Fact]
    [Trait("requirement", "R161")]
    public void A_strategy_whose_state_throws_costs_snapshots_and_neither_the_shadow_nor_the_recovery()
    {
        using var bench = new JournalTestBench();
        var world = new EngineWorld(new Forgetful()).Ready().Book(100m, 100.02m);
        Write(bench, world.Journal.Records);
        var snapshots = new SnapshotFolder(Path.Combine(bench.Directory, "snapshots"));
        using var shadow = new ShadowEngine(
            new ShadowOptions { Journal = bench.Directory, Snapshots = snapshots, RecordsPerSnapshot = 1 },
            _ => EngineWorld.Create([new Forgetful()]));
        shadow.Finish();
        Assert.Equal((world.Journal.Records.Count, 0L), (shadow.Statistics.Records, shadow.Statistics.Snapshots));
        Assert.True(shadow.Statistics.SnapshotsUnverified > 0);
        Assert.Null(shadow.Difference);
    }

    private static CommandResult Set(EngineWorld world, string settings) => world.Engine.OnCommand(Settings(settings, world.NowNs));

    private static EngineCommand Settings(string settings, long nowNs) =>
        new() { Kind = EngineCommandKind.ConfigureStrategy, Strategy = 1, Text = settings, Who = "test", Why = "because", NowNs = nowNs };

    /// <summary>Replayed from memory; recovered from a file; followed by a shadow whose snapshots, taken in trouble, lead to the same end.</summary>
    private static void RequireSame(EngineWorld world, Func<TradingEngine> create)
    {
        var replay = new EngineReplay(_ => create());
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal((world.Engine.StateHash, world.Engine.Faults), (replay.Engine!.StateHash, replay.Engine.Faults));

        using var bench = new JournalTestBench();
        Write(bench, world.Journal.Records);
        var snapshots = new SnapshotFolder(Path.Combine(bench.Directory, "snapshots"));
        var options = new ShadowOptions { Journal = bench.Directory, Snapshots = snapshots, RecordsPerSnapshot = 4 };
        using var shadow = new ShadowEngine(options, _ => create());
        shadow.Finish();
        Assert.Equal((null, world.Journal.Records.Count), (shadow.Difference, shadow.Statistics.Records));
        using var recovery = new EngineRecovery(bench.Directory, snapshots, _ => create());
        recovery.ToEnd();
        Assert.Equal((world.Engine.StateHash, world.Engine.LastFault), (recovery.Replay.Engine!.StateHash, recovery.Replay.Engine.LastFault));
    }

    /// <summary>The next session on the recovered engine trades again; how many orders it has placed after one book.</summary>
    private static int Restarted(EngineWorld world, Func<TradingEngine> create)
    {
        var replay = new EngineReplay(_ => create());
        for (var i = 0; i < world.Journal.Records.Count; i++) replay.OnRecord(i + 1, world.Journal.Records[i].Type, world.Journal.Records[i].Payload);
        var engine = replay.Engine!;
        var outbox = new RecordingOutbox();
        engine.BeginSession(new SessionInfo(2, 42, world.NowNs, "{}"), new MemoryJournal(), outbox);
        engine.OnSession(Venue, true, Penstock.Connectivity.Feeds.DisconnectReason.None, world.NowNs);
        engine.OnReconciled(Venue, true, world.NowNs);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = world.NowNs });
        Assert.Equal((NodeState.Ready, Degradation.None, 0L, ""), (engine.State, engine.Risk.Degradation, engine.Faults, engine.LastFault));
        foreach (var lost in engine.Orders.Live.First is { } first ? Lost(first) : [])
            engine.OnReport(lost);
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, world.NowNs + Ms));
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, world.NowNs + 600 * Ms));
        return outbox.Placed.Count;
    }

    private static List<ExecutionReport> Lost(Order first)
    {
        var reports = new List<ExecutionReport>();
        for (var order = first; order is not null; order = OrderList.After(order))
        {
            var gone = Report(ExecutionKind.Cancelled, order.ClientOrderId.Value, OrderState.Cancelled);
            gone.Side = order.Side;
            reports.Add(gone);
        }

        return reports;
    }

    private static void Write(JournalTestBench bench, IEnumerable<(ushort Type, byte[] Payload)> records)
    {
        using var journal = JournalWriter.Open(bench.Options(segmentBytes: 64 << 10));
        foreach (var (type, payload) in records) Assert.True(journal.Append(type, payload) > 0);
    }
}
