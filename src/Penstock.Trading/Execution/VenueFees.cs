using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Execution;

/// <summary>What venues charge, as far as known, to compare prices by what they cost in the end (R84). Set before the first session.</summary>
public sealed class VenueFees
{
    private const int Unit = 1_000_000;

    private readonly int[] _makerPpm = new int[byte.MaxValue + 1];
    private readonly int[] _takerPpm = new int[byte.MaxValue + 1];

    /// <param name="venue">Whose.</param>
    /// <param name="makerPpm">Parts per million of the value; negative is a rebate.</param>
    /// <param name="takerPpm">Parts per million of the value.</param>
    public void Set(VenueId venue, int makerPpm, int takerPpm)
    {
        _makerPpm[venue.Value] = makerPpm;
        _takerPpm[venue.Value] = takerPpm;
    }

    /// <summary>What a buyer pays, or a seller gets, per unit in the end: price × 1,000,000 plus or minus the fee. A venue not set costs nothing.</summary>
    public Int128 NetPrice(VenueId venue, Side side, Price price, bool isTaker)
    {
        var ppm = isTaker ? _takerPpm[venue.Value] : _makerPpm[venue.Value];
        return (Int128)price.Raw * (side == Side.Buy ? Unit + ppm : Unit - ppm);
    }
}
