using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution.Algorithms;

/// <summary>The parent's own random numbers: part of its state, so a replay draws the same.</summary>
internal static class Jitter
{
    /// <summary>Between minus and plus half the parent's jitter of the base; zero without jitter.</summary>
    public static long Around(ref ParentOrder parent, long basis)
    {
        if (parent.JitterPercent == 0) return 0;
        parent.Random ^= parent.Random << 13;
        parent.Random ^= parent.Random >> 7;
        parent.Random ^= parent.Random << 17;
        var width = (Int128)basis * parent.JitterPercent / 100;
        return (long)(width * (parent.Random >> 33) / (1L << 31) - width / 2);
    }
}
