using Penstock.Infrastructure.Time;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>What a strategy hears of its parent orders, and that the call is as isolated, timed and replayed as any other.</summary>
[Trait("requirement", "R95")]
public sealed class ParentEventTests
{
    public sealed record NoConfig;

    /// <summary>Sells 3 by an iceberg of 1 at the first book, and does as it is told when it hears of it.</summary>
    private sealed class Slicer : Strategy<NoConfig>
    {
        public List<ParentEvent> Heard { get; } = [];

        public PlaceResult Started { get; private set; }

        public Action<Slicer>? OnNews { get; set; }

        public StrategyContext Core => Context;

        public PlaceResult Start(decimal quantity = 3m)
        {
            var markets = default(ParentInstruments);
            markets[0] = Btc;
            return Context.Start(new ParentRequest
            {
                Instruments = markets, InstrumentCount = 1, Side = Side.Sell, Quantity = Quantity.From(quantity), Limit = Price.From(100.02m),
                Algorithm = AlgorithmKind.Iceberg, Display = Quantity.From(1m),
            });
        }

        protected override void OnBook(in BookView book)
        {
            if (book.IsTradable && Started.ClientOrderId.IsNone) Started = Start();
        }

        protected override void OnParent(in ParentEvent parent)
        {
            Heard.Add(parent);
            OnNews?.Invoke(this);
        }
    }

    [Fact]
    public void It_hears_of_every_fill_of_the_end_and_of_the_last_child_and_not_of_the_start()
    {
        var slicer = new Slicer();
        var world = new EngineWorld(slicer).Ready().Book(100m, 100.02m);
        Assert.Empty(slicer.Heard);
        world.Report(ExecutionKind.Accepted, world.Outbox.Placed[0]);
        Assert.Empty(slicer.Heard);
        world.Fill(world.Outbox.Placed[0], 1, 0.4m);
        world.Fill(world.Outbox.Placed[0], 2, 0.6m);
        world.Report(ExecutionKind.Accepted, world.Outbox.Placed[1]);
        Assert.True(slicer.Core.CancelParent(slicer.Started.ClientOrderId));
        world.Timer(20);
        world.Fill(world.Outbox.Placed[1], 3, 0.25m);
        world.Report(ExecutionKind.Cancelled, world.Outbox.Placed[1]);
        world.Timer(2_000);
        Assert.All(slicer.Heard, e => Assert.Equal((slicer.Started.ClientOrderId, Quantity.From(3)), (e.Id, e.Quantity)));
        Assert.Equal(
            [
                (ParentState.Working, 0.4m, 0.4m, false), (ParentState.Working, 1m, 0.6m, false), (ParentState.Cancelled, 1m, 0m, false),
                (ParentState.Cancelled, 1.25m, 0.25m, false), (ParentState.Cancelled, 1.25m, 0m, true),
            ],
            slicer.Heard.Select(e => (e.State, e.Filled.ToDecimal(), e.LastFilled.ToDecimal(), e.IsSettled)));
    }

    [Fact]
    public void It_hears_why_one_was_refused_and_of_one_refused_at_once_only_from_the_start_itself()
    {
        var slicer = new Slicer();
        var world = new EngineWorld(slicer).Ready().Book(100m, 100.02m);
        world.Report(ExecutionKind.Accepted, world.Outbox.Placed[0]);
        Assert.True(world.Command(EngineCommandKind.SetLimit, text: "position node 1.5").Done);
        Assert.Equal(RiskRule.Position, slicer.Start().Reject.Rule);
        world.Fill(world.Outbox.Placed[0], 1, 1m);
        var end = Assert.Single(slicer.Heard);
        Assert.Equal((ParentState.Refused, RiskRule.Position, true, true), (end.State, end.Rule, end.HasEnded, end.IsSettled));
        Assert.Equal(Quantity.From(1), end.LastFilled);

        // A fill the venue tells late is told, and does not take the reason away.
        world.Fill(world.Outbox.Placed[0], 2, 0.1m);
        Assert.Equal((2, ParentState.Refused, RiskRule.Position), (slicer.Heard.Count, slicer.Heard[1].State, slicer.Heard[1].Rule));
    }

