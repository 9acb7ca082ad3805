using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Execution.ParentOrderTests;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

/// <summary>What becomes of a parent whose child is refused, how long it tries, and that sessions of before format 5 replay as they were.</summary>
public sealed class ParentRefusalTests
{
    private readonly DeskWorld _world = new();

    [Theory]
    [InlineData(true, TimeInForce.GoodTillCancel)]
    [InlineData(true, TimeInForce.ImmediateOrCancel)]
    [InlineData(false, TimeInForce.GoodTillCancel)]
    [Trait("requirement", "R89")]
    public void A_child_that_never_left_is_tried_again_after_a_second_while_the_alternative_has_no_book(bool isFormat5, TimeInForce force)
    {
        Format(isFormat5);
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m, force: force));
        _world.Blind(DeskWorld.BtcElsewhere);
        _world.Report(Child(0), ExecutionKind.NotSent, reason: RejectReason.Transient);
        Assert.Single(_world.Outbox.Placed);
        _world.Timer(1_000);
        Assert.Equal(isFormat5 ? ParentState.Working : ParentState.Cancelled, Parent(id).State);
        Assert.Equal(isFormat5 ? [Btc, Btc] : [Btc], _world.Outbox.Placed.Select(o => o.Instrument));
        if (!isFormat5) return;
        _world.Fill(Child(1), 1, 1m);
        Assert.Equal((ParentState.Filled, RiskRule.None, RejectReason.None), (Parent(id).State, Parent(id).Rule, Parent(id).Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("requirement", "R89")]
    public void A_redirect_the_message_rate_refuses_leaves_when_the_window_has_room_again(bool isFormat5)
    {
        Format(isFormat5);
        Assert.Null(_world.Desk.Risk.TrySetLimit(LimitName.MessageRate, LimitScope.Node, 1));
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m));
        _world.Report(Child(0), ExecutionKind.NotSent, reason: RejectReason.Transient);
        Assert.Single(_world.Outbox.Placed);
        _world.Timer(1_000);
        Assert.Equal(isFormat5 ? (ParentState.Working, 2) : (ParentState.Cancelled, 1), (Parent(id).State, _world.Outbox.Placed.Count));
    }

    [Fact]
    [Trait("requirement", "R89")]
    public void Venues_that_fail_in_turn_are_asked_once_a_second_and_the_order_ends_after_five_minutes()
    {
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m));
        var sent = 0;
        while (Parent(id).IsWorking && sent < 10_000)
        {
            while (sent < _world.Outbox.Placed.Count) _world.Report(Child(sent++), ExecutionKind.NotSent, reason: RejectReason.Transient);
            _world.Timer(100);
        }

        Assert.Equal((ParentState.Refused, RiskRule.None, RejectReason.Transient), (Parent(id).State, Parent(id).Rule, Parent(id).Reason));
        Assert.InRange(sent, 500, 602);
        Assert.InRange((_world.NowNs - Parent(id).StartNs) / Ms, 300_000, 301_500);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_last_tip_below_the_minimum_is_merged_into_the_one_before(bool isFormat5)
    {
        Format(isFormat5);
        var id = Started(Wish(AlgorithmKind.Iceberg, 1.001m, limit: 99.9m, display: 0.5m)); // the venue takes 0.002 at least
        FillAll(id);
        Assert.Equal(isFormat5 ? [0.5m, 0.501m] : [0.5m, 0.5m], Sent());
        Assert.Equal(isFormat5 ? ParentState.Filled : ParentState.Working, Parent(id).State);
        for (var i = 0; i < 5; i++) _world.Timer(1_000);
        Assert.Equal(isFormat5 ? 0 : 6, _world.Orders.Parents.Statistics.RiskRefused);
    }

    [Fact]
    public void Where_the_merged_tip_were_too_large_the_one_before_leaves_enough_for_a_last_one()
    {
        Assert.Null(_world.Desk.Risk.TrySetLimit(LimitName.OrderQuantity, LimitScope.OfStrategy(1), Quantity.From(0.5m).Raw));
        var id = Started(Wish(AlgorithmKind.Iceberg, 1.001m, limit: 99.9m, display: 0.5m));
        FillAll(id);
        Assert.Equal([0.5m, 0.499m, 0.002m], Sent());
        Assert.Equal(ParentState.Filled, Parent(id).State);
    }

    /// <summary>Seeded: whatever quantity, display and jitter, what is sent is taken, and nothing is left over.</summary>
    [Fact]
    public void Tips_of_any_size_come_to_the_whole_quantity_and_none_is_refused()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var world = new DeskWorld();
            var quantity = random.Next(2, 3_000) / 1_000m;
            var wish = Wish(
                AlgorithmKind.Iceberg, quantity, limit: 99.9m, display: random.Next(2, 500) / 1_000m, jitter: random.Next(2) * 50,
                seed: (ulong)random.Next(1, 1_000));
            var started = world.Desk.StartParent(wish, false, world.NowNs);
            Assert.True(started.IsPlaced, $"{started.Reject} {wish}");
            for (var i = 0; i < world.Outbox.Placed.Count; i++)
            {
                var sent = world.Outbox.Placed[i];
                Assert.True(sent.Quantity >= Quantity.From(0.002m), $"{sent.Quantity} of {wish}");
                world.Fill(world.Orders.Find(sent.ClientOrderId)!, i + 1, sent.Quantity.ToDecimal(), 99.9m);
            }

            var parents = world.Orders.Parents;
            Assert.Equal((ParentState.Filled, 0L), (parents.Find(started.ClientOrderId).State, parents.Statistics.RiskRefused));
        }
    }

    [Fact]
    public void What_no_market_could_take_is_refused_at_once_with_the_rule_and_leaves_room_for_others()
    {
        for (var i = 0; i < 300; i++)
        {
            var reject = TryStart(Wish(AlgorithmKind.Direct, 15m, limit: 100.1m)).Reject;
            Assert.Equal(new RiskReject(RiskRule.OrderQuantity, Quantity.From(15).Raw, Quantity.From(10).Raw), reject);
        }

        Assert.Equal(RiskRule.QuantityMin, TryStart(Wish(AlgorithmKind.Direct, 0.001m, limit: 100.1m)).Reject.Rule);
        Assert.Equal(RiskRule.NotionalMin, TryStart(Wish(AlgorithmKind.Iceberg, 1m, limit: 10m, display: 0.005m)).Reject.Rule);
        Assert.Equal(RiskRule.OrderQuantity, TryStart(Wish(AlgorithmKind.Iceberg, 30m, limit: 99.9m, display: 11m)).Reject.Rule);
        Assert.Equal(RiskRule.QuantityMin, TryStart(Wish(AlgorithmKind.Twap, 0.01m, slices: 10, durationMs: 1_000)).Reject.Rule);
        Assert.Equal(RiskRule.OrderQuantity, TryStart(Wish(AlgorithmKind.Twap, 30m, slices: 2, durationMs: 1_000)).Reject.Rule);
        Assert.Equal((0, 0L), (_world.Orders.Parents.Records.Length, _world.Orders.Parents.Statistics.Started));

        // One of two markets is enough; the other is not asked.
        Assert.Null(_world.Desk.Risk.TrySetLimit(LimitName.OrderQuantity, LimitScope.Of(Btc), Quantity.From(1m).Raw));
        Started(Wish(AlgorithmKind.Direct, 5m, limit: 100.1m));
        Assert.Equal(DeskWorld.BtcElsewhere, Assert.Single(_world.Outbox.Placed).Instrument);
        Assert.Equal(0, _world.Orders.Parents.Statistics.RiskRefused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refusal_that_does_not_pass_is_the_answer_at_the_start_and_the_end_later(bool isFormat5)
    {
        Format(isFormat5);
        Assert.Null(_world.Desk.Risk.TrySetLimit(LimitName.Position, LimitScope.Node, Quantity.From(1.5m).Raw));
        var atOnce = TryStart(Wish(AlgorithmKind.Direct, 2m, limit: 100.1m));
        Assert.Equal(isFormat5 ? RiskRule.Position : RiskRule.None, atOnce.Reject.Rule);
        if (isFormat5) Assert.Equal((Int128)Quantity.From(2).Raw, atOnce.Reject.Used);
        else Assert.True(_world.Desk.CancelParent(atOnce.ClientOrderId, _world.NowNs));

        var id = Started(Wish(AlgorithmKind.Iceberg, 3m, limit: 99.9m, display: 1m));
        FillAll(id);
        for (var i = 0; i < 10; i++) _world.Timer(1_000);
        Assert.Equal(
            isFormat5 ? (ParentState.Refused, RiskRule.Position) : (ParentState.Working, RiskRule.None), (Parent(id).State, Parent(id).Rule));
        var refusals = _world.Journal.Records.Count(r => r.Type == (ushort)EngineRecordType.OrderRefused);
        Assert.True(isFormat5 ? refusals <= 3 : refusals > 10, $"{refusals}");
        Assert.Equal(isFormat5 ? 2 : 0, _world.Orders.Parents.Statistics.Refused);
    }

    [Fact]
    [Trait("requirement", "R89")]
    public void A_venue_that_refuses_for_good_is_left_for_the_other_and_the_last_one_ends_the_order()
    {
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m));
        _world.Report(Child(0), ExecutionKind.Rejected, reason: RejectReason.InsufficientFunds);
        Assert.Equal(DeskWorld.BtcElsewhere, _world.Outbox.Placed[1].Instrument);
        _world.Report(Child(1), ExecutionKind.Rejected, reason: RejectReason.InvalidParameter);
        Assert.Equal((ParentState.Refused, RiskRule.None, RejectReason.InvalidParameter), (Parent(id).State, Parent(id).Rule, Parent(id).Reason));
        for (var i = 0; i < 10; i++) _world.Timer(1_000);
        Assert.Equal(2, _world.Outbox.Placed.Count);
        Assert.Equal(1, _world.Orders.Parents.Statistics.Refused);
    }

    [Theory]
    [InlineData(TimeInForce.GoodTillCancel, 300)]
    [InlineData(TimeInForce.FillOrKill, 5)]
    public void Without_a_book_anywhere_it_is_tried_for_so_long_and_no_longer(TimeInForce force, int seconds)
    {
        _world.Blind(Btc);
        _world.Blind(DeskWorld.BtcElsewhere);
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m, force: force));
        for (var i = 0; i < seconds; i++)
        {
            Assert.True(Parent(id).IsWorking, $"{i} s");
            _world.Timer(1_000);
        }

        _world.Timer(1_000);
        Assert.Equal((ParentState.Refused, RiskRule.NoReferencePrice), (Parent(id).State, Parent(id).Rule));
        Assert.Empty(_world.Outbox.Placed);
        Assert.Contains(_world.Journal.Records, r => r.Type == (ushort)EngineRecordType.OrderRefused);
    }

    [Fact]
    public void An_order_that_is_to_trade_at_once_expires_when_no_market_comes_to_its_price()
    {
        var id = Started(Wish(AlgorithmKind.Direct, 1m, limit: 99m, force: TimeInForce.ImmediateOrCancel));
        for (var i = 0; i < 6; i++) _world.Timer(1_000);
        Assert.Equal((ParentState.Expired, RiskRule.None), (Parent(id).State, Parent(id).Rule));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_slice_of_a_twap_that_never_left_is_sent_again_within_its_time(bool isFormat5)
    {
        Format(isFormat5);
        var id = Started(Wish(AlgorithmKind.Twap, 2m, slices: 2, durationMs: 8_000));
        _world.Fill(Child(0), 1, 1m);
        for (var i = 0; i < 41; i++) _world.Timer(100);
        Assert.Equal([1m, 1m], Sent());
        _world.Report(Child(1), ExecutionKind.NotSent, reason: RejectReason.RateLimited);
        for (var i = 0; i < 11; i++) _world.Timer(100);
        Assert.Equal(isFormat5 ? [1m, 1m, 1m] : [1m, 1m], Sent());
        if (isFormat5) _world.Fill(Child(2), 2, 1m);
        for (var i = 0; i < 40; i++) _world.Timer(100);
        Assert.Equal(isFormat5 ? ParentState.Filled : ParentState.Expired, Parent(id).State);
    }

    [Fact]
    public void What_a_twap_has_to_catch_up_is_cut_to_what_one_order_may_be()
    {
        var id = Started(Wish(AlgorithmKind.Twap, 12m, slices: 4, durationMs: 16_000));
        _world.Report(Child(0), ExecutionKind.NotSent, reason: RejectReason.Transient);
        _world.Blind(Btc);
        for (var i = 0; i < 125; i++) _world.Timer(100);
        _world.Book(Btc, 99.9m, 100m);
        for (var i = 0; i < 30 && Parent(id).IsWorking; i++)
        {
            _world.Timer(100);
            var last = Child(_world.Outbox.Placed.Count - 1);
            if (last.IsLive) _world.Fill(last, _world.Outbox.Placed.Count, last.Request.Quantity.ToDecimal());
        }

        Assert.Equal([3m, 10m, 2m], Sent());
        Assert.Equal((ParentState.Filled, 0L), (Parent(id).State, _world.Orders.Parents.Statistics.RiskRefused));
    }

    [Fact]
    public void A_tip_that_is_taken_away_is_put_back_a_second_later_however_late_that_is()
    {
        var id = Started(Wish(AlgorithmKind.Iceberg, 3m, limit: 99.9m, display: 1m));
        for (var round = 0; round < 3; round++)
        {
            _world.Report(Child(round), ExecutionKind.Accepted);
            _world.Timer(400_000);
            _world.Report(Child(round), ExecutionKind.Cancelled);
            Assert.Equal(round + 1, _world.Outbox.Placed.Count);
            _world.Timer(1_000);
            Assert.Equal((round + 2, true), (_world.Outbox.Placed.Count, Parent(id).IsWorking));
        }
    }

    [Fact]
    [Trait("requirement", "R28")]
    public void Waiting_and_trying_again_allocates_nothing()
    {
        var world = new DeskWorld(journal: new NullJournal());
        world.Blind(Btc);
        world.Blind(DeskWorld.BtcElsewhere);
        for (var i = 0; i < 50; i++) Assert.True(world.Desk.StartParent(Wish(AlgorithmKind.Direct, 1m, limit: 100.1m), false, world.NowNs).IsPlaced);
        for (var i = 0; i < 60; i++) world.Timer(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 60; i++) world.Timer(1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(6_050, world.Orders.Parents.Statistics.Waits);
    }

    private void Format(bool isFormat5) =>
        _world.Desk.IsFormat5 = _world.Orders.IsFormat5 = _world.Orders.Parents.IsFormat5 = _world.Desk.Controls.IsFormat5 = isFormat5;

    private PlaceResult TryStart(in ParentRequest wish) => _world.Desk.StartParent(wish, false, _world.NowNs);

    private ClientOrderId Started(in ParentRequest wish)
    {
        var started = TryStart(wish);
        Assert.True(started.IsPlaced, started.Reject.ToString());
        return started.ClientOrderId;
    }

    /// <summary>Every child as it comes, in full.</summary>
    private void FillAll(ClientOrderId id)
    {
        for (var i = 0; i < _world.Outbox.Placed.Count && Parent(id).IsWorking; i++)
            _world.Fill(Child(i), 100 + i, _world.Outbox.Placed[i].Quantity.ToDecimal(), 99.9m);
    }

    private ParentOrder Parent(ClientOrderId id) => _world.Orders.Parents.Find(id);

    private Order Child(int index) => _world.Orders.Find(_world.Outbox.Placed[index].ClientOrderId)!;

    private decimal[] Sent() => [.. _world.Outbox.Placed.Select(o => o.Quantity.ToDecimal())];
}
