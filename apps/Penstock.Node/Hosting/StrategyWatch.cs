using Penstock.Strategies;

namespace Penstock.Node.Hosting;

/// <summary>
/// Looks, from a thread of its own, whether the engine's thread comes out of strategies again. Time between two looks counts only as far as
/// looks are regular: where the whole process stood still, no strategy is to blame.
/// </summary>
/// <param name="calls">Where the engine's thread is; null while there is no engine.</param>
/// <param name="boundNs">Longest a call may last.</param>
/// <param name="gapMaxNs">What one look may add at most.</param>
internal sealed class StrategyWatch(Func<StrategyCalls?> calls, long boundNs, long gapMaxNs)
{
    private long _call;
    private long _insideNs;
    private long _lastNs;

    /// <summary>What the call has lasted as far as it was seen, nanoseconds.</summary>
    public long InsideNs => _insideNs;

    /// <summary>A call has just turned out to last too long; its thread is held. Once for each call.</summary>
    public bool Look(long nowNs)
    {
        var gap = Math.Min(nowNs - _lastNs, gapMaxNs);
        _lastNs = nowNs;
        if (calls() is not { } seen) return false;
        if (seen.Current != _call || _call == 0)
        {
            (_call, _insideNs) = (seen.Current, 0);
            return false;
        }

        var before = _insideNs;
        _insideNs += gap;
        return before < boundNs && _insideNs >= boundNs && seen.TryHold(_call);
    }
}
