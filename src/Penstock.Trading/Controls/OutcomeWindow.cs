namespace Penstock.Trading.Controls;

/// <summary>Orders and errors of the last N ms, in slices of N / 16: each counts until its whole slice has left.</summary>
public sealed class OutcomeWindow
{
    private const int Slices = 16;

    private readonly (long Number, long Orders, long Errors)[] _slices = new (long, long, long)[Slices];

    public long Orders { get; private set; }

    public long Errors { get; private set; }

    public void Add(int orders, int errors, long nowNs, long windowMs)
    {
        var number = nowNs / Math.Max(1, windowMs * 1_000_000 / Slices) + 1;
        ref var slice = ref _slices[(int)(number & (Slices - 1))];
        if (slice.Number != number) slice = (number, 0, 0);
        slice.Orders += orders;
        slice.Errors += errors;
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
        (Orders, Errors) = (0, 0);
    }
}
