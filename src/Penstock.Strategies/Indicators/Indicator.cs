using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;
using Penstock.Model.Numbers;

namespace Penstock.Strategies.Indicators;

/// <summary>
/// A number that follows a series, updated once per bar (or by hand). Computed in double with +, −, ×, ÷ and √ only, which give
/// the same bits on every machine, so a decision taken on it replays. For deciding, never for accounting. One thread; allocates
/// nothing after construction.
/// </summary>
public abstract class Indicator
{
    private const double Unit = 1.0 / FixedPoint.Scale;

    /// <summary>Zero before the first update.</summary>
    public double Value { get; private set; }

    /// <summary>The value before the last update.</summary>
    public double Previous { get; private set; }

    /// <summary>Updates so far.</summary>
    public long Count { get; private set; }

    /// <summary>Enough of the series was seen for the value to mean what its name says.</summary>
    public bool IsReady => Count >= Period;

    /// <summary>Updates until the first meaningful value.</summary>
    public abstract int Period { get; }

    /// <summary>The next bar; an indicator that needs only a price takes the close.</summary>
    public void Update(in Bar bar) => Store(Next(bar));

    /// <summary>The next value of any series.</summary>
    public void Update(double value) => Store(Next(value));

    public void Update(Price price) => Update(price.Raw * Unit);

    /// <summary>Was at or below the other, and is above it since the last update of both. False until both are ready.</summary>
    public bool CrossedAbove(Indicator other) => BothReady(other) && Previous <= other.Previous && Value > other.Value;

    public bool CrossedBelow(Indicator other) => BothReady(other) && Previous >= other.Previous && Value < other.Value;

    /// <summary>As far as it is, into a snapshot or out of one.</summary>
    public void Archive(StateArchive state)
    {
        Value = state.Value(Value);
        Previous = state.Value(Previous);
        Count = state.Value(Count);
        OnState(state);
    }

    /// <summary>Whatever it keeps besides its value, as in a strategy's OnState.</summary>
    protected virtual void OnState(StateArchive state)
    {
    }

    protected abstract double Next(double value);

    protected virtual double Next(in Bar bar) => Next(Of(bar.Close));

    protected static double Of(Price price) => price.Raw * Unit;

    /// <summary>One update beyond ready, so that the previous value was meaningful too.</summary>
    private bool BothReady(Indicator other) => Count > Period && other.Count > other.Period;

    private void Store(double value)
    {
        Previous = Value;
        Value = value;
        Count++;
    }
}
