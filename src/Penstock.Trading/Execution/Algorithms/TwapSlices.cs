using Penstock.Model.Numbers;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution.Algorithms;

/// <summary>
/// Time-weighted: after slice i of n, i/n of the quantity should be taken. A slice asks for what is missing to that, so what earlier ones
/// could not get is caught up; slices that were missed altogether become one. Times vary by the parent's own seeded generator, never by
/// anything outside.
/// </summary>
public static class TwapSlices
{
    /// <summary>What is due now; zero when nothing is. Moves the parent to its next slice.</summary>
    public static Quantity Due(ref ParentOrder parent, Quantity lot, long nowNs)
    {
        if (nowNs < parent.NextNs) return Quantity.Zero;
        if (parent.SlicesDone >= parent.Slices)
        {
            parent.NextNs = parent.EndNs;
            return Quantity.Zero;
        }

        var intervalNs = Math.Max(1, (parent.EndNs - parent.StartNs) / parent.Slices);
        var slice = (int)Math.Clamp((nowNs - parent.StartNs) / intervalNs, parent.SlicesDone, parent.Slices - 1);
        parent.SlicesDone = slice + 1;
        var nextNs = parent.StartNs + intervalNs * (slice + 1) + Jitter.Around(ref parent, intervalNs);
        parent.NextNs = parent.SlicesDone == parent.Slices ? parent.EndNs : Math.Clamp(nextNs, nowNs + 1, parent.EndNs);
        var target = slice + 1 == parent.Slices ? parent.Quantity.Raw : (Int128)parent.Quantity.Raw * (slice + 1) / parent.Slices;
        return new Quantity((long)Int128.Max(0, target - parent.CommittedRaw)).FloorTo(lot);
    }

    /// <summary>
    /// As a venue takes it: what is below <paramref name="least"/> is left to the next slice, what is above <paramref name="most"/> is asked
    /// for again at <paramref name="againNs"/>, and no rest is left that nobody would take. From session format 5 on.
    /// </summary>
    public static Quantity Due(ref ParentOrder parent, Quantity lot, Quantity least, Quantity most, long nowNs, long againNs)
    {
        var due = Due(ref parent, lot, nowNs);
        if (due.Raw == 0 || (due < least && parent.SlicesDone < parent.Slices)) return Quantity.Zero;
        if (parent.Open - due < least) due = parent.Open.FloorTo(lot);
        if (most.Raw == 0 || due <= most) return due;
        Again(ref parent, againNs);
        return most;
    }

    /// <summary>The last slice did not come to a venue: it is due again then, or as a part of the next one if that is earlier.</summary>
    public static void Again(ref ParentOrder parent, long atNs)
    {
        parent.SlicesDone = Math.Max(0, parent.SlicesDone - 1);
        parent.NextNs = Math.Min(parent.NextNs, atNs);
    }
}
