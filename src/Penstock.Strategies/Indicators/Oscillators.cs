using Penstock.Infrastructure.Snapshots;
using Penstock.MarketData.Bars;

namespace Penstock.Strategies.Indicators;

/// <summary>Population standard deviation of the last N values.</summary>
public sealed class StandardDeviation(int period) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    protected override void OnState(StateArchive state) => _window.Archive(state);

    protected override double Next(double value)
    {
        _window.Add(value);
        return _window.Deviation();
    }
}

/// <summary>How many standard deviations the newest of the last N values is from their mean; zero while they are all equal.</summary>
public sealed class ZScore(int period) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    protected override void OnState(StateArchive state) => _window.Archive(state);

    protected override double Next(double value)
    {
        _window.Add(value);
        var deviation = _window.Deviation();
        return deviation > 0 ? (value - _window.Mean) / deviation : 0;
    }
}

/// <summary>Bollinger bands: the mean of the last N and so many standard deviations around it. <see cref="Indicator.Value"/> is the mean.</summary>
public sealed class BollingerBands(int period = 20, double width = 2) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    public double Upper { get; private set; }

    public double Lower { get; private set; }

    protected override void OnState(StateArchive state)
    {
        _window.Archive(state);
        Upper = state.Value(Upper);
        Lower = state.Value(Lower);
    }

    protected override double Next(double value)
    {
        _window.Add(value);
        var reach = width * _window.Deviation();
        Upper = _window.Mean + reach;
        Lower = _window.Mean - reach;
        return _window.Mean;
    }
}

/// <summary>Relative strength index by Wilder's smoothing, 0 … 100; 50 where nothing moved.</summary>
public sealed class Rsi(int period = 14) : Indicator
{
    private readonly Wilder _gains = new(period);
    private readonly Wilder _losses = new(period);
    private double _last;

    /// <summary>One more than the period: changes need two values.</summary>
    public override int Period => _gains.Period + 1;

    protected override void OnState(StateArchive state)
    {
        _gains.Archive(state);
        _losses.Archive(state);
        _last = state.Value(_last);
    }

    protected override double Next(double value)
    {
        var change = Count == 0 ? 0 : value - _last;
        _last = value;
        if (Count == 0) return 50;
        _gains.Update(Math.Max(0, change));
        _losses.Update(Math.Max(0, -change));
        var all = _gains.Value + _losses.Value;
        return all > 0 ? 100 * _gains.Value / all : 50;
    }
}

/// <summary>Average true range by Wilder's smoothing, in price units. Of a plain series: the average absolute change.</summary>
public sealed class Atr(int period = 14) : Indicator
{
    private readonly Wilder _range = new(period);
    private double _close;

    public override int Period => _range.Period;

    protected override void OnState(StateArchive state)
    {
        _range.Archive(state);
        _close = state.Value(_close);
    }

    protected override double Next(in Bar bar) => Next(Of(bar.High), Of(bar.Low), Of(bar.Close));

    protected override double Next(double value) => Next(value, value, value);

    private double Next(double high, double low, double close)
    {
        var range = Count == 0 ? high - low : Math.Max(high, _close) - Math.Min(low, _close);
        _close = close;
        _range.Update(range);
        return _range.Value;
    }
}

/// <summary>MACD: the fast average less the slow one, with an average of that as signal line.</summary>
public sealed class Macd(int fast = 12, int slow = 26, int signal = 9) : Indicator
{
    private readonly Ema _fast = new(fast);
    private readonly Ema _slow = new(slow);

    /// <summary>Cross it with this indicator.</summary>
    public Ema Signal { get; } = new(signal);

    public override int Period => slow;

    public double Histogram => Value - Signal.Value;

    protected override void OnState(StateArchive state)
    {
        _fast.Archive(state);
        _slow.Archive(state);
        Signal.Archive(state);
    }

    protected override double Next(double value)
    {
        _fast.Update(value);
        _slow.Update(value);
        var difference = _fast.Value - _slow.Value;
        Signal.Update(difference);
        return difference;
    }
}

/// <summary>The highest high of the last N bars.</summary>
public sealed class Highest(int period) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    protected override void OnState(StateArchive state) => _window.Archive(state);

    protected override double Next(in Bar bar) => Next(Of(bar.High));

    protected override double Next(double value)
    {
        _window.Add(value);
        var highest = double.MinValue;
        foreach (var each in _window.Values) highest = Math.Max(highest, each);
        return highest;
    }
}

/// <summary>The lowest low of the last N bars.</summary>
public sealed class Lowest(int period) : Indicator
{
    private readonly SlidingWindow _window = new(period);

    public override int Period => _window.Length;

    protected override void OnState(StateArchive state) => _window.Archive(state);

    protected override double Next(in Bar bar) => Next(Of(bar.Low));

    protected override double Next(double value)
    {
        _window.Add(value);
        var lowest = double.MaxValue;
        foreach (var each in _window.Values) lowest = Math.Min(lowest, each);
        return lowest;
    }
}
