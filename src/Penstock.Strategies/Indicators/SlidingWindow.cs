using Penstock.Infrastructure.Snapshots;

namespace Penstock.Strategies.Indicators;

/// <summary>The last N values of a series with their sum. Sums are taken anew from time to time, so that rounding does not pile up.</summary>
internal sealed class SlidingWindow(int length)
{
    private readonly double[] _values = length > 0 ? new double[length] : throw new ArgumentOutOfRangeException(nameof(length), length, "A period must be positive.");
    private int _next;

    public int Length => _values.Length;

    public int Count { get; private set; }

    public bool IsFull => Count == _values.Length;

    public double Sum { get; private set; }

    public double Mean => Count == 0 ? 0 : Sum / Count;

    /// <summary>Values in no particular order.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Adds one and lets the oldest go.</summary>
    public void Add(double value)
    {
        if (IsFull) Sum -= _values[_next];
        else Count++;
        _values[_next] = value;
        Sum += value;
        if (++_next < _values.Length) return;
        _next = 0;
        Sum = 0;
        foreach (var each in _values) Sum += each;
    }

    public void Archive(StateArchive state)
    {
        state.Values(_values.AsSpan());
        _next = state.Value(_next);
        Count = state.Value(Count);
        Sum = state.Value(Sum);
    }

    /// <summary>Population standard deviation.</summary>
    public double Deviation()
    {
        if (Count == 0) return 0;
        var mean = Mean;
        double squares = 0;
        foreach (var value in Values) squares += (value - mean) * (value - mean);
        return Math.Sqrt(squares / Count);
    }
}
