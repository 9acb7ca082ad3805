using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Logging;
using Penstock.Infrastructure.Snapshots;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Configuration;
using Penstock.Node.Hosting;
using Penstock.Strategies;
using Penstock.Tests.Strategies;
using Penstock.Trading.Recovery;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Node;

/// <summary>
/// Goal: a strategy that never returns costs its own orders and a restart, and the restart does not end up in the same call. Method: the
/// strategy's call itself steps the guard, as if its thread looked on while the call lasts; what the journal holds then is the crash.
/// </summary>
[Trait("requirement", "R100")]
public sealed class HangGuardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-hang").FullName;
    private readonly ManualClock _clock = new();
    private readonly Line _line = new();
    private readonly List<string> _said = [];
    private readonly List<int> _exits = [];
    private int _recordsAtExit;
    private EngineWorld? _world;
    private HangGuard? _guard;

    public void Dispose()
    {
        _guard?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Places one order at a book of one price, then does what it was given.</summary>
    private sealed class Hanging(Action hang) : Strategy<StrategyContractTests.NoConfig>
    {
        public int Hangs { get; private set; }

        protected override void OnBook(in BookView book)
        {
            if (!book.IsTradable || book.Bid.Price != Price.From(105m)) return;
            Buy(book.Id, Quantity.From(0.1m)).Limit(Price.From(104m)).Send();
            Hangs++;
            hang();
        }
    }

    /// <summary>A venue that takes cancels.</summary>
    private sealed class Line : IOrderGateway, IAgent
    {
        public List<ClientOrderId> Cancelled { get; } = [];

        public Queue<Func<SendResult>> Answers { get; } = new();

        public int Steps { get; private set; }

        public bool IsReady => true;

        public string Role => "orders";

        public int DoWork() => ++Steps;

        public SendResult TryPlace(in OrderRequest order, out RejectReason reason) =>
            throw new InvalidOperationException("nothing is placed past the engine");

        public SendResult TryCancel(in CancelRequest cancel, out RejectReason reason)
        {
            reason = RejectReason.None;
            var result = Answers.TryDequeue(out var answer) ? answer() : SendResult.Sent;
            if (result == SendResult.Sent) Cancelled.Add(cancel.ClientOrderId);
            return result;
        }

        public void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
        }

        public void RequestReconciliation(ExchangeTime fillsSince)
        {
        }
    }

    [Fact]
    [Trait("requirement", "R157")]
    public void A_strategy_that_does_not_return_is_cancelled_past_marked_and_left_out_by_every_replay()
    {
        Hang(exits: true);
        Assert.Equal([8], _exits);
        Assert.Equal("pressed: strategy 1 (test) has not returned from a call for 2000 ms", Assert.Single(_said));
        Assert.Equal((3, true), (_line.Cancelled.Distinct().Count(), _line.Steps > 0)); // both quotes of the maker, and its own order
        var hung = HungCall.Load(_folder);
        Assert.Equal((1, (ushort)1), (Assert.Single(hung).Session, hung[0].Strategy));

        var journal = _world!.Journal.Records.Take(_recordsAtExit).ToList();
        var again = new Hanging(() => { });
        var replay = Replayed(journal, hung, again);
        var engine = replay.Engine!;
        Assert.Equal((null, 0, 1L), (replay.FirstDifference, again.Hangs, replay.PassedOver)); // the order it sent before it hung
        Assert.Equal((false, true), (engine.Strategies[0].IsEnabled, engine.Strategies[1].IsEnabled));
        Assert.Contains("did not return", engine.Strategies[0].LastFault, StringComparison.Ordinal);

        RequireSameFromSnapshot(journal, hung, engine.StateHash);
        var tail = new MemoryJournalOf(journal);
        replay.CompleteTail(tail);
        var outbox = new Trading.RecordingOutbox();
        engine.BeginSession(new SessionInfo(2, 42, _world.NowNs, "{}"), tail, outbox);
        engine.OnMarketEvents(Snapshot(Btc, 105m, 105.02m, _world.NowNs + Ms));
        engine.EndSession();
        var whole = Replayed(journal, hung, new Hanging(() => { }));
        Assert.Null(whole.FirstDifference);
        Assert.Equal(engine.StateHash, whole.Engine!.StateHash);

        var without = new Hanging(() => { });
        Replayed(journal, [], without);
        Assert.NotEqual(0, without.Hangs); // what the mark is for
    }

    [Fact]
    public void Where_the_node_is_not_to_end_it_goes_on_killed_and_without_the_strategy_when_the_call_returns()
    {
        Hang(exits: false);
        Assert.Empty(_exits);
        Assert.Equal(["pressed: strategy 1 (test) has not returned from a call for 2000 ms", "off: 1"], _said);
        Assert.Equal(3, _line.Cancelled.Count);
        Assert.Empty(HungCall.Load(_folder));
        _world!.Book(106m, 106.02m);
        var replay = Replayed(_world.Journal.Records, [], new Hanging(() => { }));
        Assert.Equal((null, _world.Engine.StateHash), (replay.FirstDifference, replay.Engine!.StateHash));
    }

    [Fact]
    public void A_process_that_stood_still_as_a_whole_blames_no_strategy()
    {
        Build(exits: true, () =>
        {
            for (var i = 0; i < 9; i++)
            {
                _guard!.Look(_clock.NowNs);
                _clock.AdvanceMs(60_000);
            }
        });
        _world!.Book(105m, 105.02m);
        Assert.Empty(_exits);
        Assert.Empty(_said);
    }

    [Fact]
    public void What_a_venue_cannot_take_now_is_tried_again_what_throws_is_not_and_patience_ends()
    {
        Build(exits: true, () => { });
        _line.Answers.Enqueue(() => SendResult.Throttled);
        _line.Answers.Enqueue(() => throw new FormatException("no such order"));
        var lines = new Dictionary<VenueId, RescueLine> { [Venue] = new(_line, null) };
        var rescue = new OrderRescue(_world!.Engine.Orders, lines, _clock.NowNs);
        Assert.False(rescue.Step(_clock.NowNs));
        Assert.Equal((1, 0, 1, 0), (rescue.Waiting, rescue.Sent, rescue.Lost, _line.Steps));
        for (var i = 0; i < 30; i++) _line.Answers.Enqueue(() => SendResult.Backlogged);
        Assert.False(rescue.Step(_clock.NowNs));
        _clock.AdvanceNs(OrderRescue.PatienceNs);
        Assert.True(rescue.Step(_clock.NowNs));
        Assert.Equal((0, 0, 2), (rescue.Waiting, rescue.Sent, rescue.Lost));
    }

    [Fact]
    public void An_order_asked_for_while_the_thread_is_held_leaves_when_it_is_released_and_not_before()
    {
        using var isIn = new ManualResetEventSlim();
        using var mayAct = new ManualResetEventSlim();
        var events = new List<string>();
        var world = new EngineWorld(new Acting(() =>
        {
            isIn.Set();
            mayAct.Wait(TestContext.Current.CancellationToken);
        }, events)).Ready();
        var thread = new Thread(() => world.Book(105m, 105.02m)) { IsBackground = true };
        thread.Start();
        isIn.Wait(TestContext.Current.CancellationToken);
        var calls = world.Engine.Calls;
        Assert.True(calls.TryHold(calls.Current));
        mayAct.Set();
        lock (events) events.Add("released");
        calls.Release();
        Assert.True(thread.Join(60_000));
        Assert.Equal(["released", "placed"], events);
        Assert.False(calls.TryHold(1));
        Assert.Equal(0, calls.Current);
    }

    private sealed class Acting(Action before, List<string> events) : Strategy<StrategyContractTests.NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            if (!book.IsTradable) return;
            before();
            Buy(book.Id, Quantity.From(0.1m)).Limit(Price.From(104m)).Send();
            lock (events) events.Add("placed");
        }
    }

    private sealed class MemoryJournalOf(List<(ushort Type, byte[] Payload)> records) : Penstock.Infrastructure.Journal.IJournalAppender
    {
        public long Sequence => records.Count;

        public long Append(ushort type, ReadOnlySpan<byte> payload)
        {
            records.Add((type, payload.ToArray()));
            return records.Count;
        }
    }

    /// <summary>The book at which the strategy hangs, watched every 100 ms until the guard is done.</summary>
    private void Hang(bool exits)
    {
        Build(exits, () =>
        {
            for (var looks = 0; looks < 60 && _exits.Count == 0; looks++)
            {
                _guard!.Look(_clock.NowNs);
                _clock.AdvanceMs(100);
            }
        });
        _world!.Book(105m, 105.02m);
    }

    private void Build(bool exits, Action hang)
    {
        _world = new EngineWorld(new Hanging(hang), EngineWorld.Maker()).Ready().Book(100m, 100.02m);
        foreach (var order in _world.Outbox.Placed.ToArray()) _world.Report(ExecutionKind.Accepted, order);
        _guard = new HangGuard(
            new WatchdogConfiguration { Exit = exits }, () => _world.Engine,
            new Dictionary<VenueId, RescueLine> { [Venue] = new(_line, _line) }, _folder,
            new HangReaction(why => _said.Add($"pressed: {why}"), (strategy, _) => _said.Add($"off: {strategy}")), _clock, new LogRing(_clock),
            code =>
            {
                _exits.Add(code);
                _recordsAtExit = _world.Journal.Records.Count;
                _world.Engine.Calls.Release(); // the process would be gone
            });
    }

    /// <summary>A snapshot of just before the input in which it hung leads to the same end.</summary>
    private static void RequireSameFromSnapshot(List<(ushort Type, byte[] Payload)> records, IReadOnlyList<HungCall> hung, ulong hash)
    {
        var last = records.FindLastIndex(r => r.Type == (ushort)EngineRecordType.MarketBatch);
        var state = StateArchive.ToSave();
        Replayed(records.Take(last).ToList(), [], new Hanging(() => { })).Save(state);
        var again = new Hanging(() => { });
        var replay = new EngineReplay(_ => EngineWorld.Create([again, EngineWorld.Maker()]), StateArchive.ToLoad(state.Saved), hung);
        for (var i = last; i < records.Count; i++) replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
        Assert.Equal((null, 0, hash), (replay.FirstDifference, again.Hangs, replay.Engine!.StateHash));
    }

    private static EngineReplay Replayed(IReadOnlyList<(ushort Type, byte[] Payload)> records, IReadOnlyList<HungCall> hung, IStrategy strategy)
    {
        var replay = new EngineReplay(_ => EngineWorld.Create([strategy, EngineWorld.Maker()]), hung);
        for (var i = 0; i < records.Count; i++) replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
        return replay;
    }
}
