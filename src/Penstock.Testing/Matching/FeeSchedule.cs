using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Testing.Matching;

/// <summary>What a trade costs. Fees are rounded up to 1e-8 of the asset, as venues do.</summary>
/// <param name="MakerPpm">Parts per million of what the maker trades.</param>
/// <param name="TakerPpm">Parts per million of what the taker trades.</param>
/// <param name="BuyerPaysBase">True where a buyer's fee is taken from the coins bought (OKX); false: always in the quote asset.</param>
public readonly record struct FeeSchedule(int MakerPpm, int TakerPpm, bool BuyerPaysBase)
{
    /// <summary>One unit of 1e-8 in the ledger's 1e-16.</summary>
    private static readonly Int128 Unit = FixedPoint.Scale;

    public string AssetOf(SimulatedInstrument instrument, Side side) =>
        side == Side.Buy && BuyerPaysBase ? instrument.Base : instrument.Quote;

    /// <summary>The fee in 1e-16 of <see cref="AssetOf"/>.</summary>
    public Int128 Of(Side side, bool isMaker, Price price, Quantity quantity)
    {
        var amount = side == Side.Buy && BuyerPaysBase
            ? Notional.OfAmount(quantity.Raw).Raw
            : Notional.Of(price, quantity).Raw;
        return RoundedUp(amount, isMaker ? MakerPpm : TakerPpm);
    }

    /// <summary>What a buy order sets aside for its fees beside its notional.</summary>
    public Int128 Reserve(Int128 notional) => BuyerPaysBase ? 0 : RoundedUp(notional, Math.Max(MakerPpm, TakerPpm));

    private static Int128 RoundedUp(Int128 amount, int ppm)
    {
        var step = Unit * 1_000_000;
        return (amount * ppm + step - 1) / step * Unit;
    }
}
