namespace Penstock.Trading.Controls;

/// <summary>Orders and errors of the last N ms, in slices of N / 16: each counts until its whole slice has left.</summary>
public sealed partial class OutcomeWindow
{
    private const int Slices = 16;

    private readonly (long Number, long Orders, long Errors)[] _slices = new (long, long, long)[Slices];

    // The slice of the last one added, ns: what falls into it as well only adds.
    private long _fromNs;
    private long _untilNs;
    private long _windowMs;
    private long _number;

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
        if (slice.Number != number) slice = (number, 0, 0);
        (Orders, Errors) = (0, 0);
        foreach (ref readonly var other in _slices.AsSpan())
        {
            if (other.Number == 0 || other.Number > number || number - other.Number >= Slices) continue;
            Orders += other.Orders;
            Errors += other.Errors;
        }
    }

    /// <summary>Another time base has begun, or a breaker was armed.</summary>
    public void Clear()
    {
        Array.Clear(_slices);
        _untilNs = 0;
        (Orders, Errors) = (0, 0);
    }
}
