using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Positions;

/// <summary>
/// Profit and loss as it stands, of the node and of each strategy, and since the UTC day began. Follows fills and prices by differences:
/// a price costs one multiplication per strategy that has traded the instrument. Quote assets are added at par, fees taken in a third
/// asset at its mid of then. The engine's thread.
/// </summary>
public sealed partial class ProfitTracker
{
    private readonly PositionKeeper _positions;
    private readonly Int128[] _values;
    private readonly Int128[] _ofStrategy;
    private readonly Int128[] _atDayStart;
    private readonly bool[] _isTraded;
    private Int128 _total;
    private Int128 _totalAtDayStart;

    public ProfitTracker(InstrumentTable instruments, PositionKeeper positions)
    {
        _positions = positions;
        _values = new Int128[(positions.Strategies + 1) * (instruments.Count + 1)];
        _ofStrategy = new Int128[positions.Strategies + 1];
        _atDayStart = new Int128[positions.Strategies + 1];
        _isTraded = new bool[instruments.Count + 1];
    }

    /// <summary>The UTC day the losses count from, as yyyymmdd; 0 before the first was told.</summary>
    public int Day { get; private set; }

    /// <summary>For readers on other threads: the figures below are whole within one read of it.</summary>
    public SequenceLock Changes { get; } = new();

    public Notional Total => new(_total);

    /// <summary>Since the day began; negative is a profit.</summary>
    public Notional DayLoss => new(_totalAtDayStart - _total);

    public bool IsTraded(InstrumentId instrument) => _isTraded[instrument.Value];

    public Notional Of(int strategy) => new(_ofStrategy[strategy]);

    public Notional DayLossOf(int strategy) => new(_atDayStart[strategy] - _ofStrategy[strategy]);

    /// <summary>A fill, a fee or funding changed the strategy's position.</summary>
    /// <param name="midTwice">Best bid + best ask, raw; where there is none, twice the price of the fill.</param>
    public void OnPosition(int strategy, InstrumentId instrument, Int128 midTwice)
    {
        _isTraded[instrument.Value] = true;
        Revalue(strategy, instrument, midTwice);
    }

    /// <summary>The price moved.</summary>
    public void OnPrice(InstrumentId instrument, Int128 midTwice)
    {
        if (!_isTraded[instrument.Value] || midTwice <= 0) return;
        for (var strategy = 0; strategy < _ofStrategy.Length; strategy++)
        {
            if (_positions.Of(strategy, instrument).Quantity.Raw != 0) Revalue(strategy, instrument, midTwice);
        }
    }

    /// <summary>Losses count from here. The same day again (a restart) changes nothing.</summary>
    public bool BeginDay(int day)
    {
        if (day == Day) return false;
        Changes.BeginWrite();
        Day = day;
        _totalAtDayStart = _total;
        _ofStrategy.AsSpan().CopyTo(_atDayStart);
        Changes.EndWrite();
        return true;
    }

    /// <summary>A person has accepted the loss so far: the node's (0), or one strategy's.</summary>
    public void Accept(int strategy)
    {
        Changes.BeginWrite();
        if (strategy == 0) _totalAtDayStart = _total;
        else _atDayStart[strategy] = _ofStrategy[strategy];
        Changes.EndWrite();
    }

    private void Revalue(int strategy, InstrumentId instrument, Int128 midTwice)
    {
        var value = _positions.NetOf(strategy, instrument, midTwice).Raw;
        ref var known = ref _values[strategy * _isTraded.Length + instrument.Value];
        var change = value - known;
        Changes.BeginWrite();
        known = value;
        _ofStrategy[strategy] += change;
        _total += change;
        Changes.EndWrite();
    }
}
