using Penstock.Connectivity.Feeds;
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

/// <summary>Held, dated, reduce-only, amended and child orders are engine state like any other: a replay, and a recovery, give the same.</summary>
public sealed class OrderKindsReplayTests
{
    [Theory]
    [Trait("requirement", "R92")]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_kind_of_order_replays_and_survives_a_crash(int seed)
    {
        var journal = new MemoryJournal();
        var venue = new EchoVenue(new Random(seed));
        var first = EngineWorld.Create([new Restless()]);
        Play(first, journal, venue, 1, seed);
        var recovery = Replay(journal);
        Assert.Null(recovery.FirstDifference);
        var second = recovery.Engine!;
        Assert.Equal(first.StateHash, second.StateHash);
        Assert.Equal(first.Desk.HeldCount, second.Desk.HeldCount);

        Play(second, journal, venue, 2, seed + 100);
        var hash = second.EndSession();
        var replay = Replay(journal);
        Assert.Null(replay.FirstDifference);
        Assert.Equal(hash, replay.Engine!.StateHash);
        var s = second.Orders.Statistics;
        Assert.All([s.Held, s.HeldReleased, s.AmendsSent, s.Amended, s.ExpiredByEngine, second.Orders.Parents.Statistics.Started], n => Assert.True(n > 0));
    }

    private static void Play(TradingEngine engine, MemoryJournal journal, EchoVenue venue, int session, int seed)
    {
        var random = new Random(seed);
        var now = session * 1_000_000 * Ms;
        engine.BeginSession(new SessionInfo(session, (ulong)seed, now, "{}") { UnixNs = 1_700_000_000_000_000_000 + now }, journal, venue);
        engine.OnSession(Venue, true, DisconnectReason.None, now);
        engine.OnReconciled(Venue, true, now);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = now });
        for (var step = 0; step < 800; step++)
        {
            now += random.Next(1, 60) * Ms;
            var bid = 100m + random.Next(60) / 100m;
            engine.OnMarketEvents(Snapshot(Btc, bid, bid + 0.02m, now));
            if (random.Next(3) == 0) venue.TradeSome();
            if (random.Next(2) == 0) venue.Deliver(engine, now);
            if (random.Next(3) == 0) engine.OnTimer(now);
            if (random.Next(300) == 0) engine.OnSession(Venue, false, DisconnectReason.None, now);
            if (random.Next(20) == 0)
            {
                engine.OnSession(Venue, true, DisconnectReason.None, now);
                engine.OnReconciled(Venue, true, now);
            }
        }
    }

    private static EngineReplay Replay(MemoryJournal journal)
    {
        var replay = new EngineReplay(_ => EngineWorld.Create([new Restless()]));
        foreach (var (type, payload) in journal.Records) replay.OnRecord(0, type, payload);
        return replay;
    }
}
