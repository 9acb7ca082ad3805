namespace Penstock.Trading.Controls;

/// <summary>
/// Orders and errors of the last N ms, in slices of N / 16, the one under way and the sixteen before it: each counts until its whole slice has
/// left, so the window is never shorter than N and up to a sixteenth longer.
/// </summary>
public sealed partial class OutcomeWindow
{
    private const int Slices = 16;

    private readonly (long Number, long Orders, long Errors)[] _slices = new (long, long, long)[Slices];

    // Its place in the ring the slice under way has taken.
    private (long Number, long Orders, long Errors) _leaving;

    // The slice of the last one added, ns: what falls into it as well only adds.
    private long _fromNs;
    private long _untilNs;
    private long _windowMs;
    private long _number;

    /// <summary>Off in replays of sessions of before format 5: theirs was up to a sixteenth shorter.</summary>
    public bool IsWhole { get; set; } = true;

    public long Orders { get; private set; }

    public long Errors { get; private set; }

    public void Add(int orders, int errors, long nowNs, long windowMs)
    {
        if (nowNs < _fromNs || nowNs >= _untilNs || windowMs != _windowMs) Begin(nowNs, windowMs);
        ref var slice = ref _slices[(int)(_number & (Slices - 1))];
        slice.Orders += orders;
        slice.Errors += errors;
        Orders += orders;
        Errors += errors;
    }

    private void Begin(long nowNs, long windowMs)
    {
        var sliceNs = Math.Max(1, windowMs * 1_000_000 / Slices);
        var number = nowNs / sliceNs + 1;
        (_number, _windowMs, _fromNs, _untilNs) = (number, windowMs, (number - 1) * sliceNs, number * sliceNs);
        ref var slice = ref _slices[(int)(number & (Slices - 1))];
        if (slice.Number != number) (_leaving, slice) = (slice, (number, 0, 0));
        (Orders, Errors) = (0, 0);
        if (IsWhole) Count(_leaving, number, Slices);
        foreach (ref readonly var other in _slices.AsSpan()) Count(other, number, IsWhole ? Slices : Slices - 1);
    }

    private void Count(in (long Number, long Orders, long Errors) slice, long number, int ageMax)
    {
        if (slice.Number == 0 || slice.Number > number || number - slice.Number > ageMax) return;
        Orders += slice.Orders;
        Errors += slice.Errors;
    }

    /// <summary>Another time base has begun, or a breaker was armed.</summary>
    public void Clear()
    {
        Array.Clear(_slices);
        _leaving = default;
        _untilNs = 0;
        (Orders, Errors) = (0, 0);
    }
}
