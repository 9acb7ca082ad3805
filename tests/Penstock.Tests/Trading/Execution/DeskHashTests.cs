using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Tests.Trading.Execution;

/// <summary>The desk's part of the state hash sees what happens to orders that have ended, though it does not look at them again.</summary>
[Trait("requirement", "R92")]
public sealed class DeskHashTests
{
    [Fact]
    public void Two_desks_with_the_same_reports_agree_and_one_late_fill_more_makes_them_differ()
    {
        var (left, right) = (new DeskWorld(), new DeskWorld());
        var orders = (Left: Ended(left), Right: Ended(right));
        Assert.Equal(left.Desk.Hash(), right.Desk.Hash());

        left.Fill(orders.Left, trade: 9, 0.25m);
        right.Fill(orders.Right, trade: 9, 0.25m);
        Assert.Equal(left.Desk.Hash(), right.Desk.Hash());

        var before = left.Desk.Hash();
        left.Fill(orders.Left, trade: 10, 0.25m);
        Assert.NotEqual(before, left.Desk.Hash());
    }

    [Fact]
    public void How_an_order_ended_is_part_of_the_hash()
    {
        var (filled, cancelled) = (new DeskWorld(), new DeskWorld());
        filled.Report(filled.Working(DeskWorld.Wish()), ExecutionKind.Expired);
        cancelled.Report(cancelled.Working(DeskWorld.Wish()), ExecutionKind.Cancelled);
        Assert.NotEqual(filled.Desk.Hash(), cancelled.Desk.Hash());
    }

    private static Order Ended(DeskWorld world)
    {
        var order = world.Working(DeskWorld.Wish());
        world.Fill(order, trade: 1, 0.5m);
        world.Report(order, ExecutionKind.Cancelled, cumulative: 0.5m);
        return order;
    }
}
