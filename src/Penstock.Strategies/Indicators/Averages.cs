using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;

namespace Penstock.Strategies.Indicators;

/// <summary>Simple moving average: the mean of the last N values.</summary>
public sealed class Sma(int period) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    protected override void OnState(StateArchive state) => _window.Archive(state);

    protected override double Next(double value)
    {
        _window.Add(value);
        return _window.Mean;
    }
}

/// <summary>
/// Exponential moving average with α = 2 / (N + 1), started with the first value; ready after N. The usual definition of charting
/// programs (J. Welles Wilder's own smoothing has α = 1 / N: <see cref="Wilder"/>).
/// </summary>
public sealed class Ema(int period) : Indicator
{
    private readonly double _alpha = period > 0 ? 2.0 / (period + 1) : throw new ArgumentOutOfRangeException(nameof(period), period, "A period must be positive.");

    public override int Period => period;

    protected override double Next(double value) => Count == 0 ? value : Value + _alpha * (value - Value);
}

/// <summary>Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): the mean of the first N, then α = 1 / N.</summary>
public sealed class Wilder(int period) : Indicator
{
    private readonly SlidingWindow _first = new(period);

    public override int Period => _first.Length;

    protected override void OnState(StateArchive state) => _first.Archive(state);

    protected override double Next(double value)
    {
        if (_first.IsFull) return Value + (value - Value) / _first.Length;
        _first.Add(value);
        return _first.Mean;
    }
}

/// <summary>Volume-weighted average price of the last N bars: turnover over volume. A bar without volume counts with its close.</summary>
public sealed class Vwap(int period) : Indicator
{
    private readonly SlidingWindow _turnover = new(period);
    private readonly SlidingWindow _volume = new(period);

    public override int Period => _turnover.Length;

    protected override void OnState(StateArchive state)
    {
        _turnover.Archive(state);
        _volume.Archive(state);
    }

    protected override double Next(in Bar bar)
    {
        const double NotionalUnit = 1e-16;
        _turnover.Add((double)bar.Turnover.Raw * NotionalUnit);
        _volume.Add(bar.Volume.Raw * 1e-8);
        return _volume.Sum > 0 ? _turnover.Sum / _volume.Sum : Of(bar.Close);
    }

    protected override double Next(double value)
    {
        _turnover.Add(value);
        _volume.Add(1);
        return _turnover.Sum / _volume.Sum;
    }
}
