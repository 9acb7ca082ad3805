using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Execution;

public sealed class ParentOrderTests : IParentObserver
{
    private readonly DeskWorld _world = new();
    private readonly List<ParentState> _seen = [];

    void IParentObserver.OnParent(in ParentOrder parent) => _seen.Add(parent.State);

    [Fact]
    [Trait("requirement", "R84")]
    public void A_child_beyond_its_parent_is_refused_at_the_last_hop_and_halts_the_parent()
    {
        _world.Orders.Parents.AddObserver(this);
        var id = Start(AlgorithmKind.None, 3m);
        var child = _world.Working(DeskWorld.Wish(quantity: 2m) with { Parent = id });
        _world.Fill(child, 1, 1m);
        var second = _world.Placed(DeskWorld.Wish(quantity: 1m) with { Parent = id });
        Assert.Equal(Quantity.Zero, Parent(id).Open);

        var third = _world.Desk.Place(DeskWorld.Wish(quantity: 0.002m) with { Parent = id }, false, _world.NowNs);
        Assert.Equal(RiskRule.ParentQuantity, third.Reject.Rule);
        Assert.Equal((ParentState.Halted, 1L), (Parent(id).State, _world.Orders.Parents.Statistics.Violations));
        _world.Timer(20);
        Assert.True(child.IsCancelPending && second.IsCancelPending);
        Assert.Contains(ParentState.Halted, _seen);

        // Halted is for good: what becomes free again is not given out.
        _world.Report(second, ExecutionKind.Cancelled);
        Assert.Equal(RiskRule.ParentQuantity, _world.Desk.Place(DeskWorld.Wish(quantity: 0.002m) with { Parent = id }, false, _world.NowNs).Reject.Rule);
    }

