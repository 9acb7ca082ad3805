using Penstock.Testing.Flow;

namespace Penstock.Testing.Faults;

/// <summary>
/// What is to go wrong at one venue, settable while it runs and from any thread. A kind happens at random by its rate
/// (seeded) or for certain the next n times it could.
/// </summary>
public sealed class FaultPlan(ulong seed = 1)
{
    private static readonly int KindCount = Enum.GetValues<FaultKind>().Length;

    private readonly Lock _gate = new();
    private readonly SeededRandom _random = new(seed ^ 0xFA_17);
    private readonly long[] _ratePpm = new long[KindCount];
    private readonly long[] _armed = new long[KindCount];
    private readonly long[] _injected = new long[KindCount];
    private volatile FrameKinds _scope = FrameKinds.Market | FrameKinds.BookDelta;
    private volatile bool _isActive;

    /// <summary>Which frames drop, delay, duplicate and reorder may hit. Market data unless said otherwise.</summary>
    public FrameKinds Scope
    {
        get => _scope;
        set => _scope = value;
    }

    public int DelayMs { get; set; } = 200;

    public int SilenceMs { get; set; } = 5_000;

    public int RetryAfterSeconds { get; set; } = 1;

    /// <summary>How often the kind happens, in parts per million of its occasions; 0 stops it.</summary>
    public void SetRate(FaultKind kind, long ppm)
    {
        lock (_gate)
        {
            _ratePpm[(int)kind] = Math.Clamp(ppm, 0, 1_000_000);
            Refresh();
        }
    }

    /// <summary>Makes the kind happen at its next <paramref name="times"/> occasions.</summary>
    public void Arm(FaultKind kind, long times = 1)
    {
        lock (_gate)
        {
            _armed[(int)kind] += Math.Max(0, times);
            Refresh();
        }
    }

    /// <summary>Ends all faults; the counts stay.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ratePpm);
            Array.Clear(_armed);
            Refresh();
        }
    }

    /// <summary>How often the kind was injected so far.</summary>
    public long Injected(FaultKind kind)
    {
        lock (_gate) return _injected[(int)kind];
    }

    /// <summary>Asked at every occasion: true means it is to happen now, and is counted.</summary>
    public bool TryTake(FaultKind kind)
    {
        if (!_isActive) return false;
        lock (_gate)
        {
            var index = (int)kind;
            if (_armed[index] > 0) _armed[index]--;
            else if (_ratePpm[index] == 0 || !_random.Chance(_ratePpm[index])) return false;
            _injected[index]++;
            Refresh();
            return true;
        }
    }

    private void Refresh()
    {
        var active = false;
        for (var i = 0; i < KindCount; i++) active |= _ratePpm[i] > 0 || _armed[i] > 0;
        _isActive = active;
    }
}
