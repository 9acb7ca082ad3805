using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using static Penstock.Tests.Trading.Fixtures;

namespace Penstock.Tests.Trading.Orders;

public sealed class OrderManagerTests : IOrderQueries
{
    private readonly OrderManager _orders = new(2, new OrderManagerOptions { PoolSize = 8, FillWindow = 64 });
    private readonly List<ClientOrderId> _queries = [];

    void IOrderQueries.Query(Order order) => _queries.Add(order.ClientOrderId);

    [Fact]
    [Trait("requirement", "R79")]
    public void Every_report_in_every_state_leads_along_a_legal_transition_or_changes_nothing()
    {
        var states = Enum.GetValues<OrderState>().Where(s => s != OrderState.None);
        foreach (var state in states)
        {
            foreach (var kind in Enum.GetValues<ExecutionKind>())
            {
                foreach (var status in kind == ExecutionKind.OrderStatus ? Enum.GetValues<OrderState>() : [OrderState.None])
                {
                    var orders = new OrderManager(2, new OrderManagerOptions { PoolSize = 4, FillWindow = 64 });
                    var order = InState(orders, state);
                    Assert.Equal(state, order.State);
                    var report = kind == ExecutionKind.Fill ? Fill(1, 77, 0.25m) : Report(kind, 1, status);
                    var illegalBefore = orders.Statistics.IllegalReports;
                    var outcome = orders.Apply(report, 60_000 * Ms, out _);

                    var where = $"{state} + {kind} {status} → {order.State} ({outcome})";
                    Assert.True(order.State == state || OrderTransitions.IsLegal(state, order.State), where);
                    Assert.Equal(outcome == ReportOutcome.Illegal, orders.Statistics.IllegalReports > illegalBefore);
                    if (outcome is ReportOutcome.Illegal or ReportOutcome.Unchanged) Assert.True(order.State == state, where);
                    if (OrderTransitions.IsTerminal(state)) Assert.True(order.State == state, where);
                    if (kind == ExecutionKind.Fill) Assert.True(outcome is ReportOutcome.Fill or ReportOutcome.LateFill, where);
                    Assert.Equal(order.IsLive ? 1 : 0, orders.Live.Count);
                    Assert.Equal(order.IsOut ? 1 : 0, orders.OpenOrders(Btc));
                    Assert.Equal(order.State == OrderState.Unknown ? 1 : 0, orders.Statistics.Unknown);
                }
            }
        }
    }

    [Theory]
    [InlineData(OrderState.Sent, ExecutionKind.Acked, OrderState.Acked)]
    [InlineData(OrderState.Acked, ExecutionKind.Accepted, OrderState.Working)]
    [InlineData(OrderState.Working, ExecutionKind.Acked, OrderState.Working)]
    [InlineData(OrderState.Working, ExecutionKind.Rejected, OrderState.Working)]
    [InlineData(OrderState.Sent, ExecutionKind.NotSent, OrderState.Rejected)]
    [InlineData(OrderState.Unknown, ExecutionKind.Accepted, OrderState.Working)]
    [InlineData(OrderState.PartiallyFilled, ExecutionKind.Accepted, OrderState.PartiallyFilled)]
    [InlineData(OrderState.Cancelled, ExecutionKind.Accepted, OrderState.Cancelled)]
    [InlineData(OrderState.Filled, ExecutionKind.Cancelled, OrderState.Filled)]
    public void A_report_says_more_or_it_says_nothing(OrderState from, ExecutionKind kind, OrderState to)
    {
        var order = InState(_orders, from);
        _orders.Apply(Report(kind, 1), 1, out _);
        Assert.Equal(to, order.State);
    }