    [Fact]
    public void A_child_may_not_grow_beyond_its_parent_either()
    {
        var id = Start(AlgorithmKind.None, 3m);
        var child = _world.Working(DeskWorld.Wish(quantity: 2m) with { Parent = id });
        Assert.True(_world.Desk.Amend(child, default, Quantity.From(3), false, default, _world.NowNs).IsSent);
        _world.Report(child, ExecutionKind.Amended, 100m, 3m);
        Assert.Equal(RiskRule.ParentQuantity, _world.Desk.Amend(child, default, Quantity.From(3.001m), false, default, _world.NowNs).Reject.Rule);
        Assert.Equal(ParentState.Halted, Parent(id).State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [Trait("requirement", "R84")]
    public void A_twap_takes_equal_parts_of_its_time_and_catches_up_what_a_slice_missed(int jitter)
    {
        var id = Start(AlgorithmKind.Twap, 4m, slices: 4, durationMs: 4_000, jitter: jitter);
        Assert.Equal([1m], Sent());
        Expire(_world.Outbox.Placed[0], 0.4m);
        Until(() => _world.Outbox.Placed.Count == 2, 1_500);
        Assert.Equal([1m, 1.6m], Sent());
        Expire(_world.Outbox.Placed[1], 1.6m);
        Until(() => _world.Outbox.Placed.Count == 4, 4_000, order => Expire(order, order.Quantity.ToDecimal()));
        Assert.Equal((ParentState.Filled, Quantity.From(4)), (Parent(id).State, Parent(id).Filled));
        Assert.All(_world.Outbox.Placed, o => Assert.Equal(TimeInForce.ImmediateOrCancel, o.TimeInForce));
    }

    [Fact]
    public void The_same_seed_draws_the_same_times_and_a_twap_whose_time_is_over_ends()
    {
        long[] Times(ulong seed)
        {
            var world = new DeskWorld();
            var id = Start(AlgorithmKind.Twap, 8m, slices: 8, durationMs: 8_000, jitter: 50, seed: seed, world: world);
            var times = new List<long>();
            while (world.Orders.Parents.Find(id).IsWorking)
            {
                times.Add(world.Orders.Parents.Find(id).NextNs);
                world.Timer(20);
            }

            Assert.Equal(ParentState.Expired, world.Orders.Parents.Find(id).State);
            return [.. times.Distinct()];
        }

        Assert.Equal(Times(7), Times(7));
        Assert.NotEqual(Times(7), Times(8_000_001));
    }

    [Fact]
    public void An_iceberg_shows_one_tip_at_a_time()
    {
        var id = Start(AlgorithmKind.Iceberg, 2.5m, limit: 99.9m, display: 1m);
        Assert.Equal([1m], Sent());
        _world.Report(Child(0), ExecutionKind.Accepted);
        _world.Fill(Child(0), 1, 1m, 99.9m);
        _world.Fill(Child(1), 2, 1m, 99.9m);
        Assert.Equal([1m, 1m, 0.5m], Sent());
        _world.Fill(Child(2), 3, 0.5m, 99.9m);
        Assert.Equal(ParentState.Filled, Parent(id).State);
    }

    [Fact]
    public void Cancelling_the_parent_cancels_its_children_and_late_fills_are_accounted()
    {
        var id = Start(AlgorithmKind.Iceberg, 3m, limit: 99.9m, display: 1m);
        _world.Report(Child(0), ExecutionKind.Accepted);
        Assert.True(_world.Desk.CancelParent(id, _world.NowNs));
        Assert.Single(_world.Outbox.Cancelled);
        _world.Fill(Child(0), 1, 0.4m, 99.9m);
        _world.Report(Child(0), ExecutionKind.Cancelled, cumulative: 0.4m);
        _world.Fill(Child(0), 2, 0.1m, 99.9m);
        Assert.Equal((ParentState.Cancelled, Quantity.From(0.5m), 0), (Parent(id).State, Parent(id).Filled, Parent(id).ChildrenLive));
        Assert.Equal(2, _world.Orders.Parents.Statistics.LateFills);
        _world.Timer(5_000);
        Assert.Equal([1m], Sent());
        Assert.False(_world.Desk.CancelParent(id, _world.NowNs));
    }

    [Fact]
    [Trait("requirement", "R84")]
    public void The_venue_is_chosen_by_what_the_price_costs_after_fees()
    {
        _world.Book(Btc, 99.9m, 100m);
        _world.Book(DeskWorld.BtcElsewhere, 99.9m, 100.05m);
        Start(AlgorithmKind.Direct, 1m, force: TimeInForce.ImmediateOrCancel);
        _world.Desk.Fees.Set(Venue, 500, 1_000);
        Start(AlgorithmKind.Direct, 1m, force: TimeInForce.ImmediateOrCancel);
        Assert.Equal([Btc, DeskWorld.BtcElsewhere], _world.Outbox.Placed.Select(o => o.Instrument));
    }

    [Fact]
    [Trait("requirement", "R89")]
    public void An_order_goes_to_another_venue_when_its_own_is_down()
    {
        _world.Blind(Btc);
        var id = Start(AlgorithmKind.Direct, 1m, limit: 100.1m, force: TimeInForce.GoodTillCancel);
        Assert.Equal(DeskWorld.BtcElsewhere, Assert.Single(_world.Outbox.Placed).Instrument);
        Assert.Equal(1, _world.Orders.Parents.Statistics.Redirects);

        // That one refuses it: nothing of it rests anywhere, so the first may have it, if it is back.
        _world.Book(Btc, 99.9m, 100m);
        _world.Report(Child(0), ExecutionKind.NotSent, reason: RejectReason.Transient);
        Assert.Equal((Btc, Quantity.From(1)), (_world.Outbox.Placed[1].Instrument, _world.Outbox.Placed[1].Quantity));
        Assert.True(Parent(id).IsWorking);
    }

    [Fact]
    [Trait("requirement", "R89")]
    public void Quantity_of_unknown_outcome_on_a_dead_venue_is_sent_nowhere_else_until_it_is_resolved()
    {
        var id = Start(AlgorithmKind.Direct, 2m, limit: 100.1m, force: TimeInForce.GoodTillCancel);
        var child = Child(0);
        Assert.Equal(Btc, child.Instrument);
        _world.Orders.OnSessionLost(Venue, _world.NowNs);
        _world.Blind(Btc);
        Assert.Equal(OrderState.Unknown, child.State);
        for (var i = 0; i < 10; i++) _world.Timer(1_000);
        Assert.Single(_world.Outbox.Placed);

        // It is known now: half was filled, half came back. Only that half is free.
        _world.Report(child, ExecutionKind.OrderStatus, state: OrderState.Rejected);
        Assert.Equal(DeskWorld.BtcElsewhere, _world.Outbox.Placed[1].Instrument);
        Assert.Equal(Quantity.From(2), Parent(id).Quantity);
        Assert.Equal((Int128)Quantity.From(2).Raw, Parent(id).CommittedRaw);
    }

    [Fact]
    public void Nonsense_is_refused_and_kill_ends_parents()
    {
        Assert.Equal(RiskRule.Malformed, TryStart(Wish(AlgorithmKind.Iceberg, 1m)).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, TryStart(Wish(AlgorithmKind.Twap, 1m)).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, TryStart(Wish(AlgorithmKind.None, 0m)).Reject.Rule);
        Assert.Equal(RiskRule.Lot, TryStart(Wish(AlgorithmKind.None, 0.0001m)).Reject.Rule);
        Assert.Equal(RiskRule.Malformed, TryStart(default).Reject.Rule);
        var id = Start(AlgorithmKind.None, 1m);
        _world.Desk.CancelAll(0, _world.NowNs);
        Assert.Equal(ParentState.Cancelled, Parent(id).State);
    }

    internal static ParentRequest Wish(
        AlgorithmKind algorithm, decimal quantity, decimal limit = 0, decimal display = 0, int slices = 0, long durationMs = 0, int jitter = 0, ulong seed = 1,
        TimeInForce force = TimeInForce.GoodTillCancel)
    {
        var instruments = default(ParentInstruments);
        (instruments[0], instruments[1]) = (Btc, DeskWorld.BtcElsewhere);
        return new ParentRequest
        {
            Strategy = 1, Instruments = instruments, InstrumentCount = algorithm == AlgorithmKind.Direct ? 2 : 1, Side = Side.Buy, Quantity = Quantity.From(quantity),
            Limit = Price.From(limit), Algorithm = algorithm, TimeInForce = force, DurationNs = durationMs * Ms, Slices = slices, Display = Quantity.From(display),
            JitterPercent = jitter, Seed = seed,
        };
    }

    private PlaceResult TryStart(in ParentRequest wish) => _world.Desk.StartParent(wish, false, _world.NowNs);

    private ClientOrderId Start(
        AlgorithmKind algorithm, decimal quantity, decimal limit = 0, decimal display = 0, int slices = 0, long durationMs = 0, int jitter = 0, ulong seed = 1,
        TimeInForce force = TimeInForce.GoodTillCancel, DeskWorld? world = null)
    {
        world ??= _world;
        var started = world.Desk.StartParent(Wish(algorithm, quantity, limit, display, slices, durationMs, jitter, seed, force), false, world.NowNs);
        Assert.True(started.IsPlaced, started.Reject.ToString());
        return started.ClientOrderId;
    }

    private ParentOrder Parent(ClientOrderId id) => _world.Orders.Parents.Find(id);

    private Order Child(int index) => _world.Orders.Find(_world.Outbox.Placed[index].ClientOrderId)!;

    private decimal[] Sent() => [.. _world.Outbox.Placed.Select(o => o.Quantity.ToDecimal())];

    private void Expire(OrderRequest request, decimal filled)
    {
        var child = _world.Orders.Find(request.ClientOrderId)!;
        _world.Fill(child, request.ClientOrderId.Value, filled);
        if (child.IsLive) _world.Report(child, ExecutionKind.Expired, cumulative: filled);
    }

    private void Until(Func<bool> condition, int ms, Action<OrderRequest>? onPlaced = null)
    {
        for (var i = 0; i < ms / 20 && !condition(); i++)
        {
            var before = _world.Outbox.Placed.Count;
            _world.Timer(20);
            if (onPlaced is not null && _world.Outbox.Placed.Count > before) onPlaced(_world.Outbox.Placed[^1]);
        }

        Assert.True(condition());
    }
}
