using Penstock.Model.Numbers;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution.Algorithms;

/// <summary>Shows one child of the displayed quantity; when it has ended the next one is due. Sizes vary by the parent's own seeded generator.</summary>
public static class IcebergTip
{
    /// <summary>What is due now; zero while a child is live.</summary>
    public static Quantity Due(ref ParentOrder parent, Quantity lot, long nowNs)
    {
        if (parent.ChildrenLive > 0 || nowNs < parent.NextNs) return Quantity.Zero;
        var display = Math.Max(lot.Raw, parent.Display.Raw + Jitter.Around(ref parent, parent.Display.Raw));
        return new Quantity(Math.Min(display, parent.Open.Raw)).FloorTo(lot);
    }
}