    [Fact]
    [Trait("requirement", "R85")]
    public void A_lost_ack_becomes_unknown_is_asked_for_every_second_and_resolved_by_the_answer()
    {
        var order = InState(_orders, OrderState.Sent);
        _orders.OnTimer(4_999 * Ms, this);
        Assert.Equal(OrderState.Sent, order.State);
        _orders.OnTimer(5_000 * Ms, this);
        Assert.Equal(OrderState.Unknown, order.State);
        _orders.OnTimer(5_999 * Ms, this);
        Assert.Single(_queries);
        _orders.OnTimer(6_000 * Ms, this);
        Assert.Equal(2, _queries.Count);

        _orders.Apply(Report(ExecutionKind.OrderStatus, 1, OrderState.Working), 6_100 * Ms, out _);
        Assert.Equal(OrderState.Working, order.State);
        Assert.Equal((0L, 1L), (_orders.Statistics.Unknown, _orders.Statistics.Resolved));
        _orders.OnTimer(60_000 * Ms, this);
        Assert.Equal(2, _queries.Count);
    }

    [Fact]
    public void Not_found_counts_only_after_the_grace_and_then_the_order_never_arrived()
    {
        var order = InState(_orders, OrderState.Sent);
        _orders.OnTimer(5_000 * Ms, this);
        _orders.Apply(Report(ExecutionKind.OrderNotFound, 1), 9_999 * Ms, out _);
        Assert.Equal(OrderState.Unknown, order.State);
        _orders.Apply(Report(ExecutionKind.OrderNotFound, 1), 10_000 * Ms, out _);
        Assert.Equal((OrderState.Rejected, RejectReason.OrderNotFound), (order.State, order.Reason));
    }

    [Fact]
    public void A_cancel_without_answer_makes_the_order_unknown_too()
    {
        var order = InState(_orders, OrderState.Working);
        Assert.True(_orders.TryBeginCancel(order, 100 * Ms));
        Assert.False(_orders.TryBeginCancel(order, 101 * Ms));
        _orders.OnTimer(5_100 * Ms, this);
        Assert.Equal(OrderState.Unknown, order.State);
        _orders.Apply(Report(ExecutionKind.OrderStatus, 1, OrderState.Working), 5_200 * Ms, out _);
        Assert.True(_orders.TryBeginCancel(order, 5_300 * Ms));
    }

    [Fact]
    [Trait("requirement", "R84")]
    public void A_fill_after_the_cancel_is_accounted_and_the_order_stays_cancelled()
    {
        var order = InState(_orders, OrderState.Cancelled);
        Assert.Equal(ReportOutcome.LateFill, _orders.Apply(Fill(1, 5, 0.4m), 1, out _));
        Assert.Equal((OrderState.Cancelled, Quantity.From(0.4m)), (order.State, order.Filled));
        Assert.Equal((1L, 0L), (_orders.Statistics.LateFills, _orders.Statistics.FillsMissing));
    }

    [Fact]
    [Trait("requirement", "R90")]
    public void A_repeated_fill_counts_once()
    {
        var order = InState(_orders, OrderState.Working);
        Assert.Equal(ReportOutcome.Fill, _orders.Apply(Fill(1, 5, 0.4m), 1, out _));
        Assert.Equal(ReportOutcome.DuplicateFill, _orders.Apply(Fill(1, 5, 0.4m), 2, out _));
        Assert.Equal(Quantity.From(0.4m), order.Filled);
        _orders.Apply(Fill(1, 6, 0.6m, 101m), 3, out _);
        Assert.Equal((OrderState.Filled, Price.From(100.6m)), (order.State, order.AveragePrice));
    }

    [Fact]
    public void A_fill_the_venue_counted_and_did_not_tell_is_missing_until_it_comes()
    {
        var order = InState(_orders, OrderState.Working);
        _orders.Apply(Report(ExecutionKind.Cancelled, 1, cumulative: 0.3m), 1, out _);
        Assert.True(_orders.HasMissingFills(Btc));
        Assert.Equal(Quantity.From(0.3m), _orders.OpenBuy(Btc));
        Assert.Equal(ReportOutcome.Fill, _orders.Apply(Fill(1, 9, 0.3m), 2, out _));
        Assert.False(_orders.HasMissingFills(Btc));
        Assert.Equal((OrderState.Cancelled, 0L), (order.State, _orders.Statistics.LateFills));
        Assert.Equal(Quantity.Zero, _orders.OpenBuy(Btc));
    }

