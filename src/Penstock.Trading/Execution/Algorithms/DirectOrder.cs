using Penstock.Model.Numbers;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution.Algorithms;

/// <summary>All that no child has taken, at once. A child whose outcome is unknown keeps its quantity: nothing of it is sent elsewhere (R89).</summary>
public static class DirectOrder
{
    /// <summary>What is due now.</summary>
    public static Quantity Due(ref ParentOrder parent, Quantity lot, long nowNs) => nowNs < parent.NextNs ? Quantity.Zero : parent.Open.FloorTo(lot);

    /// <summary>Its child ended by itself, not because a venue failed: the order has had its chance.</summary>
    public static bool IsOver(in ParentOrder parent) => parent is { ChildrenLive: 0, Children: > 0, Failed.Value: 0, IsOwed: false };
}
