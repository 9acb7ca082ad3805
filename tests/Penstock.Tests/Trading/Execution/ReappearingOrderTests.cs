using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Tests.Trading.Execution;

/// <summary>
/// Reports of orders that had ended here: of old ones whose record was used again, and of some whose end we only concluded. A long run of random
/// lives (seeds 1 and 3 of OrderLifePropertyTests) had adopted the first and waited for their fills for ever.
/// </summary>
[Trait("requirement", "R79")]
[Trait("requirement", "R90")]
public sealed class ReappearingOrderTests
{
    private const int PoolSize = 4;

    private readonly DeskWorld _world = new(poolSize: PoolSize);

    [Fact]
    public void An_old_report_of_a_forgotten_order_misses_no_fill_and_cancels_by_name()
    {
        var order = _world.Working(DeskWorld.Wish());
        var id = order.ClientOrderId;
        _world.Fill(order, trade: 1, 1m);
        Assert.Equal(OrderState.Filled, order.State);
        ForgetTheOldest();
        Assert.Null(_world.Orders.Find(id));

        var cancels = _world.Outbox.Cancelled.Count;
        Assert.Equal(ReportOutcome.Reappeared, Status(id, OrderState.PartiallyFilled, cumulative: 0.5m));
        Assert.Equal(id, _world.Outbox.Cancelled[cancels].ClientOrderId);
        Assert.Equal((0L, 0L, 1L), (_world.Orders.Statistics.Adopted, _world.Orders.Statistics.FillsMissing, _world.Orders.Statistics.Reappeared));
        Assert.False(_world.Orders.HasMissingFills(order.Instrument));
        Assert.Null(_world.Orders.Find(id));
    }

    [Fact]
    public void An_order_that_the_venue_did_not_find_and_that_arrives_late_is_cancelled_and_its_fill_accounted()
    {
        var order = _world.Placed(DeskWorld.Wish());
        _world.Timer(60_000);
        Assert.Equal(OrderState.Unknown, order.State);
        _world.Report(order, ExecutionKind.OrderNotFound);
        Assert.Equal(OrderState.Rejected, order.State);

        Assert.Equal(ReportOutcome.Reappeared, _world.Report(order, ExecutionKind.Accepted, venueOrderId: "late"));
        Assert.Equal((order.ClientOrderId, "late"), (_world.Outbox.Cancelled[^1].ClientOrderId, _world.Outbox.Cancelled[^1].VenueOrderId.ToString()));
        Assert.Equal(OrderState.Rejected, order.State);
        Assert.Equal(ReportOutcome.LateFill, _world.Fill(order, trade: 1, 0.4m));
        Assert.Equal(Quantity.From(0.4m), _world.Desk.Positions.Total(order.Instrument));
    }

    [Fact]
    public void An_order_whose_end_the_venue_told_is_not_cancelled_for_an_older_report()
    {
        var order = _world.Working(DeskWorld.Wish());
        _world.Report(order, ExecutionKind.Cancelled);
        Assert.Equal(ReportOutcome.Unchanged, _world.Report(order, ExecutionKind.Accepted));
        Assert.Empty(_world.Outbox.Cancelled);
    }

    [Fact]
    public void An_order_of_a_journal_that_lost_its_end_is_adopted()
    {
        _world.Working(DeskWorld.Wish());
        var lost = ClientOrderId.Of(1, 2);
        Assert.Equal(ReportOutcome.Stray, Status(lost, OrderState.Working, cumulative: 0m));
        Assert.Equal(OrderState.Working, _world.Orders.Find(lost)!.State);
        Assert.Equal(1, _world.Orders.Statistics.Adopted);
    }

    [Fact]
    public void A_total_that_proves_an_unanswered_amend_makes_the_fills_behind_it_no_overfill()
    {
        var order = _world.Working(DeskWorld.Wish(quantity: 6m));
        Assert.True(_world.Desk.Amend(order, order.Request.Price, Quantity.From(8m), false, default, _world.NowNs).IsSent);
        _world.Fill(order, trade: 1, 5m);
        _world.Timer(60_000);
        _world.Report(order, ExecutionKind.OrderStatus, cumulative: 8m, state: OrderState.Filled);
        Assert.Equal(ReportOutcome.Fill, _world.Fill(order, trade: 2, 3m));
        Assert.Equal((0L, Quantity.From(8m), 0L), (_world.Orders.Statistics.Overfills, order.Request.Quantity, order.Missing.Raw));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_issued_is_known_as_a_dictionary_of_sessions_knows_it(int seed)
    {
        var random = new Random(seed);
        var (issued, naive) = (new IssuedOrders(), new SortedDictionary<int, long>());
        var session = 0;
        for (var i = 0; i < 5_000; i++)
        {
            if (i == 0 || random.Next(40) == 0) session += random.Next(1, 3);
            var id = ClientOrderId.Of(session, random.Next(1, 1_000));
            issued.Add(id);
            naive[session] = Math.Max(naive.GetValueOrDefault(session), id.Sequence);
            if (naive.Count > IssuedOrders.SessionsMax) naive.Remove(naive.Keys.First());
            var asked = ClientOrderId.Of(Math.Max(1, session - random.Next(120)), random.Next(1, 1_000));
            Assert.Equal(naive.TryGetValue(asked.Session, out var last) && asked.Sequence <= last, issued.Contains(asked));
        }
    }

    private void ForgetTheOldest()
    {
        for (var i = 0; i < PoolSize; i++)
        {
            var next = _world.Working(DeskWorld.Wish());
            _world.Fill(next, trade: 100 + i, 1m);
        }
    }

    private ReportOutcome Status(ClientOrderId id, OrderState state, decimal cumulative)
    {
        var report = new ExecutionReport
        {
            Kind = ExecutionKind.OrderStatus, State = state, ClientOrderId = id, Venue = Fixtures.Venue, Instrument = Fixtures.Btc, Side = Side.Buy,
            CumulativeQuantity = Quantity.From(cumulative),
        };
        return _world.Desk.Apply(report, _world.NowNs, out _);
    }
}
