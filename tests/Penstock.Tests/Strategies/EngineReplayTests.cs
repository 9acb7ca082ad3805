using Penstock.Connectivity.Feeds;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>
/// Goal: the journal alone gives the same orders and the same state. Method: a seeded session of markets, trades,
/// rejects, lost and repeated answers, timers, commands and a disconnect is recorded, then replayed into a new engine.
/// </summary>
public sealed class EngineReplayTests
{
    [Theory]
    [Trait("requirement", "R92")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_replay_gives_the_same_orders_and_the_same_state(int seed)
    {
        var journal = new MemoryJournal();
        var engine = Create(null!);
        Play(engine, journal, 1, seed, steps: 1_500, new EchoVenue(new Random(seed)));
        var hash = engine.EndSession();

        var replay = Replay(journal.Records);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(hash, replay.Engine!.StateHash);
        Assert.True(replay.EndedOrderly);
        Assert.Equal(journal.Records.Count(r => (EngineRecordType)r.Type is EngineRecordType.OrderIntent or EngineRecordType.CancelIntent), replay.Intents);
        var orders = engine.Orders.Statistics;
        Assert.True(orders.Fills > 15 && orders.DuplicateFills > 0 && orders.UnknownTotal > 2 && orders.Rejected > 2, $"{orders.Fills} {orders.DuplicateFills} {orders.UnknownTotal} {orders.Rejected}");
        Assert.True(engine.Positions.IsBalanced && replay.Hashes > 10);
    }

    [Theory]
    [Trait("requirement", "R156")]
    [InlineData(5)]
    [InlineData(6)]
    public void A_crashed_session_is_recovered_from_the_journal_continued_and_still_replays(int seed)
    {
        var journal = new MemoryJournal();
        var venue = new EchoVenue(new Random(seed));
        var first = Create(null!);
        Play(first, journal, 1, seed, steps: 600, venue);

        // The process dies here: no session end. The journal is replayed, and the engine goes on with the next session.
        var recovery = Replay(journal.Records);
        Assert.Null(recovery.FirstDifference);
        var second = recovery.Engine!;
        Assert.Equal(first.StateHash, second.StateHash);
        var live = first.Orders.Live.Count;
        Play(second, journal, 2, seed + 100, steps: 600, venue);
        Assert.True(second.Orders.Statistics.UnknownTotal >= live);
        Assert.Equal(2, second.Session);
        var hash = second.EndSession();

        var replay = Replay(journal.Records);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(hash, replay.Engine!.StateHash);
    }

    [Fact]
    public void After_recovery_every_live_order_is_unknown_until_the_venue_has_spoken()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        foreach (var order in world.Outbox.Placed.ToArray()) world.Report(ExecutionKind.Accepted, order);
        var engine = Replay(world.Journal.Records).Engine!;
        var outbox = new RecordingOutbox();
        engine.BeginSession(new SessionInfo(2, 43, 5 * Ms, "{}"), new MemoryJournal(), outbox);
        Assert.Equal((2L, NodeState.Init), (engine.Orders.Statistics.Unknown, engine.State));
        Assert.Equal(Penstock.MarketData.Books.BookFlags.Gap, engine.Strategies[0].Context.Book(Btc).Flags & Penstock.MarketData.Books.BookFlags.Gap);
        engine.OnSession(Venue, true, DisconnectReason.None, 6 * Ms);
        Assert.Equal([Venue], outbox.Reconciled);
        var status = Fixtures.Report(ExecutionKind.OrderStatus, world.Outbox.Placed[0].ClientOrderId.Value, OrderState.Working);
        status.Received = new MonotonicTime(7 * Ms);
        engine.OnReport(status);
        engine.OnReconciled(Venue, true, 8 * Ms);
        Assert.Equal(1L, engine.Orders.Statistics.Unknown);
        Assert.Equal([world.Outbox.Placed[1].ClientOrderId], outbox.Queried);
        Assert.Empty(outbox.Placed);
    }

    [Fact]
    public void One_changed_event_is_found_and_the_record_named()
    {
        var journal = new MemoryJournal();
        var engine = Create(null!);
        Play(engine, journal, 1, 9, steps: 300, new EchoVenue(new Random(9)));
        engine.EndSession();

        var records = journal.Records.Select(r => (r.Type, Payload: (byte[])r.Payload.Clone())).ToList();
        var firstIntent = records.FindIndex(r => r.Type == (ushort)EngineRecordType.OrderIntent);
        var batch = records.FindLastIndex(firstIntent, r => r.Type == (ushort)EngineRecordType.MarketBatch);
        records[batch].Payload[24 + 3] ^= 0x10; // a bit of the first event's price, worth 2.68
        var replay = Replay(records);
        Assert.NotNull(replay.FirstDifference);
        Assert.InRange(replay.FirstDifference.Sequence, batch + 1, firstIntent + 3);
        Assert.NotEqual(replay.FirstDifference.Recorded, replay.FirstDifference.Replayed);
    }

