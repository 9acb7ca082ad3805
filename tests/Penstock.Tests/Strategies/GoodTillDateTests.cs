using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>An order with a date, and a node that was away: the date is a date, whatever the machine's monotonic clock says after the boot.</summary>
[Trait("requirement", "R79")]
[Trait("requirement", "R157")]
public sealed class GoodTillDateTests
{
    private const long Second = 1_000 * Ms;
    private const long Day = 86_400 * Second;
    private const long UnixNs = 1_790_000_000 * Second;

    /// <summary>The first session's clock reads days, the second one's a minute.</summary>
    private const long FirstNs = 90 * Day;
    private const long SecondNs = 60 * Second;

    public sealed record NoConfig;

    private sealed class Patient : Strategy<NoConfig>
    {
        protected override void OnBook(in BookView book)
        {
            if (!book.IsTradable || Context.NextActive(null) is not null) return;
            var date = new MonotonicTime(Now.Ns + 30 * Day);
            Buy(book.Id, Quantity.From(0.1m)).Limit(Price.From(99m)).GoodTill(date).Send();
            Buy(book.Id, Quantity.From(0.1m)).Stop(Price.From(110m)).Limit(Price.From(111m)).GoodTill(date).Send();
        }
    }

    [Theory]
    [InlineData(5, 5, 0)] // back after five seconds: both live on
    [InlineData(29 * 86_400, 5, 0)]
    [InlineData(30 * 86_400, 5, 2)] // the date passed meanwhile
    [InlineData(60 * 86_400, 5, 2)]
    [InlineData(-1, 5, 2)] // the clock went back: nobody knows how long
    [InlineData(0, 5, 2)] // the second session does not say
    [InlineData(5, 4, 2)] // a session of before
    public void A_restart_cancels_what_passed_meanwhile_and_keeps_the_rest_till_its_day(long awaySeconds, int format, int ended)
    {
        var (journal, outbox) = (new MemoryJournal(), new RecordingOutbox());
        var engine = EngineWorld.Create([new Patient()]);
        Begin(engine, journal, outbox, new SessionInfo(1, 42, FirstNs, "{}") { UnixNs = UnixNs, Format = format });
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, FirstNs + Second));
        var resting = outbox.Placed[0].ClientOrderId;
        engine.OnReport(Report(ExecutionKind.Accepted, resting.Value) with { Received = new MonotonicTime(FirstNs + 2 * Second) });

        // A crash; recovery replays, by way of a snapshot.
        var replay = new EngineReplay(_ => EngineWorld.Create([new Patient()]));
        for (var i = 0; i < journal.Records.Count; i++) replay.OnRecord(i + 1, journal.Records[i].Type, journal.Records[i].Payload);
        Assert.Null(replay.FirstDifference);
        var state = StateArchive.ToSave();
        replay.Save(state);
        var loaded = new EngineReplay(_ => EngineWorld.Create([new Patient()]), StateArchive.ToLoad(state.Saved));
        ObjectGraph.AssertEqual(replay.Engine!, loaded.Engine!);
        Assert.Equal(format == 5 ? UnixNs : 0, loaded.LastSession!.UnixNs);

        var second = loaded.Engine!;
        var unixNs = awaySeconds == 0 ? 0 : UnixNs + 2 * Second + awaySeconds * Second;
        Begin(second, journal, outbox, new SessionInfo(2, 42, SecondNs, "{}") { UnixNs = unixNs, Format = format });
        second.OnReport(Report(ExecutionKind.OrderStatus, resting.Value, OrderState.Working) with { Received = new MonotonicTime(SecondNs + 1) });
        second.OnTimer(SecondNs + Second);
        Assert.Equal(ended, (second.Orders.Find(resting)!.IsCancelPending ? 1 : 0) + (IsEnded(second) ? 1 : 0));
        if (ended == 0)
        {
            var leftNs = 30 * Day - (1 + awaySeconds) * Second; // the order was placed a second before the last input
            second.OnTimer(SecondNs + leftNs - Ms);
            Assert.False(second.Orders.Find(resting)!.IsCancelPending);
            second.OnTimer(SecondNs + leftNs);
            Assert.True(second.Orders.Find(resting)!.IsCancelPending && IsEnded(second));
        }

        var again = new EngineReplay(_ => EngineWorld.Create([new Patient()]));
        for (var i = 0; i < journal.Records.Count; i++) again.OnRecord(i + 1, journal.Records[i].Type, journal.Records[i].Payload);
        Assert.Null(again.FirstDifference);
        Assert.Equal(second.StateHash, again.Engine!.StateHash);
    }

    [Fact]
    public void A_session_names_the_wall_clock_or_not_and_is_read_either_way()
    {
        var info = new SessionInfo(3, 7, 11, """{"a":1}""");
        foreach (var known in (SessionInfo[])[info, info with { UnixNs = UnixNs }, info with { UnixNs = UnixNs, Configuration = "" }])
            Assert.Equal(known, EngineRecords.DecodeSession(EngineRecords.Encode(known)));
        Assert.Equal(info with { Format = 4 }, EngineRecords.DecodeSession(EngineRecords.Encode(info with { Format = 4, UnixNs = UnixNs })));
    }

    private static bool IsEnded(TradingEngine engine)
    {
        for (var order = engine.Orders.Live.First; order is not null; order = Penstock.Trading.Orders.OrderList.After(order))
        {
            if (order.State == OrderState.Held) return false;
        }

        return true;
    }

    private static void Begin(TradingEngine engine, MemoryJournal journal, RecordingOutbox outbox, SessionInfo session)
    {
        engine.BeginSession(session, journal, outbox);
        engine.OnSession(Venue, true, Penstock.Connectivity.Feeds.DisconnectReason.None, session.NowNs);
        engine.OnReconciled(Venue, true, session.NowNs);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = session.NowNs });
    }
}
