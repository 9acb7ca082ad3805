using Penstock.Node.Configuration;

namespace Penstock.Node.Lifecycle;

/// <summary>What one observation window saw. Latencies in nanoseconds.</summary>
public readonly record struct ReadinessSample(
    bool BooksReady, bool OrdersReconciled, long DecisionP50Ns, long DecisionP99Ns, long Decisions, int Gen2Collections, long MethodsCompiled)
{
    /// <summary>The journal takes records. It never does again once it failed.</summary>
    public bool JournalWorks { get; init; } = true;

    /// <summary>An input of this session that threw in the engine; null while none did.</summary>
    public string? EngineFault { get; init; }
}

/// <summary>
/// Decides, from a sliding row of windows, whether the node may trade (R70). A window is good when books were synced and
/// fresh, orders reconciled and decision p99 inside its budget; READY takes nearly all of the row good and the newest without
/// exception, p50 steady, no full collection, the compiler quiet. Pure: it is told everything, so a noisy start can be
/// replayed in a test.
/// </summary>
public sealed class ReadinessGate(ReadinessConfiguration rule)
{
    /// <summary>Methods the tiered compiler may still finish per window without counting as busy.</summary>
    internal const long MethodsPerWindowMax = 50;

    /// <summary>Nobody becomes READY in the middle of a bad moment: the exceptions the row allows must lie further back.</summary>
    internal const int NewestWindows = 3;

    /// <summary>READY is lost only after this many slow windows of the last five, and earned back over the whole row.</summary>
    private const int SlowWindowsToDegrade = 3;

    private readonly List<ReadinessSample> _windows = [];

    private long BudgetNs => rule.DecisionP99MaxUs * 1000L;

    /// <summary>What stands between the node and READY, for people; empty when nothing does.</summary>
    public string Waiting { get; private set; } = "no observation yet";

    /// <summary>Takes the window that just ended; true when the node may be READY.</summary>
    public bool Observe(in ReadinessSample sample)
    {
        _windows.Add(sample);
        if (_windows.Count > rule.Windows) _windows.RemoveAt(0);
        Waiting = FirstObstacle();
        return Waiting.Length == 0;
    }

    /// <summary>True when a READY node has to be called degraded: the essentials are gone, or latency left its budget for long.</summary>
    public bool MustDegrade()
    {
        if (_windows.Count == 0) return false;
        var last = _windows[^1];
        return !last.JournalWorks || last.EngineFault is not null || !last.BooksReady || !last.OrdersReconciled
            || _windows.TakeLast(5).Count(w => IsSlow(w)) >= SlowWindowsToDegrade;
    }

    private string FirstObstacle()
    {
        var last = _windows[^1];
        if (!last.JournalWorks) return "the journal has failed: only cancels leave until the node is started again";
        if (last.EngineFault is { } fault) return $"an input failed in the engine ({fault}): only cancels leave until the node is started again";
        if (!last.BooksReady) return "books are not all synced and fresh";
        if (!last.OrdersReconciled) return "orders are not reconciled with the venues";
        if (_windows.Count < rule.Windows) return $"{_windows.Count} of {rule.Windows} windows seen";
        var good = _windows.Count(w => IsGood(w));
        if (good < rule.GoodWindows) return $"{good} of {rule.Windows} windows were good (books, orders, decision p99 inside {rule.DecisionP99MaxUs} µs), {rule.GoodWindows} needed";
        if (_windows.TakeLast(NewestWindows).Any(w => !IsGood(w))) return $"one of the last {NewestWindows} windows was not good";
        if (!IsSteady()) return "decision p50 still moves";
        if (last.Gen2Collections != _windows[0].Gen2Collections) return "a full garbage collection happened";
        if (_windows.Count > 1 && last.MethodsCompiled - _windows[^2].MethodsCompiled > MethodsPerWindowMax) return "the compiler is still busy";
        return "";
    }

    /// <summary>The typical p50 of the row's newer half against the older: within a factor of two, or too small a change to matter.</summary>
    private bool IsSteady()
    {
        var before = MedianP50(0, _windows.Count / 2);
        var now = MedianP50(_windows.Count / 2, _windows.Count);
        if (before == 0 || now == 0) return true;
        return Math.Abs(now - before) <= Math.Max(Math.Min(now, before), BudgetNs / 10);
    }

    private long MedianP50(int from, int to)
    {
        var p50s = _windows[from..to].Where(w => w.Decisions > 0).Select(w => w.DecisionP50Ns).Order().ToList();
        return p50s.Count == 0 ? 0 : p50s[p50s.Count / 2];
    }

    private bool IsGood(in ReadinessSample window) => window.BooksReady && window.OrdersReconciled && !IsSlow(window);

    private bool IsSlow(in ReadinessSample window) => window.Decisions > 0 && window.DecisionP99Ns > BudgetNs;
}