    [Fact]
    public void A_missing_or_invented_output_is_a_difference_too()
    {
        var world = new EngineWorld().Ready().Book(100m, 100.02m);
        world.Timer(1);
        var intent = world.Journal.Records.FindIndex(r => r.Type == (ushort)EngineRecordType.OrderIntent);
        var without = world.Journal.Records.ToList();
        without.RemoveAt(intent + 1);
        Assert.Equal(intent + 2, Replay(without).FirstDifference?.Sequence);
        var with = world.Journal.Records.ToList();
        with.Insert(intent + 2, with[intent]);
        Assert.Equal("nothing", Replay(with).FirstDifference?.Replayed);
        var foreign = world.Journal.Records.ToList();
        foreign.Insert(intent - 1, ((ushort)9_999, []));
        Assert.Equal((null, 1L), (Replay(foreign).FirstDifference, Replay(foreign).UnknownRecords));
        var observed = world.Journal.Records.ToList();
        observed.Insert(intent + 1, ((ushort)EngineRecordType.Incident, []));
        Assert.Equal((null, 0L), (Replay(observed).FirstDifference, Replay(observed).UnknownRecords));
        var truncated = world.Journal.Records.ToList();
        truncated[intent - 1] = (truncated[intent - 1].Type, truncated[intent - 1].Payload[..10]);
        Assert.Equal(intent, Replay(truncated).FirstDifference?.Sequence);
    }

    private static EngineReplay Replay(IReadOnlyList<(ushort Type, byte[] Payload)> records)
    {
        var replay = new EngineReplay(Create);
        for (var i = 0; i < records.Count; i++) replay.OnRecord(i + 1, records[i].Type, records[i].Payload);
        return replay;
    }

    /// <summary>Sessions of random life, each ended by a crash but the last.</summary>
    internal static IReadOnlyList<(ushort Type, byte[] Payload)> Recorded(int seed, int steps, int sessions, bool isAnchored = false)
    {
        var journal = new MemoryJournal();
        var engine = Create(null!);
        var venue = new EchoVenue(new Random(seed));
        for (var session = 1; session <= sessions; session++) Play(engine, journal, session, seed + session, steps, venue, isAnchored);
        engine.EndSession();
        return journal.Records;
    }

    internal static TradingEngine Create(SessionInfo session) => EngineWorld.Create([EngineWorld.Maker()]);

    internal static void Play(
        TradingEngine engine, MemoryJournal journal, int session, int seed, int steps, EchoVenue venue, bool isAnchored = false)
    {
        var random = new Random(seed);
        var now = session * 3L * Ms; // the second session's clock starts lower than the first one's ended
        engine.BeginSession(new SessionInfo(session, (ulong)seed, now, "{}") { IsAnchored = isAnchored }, journal, venue);
        engine.OnSession(Venue, true, DisconnectReason.None, now);
        venue.Deliver(engine, now);
        engine.OnReconciled(Venue, true, now);
        Command(EngineCommandKind.SetState);
        var price = 100m;
        for (var step = 0; step < steps; step++)
        {
            now += random.Next(1, 60) * Ms;
            price = Math.Clamp(price + random.Next(-5, 6) / 100m, 90m, 110m);
            engine.OnMarketEvents(Snapshot(Btc, price, price + 0.02m, now, random.Next(1, 50), random.Next(1, 50)));
            venue.TradeSome();
            if (random.Next(4) > 0) venue.Deliver(engine, now);
            if (random.Next(3) == 0) engine.OnTimer(now);
            switch (random.Next(150))
            {
                case 0:
                    Command(EngineCommandKind.Kill);
                    break;
                case 1 or 2 or 3:
                    Command(EngineCommandKind.Resume);
                    break;
                case 4:
                    engine.OnSession(Venue, false, DisconnectReason.SocketError, now);
                    engine.OnSession(Venue, true, DisconnectReason.None, now);
                    venue.Deliver(engine, now);
                    engine.OnReconciled(Venue, true, now);
                    break;
                case 5:
                    engine.OnBalance(new BalanceReport { Venue = Venue, Asset = Text16.From("USDT"), FreeRaw = random.Next(), Received = new MonotonicTime(now) });
                    break;
                case 6:
                    engine.OnMarketEvents([new MarketEvent { Kind = MarketEventKind.BookInvalid, Instrument = Btc, Venue = Venue, Received = new MonotonicTime(now) }]);
                    break;
                default:
                    break;
            }
        }

        void Command(EngineCommandKind kind) =>
            engine.OnCommand(new EngineCommand { Kind = kind, Who = "test", State = NodeState.Ready, NowNs = now });
    }
}
