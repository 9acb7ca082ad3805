using Penstock.Infrastructure.Rings;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;

namespace Penstock.Trading.Controls;

/// <summary>
/// Gross exposure, (|position| + what is in flight) × mid: of the node, and per instrument, strategy and venue. Kept as sums so that an
/// order costs the same with ten instruments and with ten thousand. They follow the mid of whatever is held or in flight; one whose book is not
/// tradable keeps its last good mid.
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
    // By instrument: how many of those hold anything. A price of what nobody holds costs this look. Derived, so in no snapshot.
    private readonly int[] _holders;
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
        _holders = new int[_ofInstrument.Length];
    }

    /// <summary>Off in replays of sessions of before format 5: there a price counted from the next order or report of its instrument on.</summary>
    public bool FollowsPrices { get; set; } = true;

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
        if (midTwice > 0 && !OnPrice(instrument, midTwice)) _midTwice[id] = midTwice;
        RevalueNode(instrument);
        if ((uint)strategy < (uint)_ofStrategy.Length) RevalueOf(strategy, instrument);
    }

    /// <summary>
    /// The price moved. True when that changed the worth of anything; one look where nothing of the instrument is held or in flight.
    /// </summary>
    /// <param name="midTwice">Of a tradable book.</param>
    public bool OnPrice(InstrumentId instrument, Int128 midTwice)
    {
        if (_holders[instrument.Value] == 0 || _midTwice[instrument.Value] == midTwice || !FollowsPrices) return false;
        _midTwice[instrument.Value] = midTwice;
        RevalueNode(instrument);
        for (int strategy = 0, index = instrument.Value; strategy < _ofStrategy.Length; strategy++, index += _midTwice.Length)
        {
            if (_seenOfStrategy[index].Quantity != 0) RevalueOf(strategy, instrument);
        }

        return true;
    }

    /// <summary>A session begins, with the sums of one in which prices did not count: all is valued at the last mid that was seen.</summary>
    internal void BeginSession()
    {
        if (!FollowsPrices) return;
        for (var id = 1; id < _midTwice.Length; id++)
        {
            RevalueNode(new InstrumentId(id));
            for (var strategy = 0; strategy < _ofStrategy.Length; strategy++) RevalueOf(strategy, new InstrumentId(id));
        }
    }

    private void RevalueNode(InstrumentId instrument)
    {
        var id = instrument.Value;
        var quantity = Int128.Abs(_positions.Total(instrument).Raw) + _orders.OpenBuy(instrument).Raw + _orders.OpenSell(instrument).Raw;
        if (!IsNew(ref _seen[id], quantity, instrument)) return;
        var change = Value(instrument, quantity) - _ofInstrument[id];
        ref var ofVenue = ref _ofVenue[_instruments[instrument].Venue.Value];
        Changes.BeginWrite();
        _ofInstrument[id] += change;
        _total += change;
        ofVenue += change;
        Changes.EndWrite();
    }

    private void RevalueOf(int strategy, InstrumentId instrument)
    {
        var quantity = Int128.Abs(_positions.Of(strategy, instrument).Quantity.Raw)
            + _orders.InFlight.Buy(strategy, instrument).Raw + _orders.InFlight.Sell(strategy, instrument).Raw;
        var index = strategy * _midTwice.Length + instrument.Value;
        if (!IsNew(ref _seenOfStrategy[index], quantity, instrument)) return;
        ref var own = ref _ofStrategyAndInstrument[index];
        var change = Value(instrument, quantity) - own;
        Changes.BeginWrite();
        own += change;
        _ofStrategy[strategy] += change;
        Changes.EndWrite();
    }

    private bool IsNew(ref Valuation seen, Int128 quantity, InstrumentId instrument)
    {
        var midTwice = _midTwice[instrument.Value];
        if (seen.Quantity == quantity && seen.MidTwice == midTwice) return false;
        if (seen.Quantity == 0 != (quantity == 0)) _holders[instrument.Value] += quantity == 0 ? -1 : 1;
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
