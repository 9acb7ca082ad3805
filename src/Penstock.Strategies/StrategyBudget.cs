using Penstock.Infrastructure.Time;

namespace Penstock.Strategies;

/// <summary>
/// Times the calls of one strategy, in a live node only: time decides nothing in the engine. A strategy over its budget too often is
/// reported here, and the node switches it off with a command, which is journaled and so replays. Engine's thread.
/// </summary>
/// <param name="clock">The node's.</param>
/// <param name="budgetUs">What one call may take, microseconds.</param>
public sealed class StrategyBudget(IMonotonicClock clock, int budgetUs)
{
    /// <summary>Calls over the budget within <see cref="WindowNs"/> that are too many. One or two may be the machine's fault.</summary>
    public const int OverrunsMax = 5;

    public const long WindowNs = 10_000_000_000;

    private readonly long _budgetNs = budgetUs * 1_000L;
    private long _begunNs;
    private long _windowStartNs;
    private int _inWindow;
    private string? _verdict;

    /// <summary>Calls over the budget, ever.</summary>
    public long Overruns { get; private set; }

    /// <summary>The longest call, nanoseconds.</summary>
    public long LongestNs { get; private set; }

    /// <summary>The reason to switch the strategy off, once each time; null while there is none.</summary>
    public string? TakeVerdict()
    {
        var verdict = _verdict;
        _verdict = null;
        return verdict;
    }

    internal void Begin() => _begunNs = clock.NowNs;

    internal void End()
    {
        var now = clock.NowNs;
        var took = now - _begunNs;
        if (took > LongestNs) LongestNs = took;
        if (took <= _budgetNs) return;
        Overruns++;
        if (now - _windowStartNs > WindowNs) (_windowStartNs, _inWindow) = (now, 0);
        if (++_inWindow < OverrunsMax) return;
        _inWindow = 0;
        _verdict = $"{OverrunsMax} calls within {WindowNs / 1_000_000_000} s took longer than {_budgetNs / 1_000} us, the last one {took / 1_000} us";
    }
}
