using Penstock.Connectivity.Feeds;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Tests.Strategies;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

/// <summary>After a recovery the venue's balances are compared with the recovered ledger; what differs waits for a person (R157).</summary>
[Trait("requirement", "R157")]
public sealed class BalanceDifferenceTests
{
    private long _nowNs = 1_000 * Ms;

    [Fact]
    public void A_difference_blocks_its_instrument_until_it_is_approved()
    {
        var (engine, outbox) = Recovered(venueHolds: 900m);
        Assert.True(engine.Desk.Venues.IsBlockedByDifference(Btc));
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, _nowNs));
        Assert.Empty(outbox.Placed);
        Assert.True(engine.Risk.Rejects[(int)RiskRule.Unresolved] > 0);
        var blocked = engine.StateHash;

        Assert.True(Approve(engine, Eth).Done); // the same quote asset, another instrument
        Assert.True(engine.Desk.Venues.IsBlockedByDifference(Btc));
        Assert.True(Approve(engine, Btc).Done);
        Assert.NotEqual(blocked, engine.StateHash);
        Assert.False(Approve(engine, Btc).Done);
        _nowNs += 1_000 * Ms;
        engine.OnMarketEvents(Snapshot(Btc, 100m, 100.02m, _nowNs));
        Assert.NotEmpty(outbox.Placed);
        engine.OnBalance(Balance(900m));
        Assert.Equal(Notional.Zero, engine.Positions.QuoteAccount(Btc).Difference);
    }

    [Fact]
    public void A_difference_that_was_only_a_fill_on_its_way_goes_by_itself()
    {
        var (engine, outbox) = Recovered(venueHolds: 900m);
        outbox.Reconciled.Clear();
        _nowNs += 3_000 * Ms;
        engine.OnTimer(_nowNs);
        Assert.Equal([Venue], outbox.Reconciled);
        engine.OnBalance(Balance(1_000m));
        engine.OnReconciled(Venue, true, _nowNs);
        Assert.False(engine.Desk.Venues.IsBlockedByDifference(Btc));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(999_995)] // venues round
    public void Equal_balances_block_nothing(int thousandths)
    {
        var (engine, _) = Recovered(thousandths / 1_000m);
        Assert.False(engine.Desk.Venues.IsBlockedByDifference(Btc));
    }

    /// <summary>A session that saw a balance of 1,000, and the next one, told another.</summary>
    private (TradingEngine Engine, RecordingOutbox Outbox) Recovered(decimal venueHolds)
    {
        var engine = EngineWorld.Create([EngineWorld.Maker()]);
        engine.BeginSession(new SessionInfo(1, 42, _nowNs, "{}"), new MemoryJournal(), new RecordingOutbox());
        engine.OnSession(Venue, true, DisconnectReason.None, _nowNs);
        engine.OnBalance(Balance(1_000m));
        engine.OnReconciled(Venue, true, _nowNs);
        Assert.False(engine.Desk.Venues.IsBlockedByDifference(Btc));
        engine.EndSession();

        var outbox = new RecordingOutbox();
        engine.BeginSession(new SessionInfo(2, 42, _nowNs, "{}"), new MemoryJournal(), outbox);
        engine.OnSession(Venue, true, DisconnectReason.None, _nowNs);
        engine.OnBalance(Balance(venueHolds));
        engine.OnReconciled(Venue, true, _nowNs);
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = _nowNs });
        return (engine, outbox);
    }

    private CommandResult Approve(TradingEngine engine, Penstock.Model.Instruments.InstrumentId instrument) =>
        engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.ApproveDifference, Who = "test", Why = "the desk moved it", Instrument = instrument, NowNs = _nowNs });

    private BalanceReport Balance(decimal quote) => new()
    {
        Venue = Venue, Asset = Text16.From("USDT"), FreeRaw = Quantity.From(quote).Raw, Received = new MonotonicTime(_nowNs),
    };
}
