using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;

namespace Penstock.Trading.Controls;

/// <summary>
/// Gross exposure, (|position| + what is in flight) × mid: of the node, and per instrument, strategy and venue. Kept as sums so that an
/// order costs the same with ten instruments and with ten thousand; an instrument nobody trades keeps its last value.
/// </summary>
public sealed partial class ExposureSums
{
    private readonly InstrumentTable _instruments;
    private readonly OrderManager _orders;
    private readonly PositionKeeper _positions;
    private readonly Int128[] _midTwice;
    private readonly Int128[] _ofInstrument;
    private readonly Int128[] _ofVenue = new Int128[byte.MaxValue + 1];
    private readonly Int128[] _ofStrategyAndInstrument;
    private readonly Int128[] _ofStrategy;
    // What the sums above hold, so that a question about nothing new costs no multiplication.
    private readonly Valuation[] _seen;
    private readonly Valuation[] _seenOfStrategy;
    private Int128 _total;

    private record struct Valuation(Int128 Quantity, Int128 MidTwice);

    public ExposureSums(InstrumentTable instruments, OrderManager orders, PositionKeeper positions)
    {
        (_instruments, _orders, _positions) = (instruments, orders, positions);
        _midTwice = new Int128[instruments.Count + 1];
        _ofInstrument = new Int128[instruments.Count + 1];
        _ofStrategy = new Int128[positions.Strategies + 1];
        _ofStrategyAndInstrument = new Int128[(positions.Strategies + 1) * (instruments.Count + 1)];
        _seen = new Valuation[_ofInstrument.Length];
        _seenOfStrategy = new Valuation[_ofStrategyAndInstrument.Length];
    }

    /// <summary>For readers on other threads: the figures below are whole within one read of it.</summary>
    public SequenceLock Changes { get; } = new();

    public Notional Total => new(_total);

    public Notional Of(InstrumentId instrument) => new(_ofInstrument[instrument.Value]);

    public Notional Of(VenueId venue) => new(_ofVenue[venue.Value]);

    public Notional OfStrategy(int strategy) => new((uint)strategy < (uint)_ofStrategy.Length ? _ofStrategy[strategy] : 0);

    /// <summary>Best bid + best ask of the last good book seen here; zero before the first.</summary>
    public Int128 MidTwice(InstrumentId instrument) => _midTwice[instrument.Value];

    /// <summary>Position, orders or price of the instrument changed; those orders or fills were this strategy's.</summary>
    /// <param name="midTwice">Of a tradable book; 0 keeps the last.</param>
    public void Revalue(InstrumentId instrument, int strategy, Int128 midTwice)
    {
        var id = instrument.Value;
        if (midTwice > 0) _midTwice[id] = midTwice;
        var quantity = Int128.Abs(_positions.Total(instrument).Raw) + _orders.OpenBuy(instrument).Raw + _orders.OpenSell(instrument).Raw;
        if (IsNew(ref _seen[id], quantity, _midTwice[id]))
        {
            var change = Value(instrument, quantity) - _ofInstrument[id];
            ref var ofVenue = ref _ofVenue[_instruments[instrument].Venue.Value];
            Changes.BeginWrite();
            _ofInstrument[id] += change;
            _total += change;
            ofVenue += change;
            Changes.EndWrite();
        }

        if ((uint)strategy < (uint)_ofStrategy.Length) RevalueOf(strategy, instrument);
    }

    private void RevalueOf(int strategy, InstrumentId instrument)
    {
        var quantity = Int128.Abs(_positions.Of(strategy, instrument).Quantity.Raw)
            + _orders.InFlight.Buy(strategy, instrument).Raw + _orders.InFlight.Sell(strategy, instrument).Raw;
        var index = strategy * _midTwice.Length + instrument.Value;
        if (!IsNew(ref _seenOfStrategy[index], quantity, _midTwice[instrument.Value])) return;
        ref var own = ref _ofStrategyAndInstrument[index];
        var change = Value(instrument, quantity) - own;
        Changes.BeginWrite();
        own += change;
        _ofStrategy[strategy] += change;
        Changes.EndWrite();
    }

    private static bool IsNew(ref Valuation seen, Int128 quantity, Int128 midTwice)
    {
        if (seen.Quantity == quantity && seen.MidTwice == midTwice) return false;
        seen.Quantity = quantity;
        seen.MidTwice = midTwice;
        return true;
    }

    // Neither is negative, so the shift is the division, without 128-bit division's cost on the way of every order.
    private Int128 Value(InstrumentId instrument, Int128 quantity)
    {
        var plain = (quantity * _midTwice[instrument.Value]) >> 1;
        var size = _instruments[instrument].ContractSize.Raw;
        return size == FixedPoint.Scale ? plain : plain / FixedPoint.Scale * size;
    }
}
