using Penstock.Infrastructure.Journal;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Strategies;

/// <summary>What cannot be written down must not leave (I1); what takes risk away always may.</summary>
[Trait("requirement", "R158")]
public sealed class FailedJournalTests
{
    [Fact]
    public void A_failed_journal_lets_no_order_out_and_every_cancel()
    {
        var journal = new FailingJournal();
        var outbox = new RecordingOutbox();
        var engine = Trading(journal, outbox);
        Assert.Equal(2, outbox.Placed.Count);
        journal.Fails = true;
        engine.OnMarketEvents(Snapshot(Btc, 101m, 101.02m, 1_020 * Ms)); // far enough to requote
        Assert.Equal((NodeState.Degraded, Degradation.NoPersistence | Degradation.CancelOnly), (engine.State, engine.Risk.Degradation));
        Assert.Equal(2, outbox.Cancelled.Count);
        foreach (var cancel in outbox.Cancelled)
        {
            var gone = Report(ExecutionKind.Cancelled, cancel.ClientOrderId.Value);
            gone.Side = engine.Orders.Find(cancel.ClientOrderId)!.Side;
            engine.OnReport(gone);
        }

        engine.OnMarketEvents(Snapshot(Btc, 102m, 102.02m, 1_500 * Ms));
        Assert.Equal((2, 0), (outbox.Placed.Count, engine.Orders.Live.Count));
        Assert.True(engine.Risk.Rejects[(int)RiskRule.CancelOnly] > 0);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.Kill, Who = "test", NowNs = 1_501 * Ms });
        Assert.True(engine.Risk.IsKilled); // commands that stop are obeyed whatever the disk says
    }

    [Fact]
    public void An_order_whose_own_intent_is_not_taken_ends_at_once_unsent()
    {
        var journal = new FailingJournal { Refuses = EngineRecordType.OrderIntent };
        var outbox = new RecordingOutbox();
        var engine = Trading(journal, outbox);
        Assert.Empty(outbox.Placed);
        Assert.Equal(0, engine.Orders.Live.Count);
        Assert.True(engine.Orders.Statistics.Rejected > 0);
    }

    private static TradingEngine Trading(FailingJournal journal, RecordingOutbox outbox)
    {
        var engine = EngineWorld.Create([EngineWorld.Maker()]);
        engine.BeginSession(new SessionInfo(1, 42, 1_000 * Ms, "{}"), journal, outbox);
        engine.OnSession(Venue, true, Penstock.Connectivity.Feeds.DisconnectReason.None, 1_000 * Ms);
        engine.OnReconciled(Venue, true, 1_000 * Ms);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = 1_000 * Ms });
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, 1_010 * Ms));
        foreach (var order in outbox.Placed.ToArray())
        {
            var accepted = Report(ExecutionKind.Accepted, order.ClientOrderId.Value);
            accepted.Side = order.Side;
            engine.OnReport(accepted);
        }

        return engine;
    }

    private sealed class FailingJournal : IJournalAppender
    {
        public bool Fails { get; set; }

        public EngineRecordType Refuses { get; init; }

        public long Sequence { get; private set; }

        public long Append(ushort type, ReadOnlySpan<byte> payload) =>
            Fails || type == (ushort)Refuses && Refuses != EngineRecordType.None ? JournalAppendResult.Failed : ++Sequence;
    }
}
