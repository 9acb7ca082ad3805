using Penstock.MarketData.Reference;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Execution;

/// <summary>
/// What venues charge, as far as known, to compare prices by what they cost in the end (R84): an instrument's own rates before its venue's. Set
/// before the first session. What a fill did cost is in its report and nowhere else.
/// </summary>
public sealed class VenueFees
{
    private const long Unit = 100_000_000;
    private const long E8PerPpm = 100;
    private const long BpsRawPerE8 = FixedPoint.Scale / 10_000;

    private readonly FeeRates[] _ofVenue = new FeeRates[byte.MaxValue + 1];
    private readonly Dictionary<int, FeeRates> _ofInstrument = [];

    /// <param name="venue">Whose.</param>
    /// <param name="makerPpm">Parts per million of the value; negative is a rebate.</param>
    /// <param name="takerPpm">Parts per million of the value.</param>
    public void Set(VenueId venue, int makerPpm, int takerPpm) => _ofVenue[venue.Value] = new FeeRates(makerPpm * E8PerPpm, takerPpm * E8PerPpm);

    /// <summary>Instead of its venue's.</summary>
    public void Set(InstrumentId instrument, FeeRates rates) => _ofInstrument[instrument.Value] = rates;

    /// <summary>Both zero where nobody has said what is charged.</summary>
    public (Bps Maker, Bps Taker) Of(Instrument instrument)
    {
        var rates = RatesOf(instrument);
        return (new Bps(rates.MakerE8 * BpsRawPerE8), new Bps(rates.TakerE8 * BpsRawPerE8));
    }

    /// <summary>What a buyer pays, or a seller gets, per unit in the end: price × 100,000,000 plus or minus the fee.</summary>
    public Int128 NetPrice(Instrument instrument, Side side, Price price, bool isTaker)
    {
        var rates = RatesOf(instrument);
        var share = isTaker ? rates.TakerE8 : rates.MakerE8;
        return (Int128)price.Raw * (side == Side.Buy ? Unit + share : Unit - share);
    }

    private FeeRates RatesOf(Instrument instrument) =>
        _ofInstrument.TryGetValue(instrument.Id.Value, out var own) ? own : _ofVenue[instrument.Venue.Value];
}
