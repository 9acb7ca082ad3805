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

    /// <summary>
    /// As a venue takes it: a last tip below <paramref name="least"/> is merged into the one before, or, where that were more than
    /// <paramref name="most"/>, made large enough by the one before. From session format 5 on.
    /// </summary>
    public static Quantity Due(ref ParentOrder parent, Quantity lot, Quantity least, Quantity most, long nowNs)
    {
        var open = parent.Open.FloorTo(lot).Raw;
        var due = Math.Min(Math.Max(Due(ref parent, lot, nowNs).Raw, least.Raw), open);
        if (most.Raw > 0) due = Math.Min(due, most.Raw);
        if (due == open || open - due >= least.Raw) return new Quantity(due);
        return new Quantity(open <= most.Raw ? open : open - least.Raw >= least.Raw ? open - least.Raw : due);
    }
}