    [Fact]
    public void What_it_does_in_the_call_is_replayed_and_what_that_causes_is_told_after_the_next_input()
    {
        static EngineWorld Play(out Slicer slicer)
        {
            var mine = slicer = Answering();
            var world = new EngineWorld(mine, EngineWorld.Maker()).Ready().Book(100m, 100.02m);
            for (var i = 0; i < 12; i++)
            {
                foreach (var order in world.Outbox.Placed.Where(o => o.Strategy == 1).ToArray())
                {
                    if (world.Engine.Orders.Find(order.ClientOrderId) is not { IsLive: true }) continue;
                    world.Fill(order, order.ClientOrderId.Value, order.Quantity.ToDecimal());
                }

                world.Book(100m, 100.02m + i % 2 * 0.01m);
                world.Timer(1_100);
            }

            return world;
        }

        var live = Play(out var heard);
        Assert.True(heard.Heard.Count(e => e.State == ParentState.Cancelled) > 1, string.Join('\n', heard.Heard));
        Assert.True(heard.Heard.Count(e => e.State == ParentState.Working) > 1);
        var replayed = new List<Slicer>();
        var replay = new EngineReplay(_ =>
        {
            replayed.Add(Answering());
            return EngineWorld.Create([replayed[^1], EngineWorld.Maker()]);
        });
        for (var i = 0; i < live.Journal.Records.Count; i++) replay.OnRecord(i + 1, live.Journal.Records[i].Type, live.Journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(live.Engine.StateHash, replay.Engine!.StateHash);
        Assert.Equal(heard.Heard, Assert.Single(replayed).Heard);
    }

    /// <summary>Each fill ends the parent and begins another.</summary>
    private static Slicer Answering() => new()
    {
        OnNews = s =>
        {
            var last = s.Heard[^1];
            if (!last.HasEnded && s.Core.CancelParent(last.Id)) s.Start(2m);
        },
    };

    [Fact]
    [Trait("requirement", "R100")]
    public void One_that_throws_in_the_call_is_switched_off_and_the_others_notice_nothing()
    {
        var slicer = new Slicer { OnNews = _ => throw new InvalidOperationException("of all things") };
        var world = new EngineWorld(slicer, EngineWorld.Maker()).Ready().Book(100m, 100.02m);
        world.Fill(world.Outbox.Placed.First(o => o.Strategy == 1), 1, 0.4m);
        Assert.Equal((false, true), (world.Engine.Strategies[0].IsEnabled, world.Engine.Strategies[1].IsEnabled));
        Assert.Contains("of all things", world.Engine.Strategies[0].LastFault, StringComparison.Ordinal);
        Assert.Equal(ParentState.Cancelled, world.Engine.Orders.Parents.Find(slicer.Started.ClientOrderId).State);
    }

    [Fact]
    [Trait("requirement", "R100")]
    public void The_call_counts_against_the_budget()
    {
        var clock = new ManualClock();
        var world = new EngineWorld(new Slicer { OnNews = _ => clock.AdvanceNs(300_000_000) }).Ready();
        world.Engine.Strategies[0].Measure(clock);
        world.Book(100m, 100.02m).Fill(world.Outbox.Placed[0], 1, 0.4m);
        Assert.Equal((1L, 300_000_000L), (world.Engine.Strategies[0].Budget!.Overruns, world.Engine.Strategies[0].Budget!.LongestNs));
    }

    [Fact]
    [Trait("requirement", "R96")]
    public void A_new_version_that_warms_up_hears_it_too_and_what_it_does_then_is_withheld()
    {
        var next = Answering();
        var (old, versions) = (new Slicer(), new NamedVersions());
        var swap = new SwapWorld(versions.With("slicer", () => next), () => old);
        Assert.True(swap.Swap("slicer", settings: "{}") is { Done: true }, swap.Runner.LastSwap);
        var order = swap.PlacedBy(1).First();
        swap.World.Fill(order, 1, 0.4m);
        Assert.Equal((1, 1), (old.Heard.Count, next.Heard.Count));
        Assert.Equal(ParentState.Working, swap.Engine.Orders.Parents.Find(old.Started.ClientOrderId).State);
        Assert.True(swap.Runner.Swap!.Withheld > 0);
    }

    [Fact]
    public void Sessions_of_before_it_existed_are_replayed_without_it()
    {
        var slicer = new Slicer();
        var engine = EngineWorld.Create([slicer]);
        var (journal, outbox) = (new MemoryJournal(), new RecordingOutbox());
        engine.BeginSession(new SessionInfo(1, 42, Ms, "{}") { Format = 4 }, journal, outbox);
        engine.OnReconciled(Venue, true, Ms);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = Ms });
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, 2 * Ms));
        engine.OnReport(Fill(outbox.Placed[0].ClientOrderId.Value, 1, 0.4m, 100.02m, Side.Sell));
        Assert.Equal(Quantity.From(0.4m), engine.Orders.Parents.Find(slicer.Started.ClientOrderId).Filled);
        Assert.Empty(slicer.Heard);

        // The next session is of today: what was filled before it is not news any more.
        engine.BeginSession(new SessionInfo(2, 42, Ms, "{}"), journal, outbox);
        engine.OnReport(Fill(outbox.Placed[0].ClientOrderId.Value, 2, 0.1m, 100.02m, Side.Sell));
        Assert.Equal((0.5m, 0.1m), (Assert.Single(slicer.Heard).Filled.ToDecimal(), slicer.Heard[0].LastFilled.ToDecimal()));
    }
}