    [Fact]
    [Trait("requirement", "R38")]
    public void The_pool_is_bounded_by_live_orders_and_the_oldest_ended_record_is_used_again()
    {
        for (var id = 1; id <= 8; id++) Assert.NotNull(_orders.Create(Approved(Order(id)), Venue, 0));
        Assert.Null(_orders.Create(Approved(Order(9)), Venue, 0));
        _orders.Apply(Report(ExecutionKind.Rejected, 3), 1, out _);
        _orders.Apply(Report(ExecutionKind.Rejected, 2), 1, out _);
        Assert.NotNull(_orders.Create(Approved(Order(10)), Venue, 0));
        Assert.Null(_orders.Find(new ClientOrderId(3)));
        Assert.NotNull(_orders.Find(new ClientOrderId(2)));
        Assert.Equal((8, Quantity.From(7m)), (_orders.Live.Count + _orders.Ended.Count, _orders.OpenBuy(Btc)));
        Assert.Null(_orders.Create(default, Venue, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_fill_window_agrees_with_a_naive_one(int seed)
    {
        var random = new Random(seed);
        var window = new FillWindow(16);
        var naive = new Queue<FillKey>();
        for (var i = 0; i < 20_000; i++)
        {
            var key = new FillKey(random.Next(24), Btc, Venue, random.Next(2) == 0 ? Penstock.Model.Markets.Side.Buy : Penstock.Model.Markets.Side.Sell);
            var isNew = !naive.Contains(key);
            if (isNew) naive.Enqueue(key);
            if (naive.Count > 16) naive.Dequeue();
            Assert.Equal(isNew, window.TryAdd(key));
        }
    }

    [Fact]
    public void Orders_are_found_by_id_through_any_churn()
    {
        var random = new Random(7);
        var expected = new Dictionary<long, Order>();
        long id = 0;
        for (var i = 0; i < 3_000; i++)
        {
            if (_orders.Create(Approved(Order(++id, quantity: 0.5m)), Venue, i) is { } created) expected[id] = created;
            if (_orders.Live.First is { } first && random.Next(3) > 0) _orders.Apply(Report(ExecutionKind.Rejected, first.ClientOrderId.Value), i, out _);
            for (var known = Math.Max(1, id - 12); known <= id; known++)
            {
                var found = _orders.Find(new ClientOrderId(known));
                if (found is not null) Assert.Equal(known, found.ClientOrderId.Value);
                else Assert.True(!expected.TryGetValue(known, out var order) || order.ClientOrderId.Value != known);
            }
        }

        Assert.Equal(Quantity.From(0.5m) * _orders.Live.Count, _orders.OpenBuy(Btc));
    }

    private static Order InState(OrderManager orders, OrderState state)
    {
        if (state == OrderState.Held) return orders.Hold(Order(1) with { Type = OrderType.Stop, StopPrice = Price.From(101m) }, Venue, 0)!;
        var order = orders.Create(Approved(Order(1)), Venue, 0)!;
        if (state == OrderState.PendingNew) return order;
        orders.MarkSent(order, 0);
        switch (state)
        {
            case OrderState.Acked:
                orders.Apply(Report(ExecutionKind.Acked, 1), 0, out _);
                break;
            case OrderState.Working or OrderState.PartiallyFilled:
                orders.Apply(Report(ExecutionKind.Accepted, 1), 0, out _);
                if (state == OrderState.PartiallyFilled) orders.Apply(Fill(1, 1, 0.5m), 0, out _);
                break;
            case OrderState.Filled:
                orders.Apply(Fill(1, 1, 1m), 0, out _);
                break;
            case OrderState.Cancelled:
                orders.Apply(Report(ExecutionKind.Cancelled, 1), 0, out _);
                break;
            case OrderState.Expired:
                orders.Apply(Report(ExecutionKind.Expired, 1), 0, out _);
                break;
            case OrderState.Rejected:
                orders.Apply(Report(ExecutionKind.Rejected, 1), 0, out _);
                break;
            case OrderState.Unknown:
                orders.Apply(Report(ExecutionKind.OutcomeUnknown, 1), 0, out _);
                break;
            default:
                break;
        }

        return order;
    }
}
