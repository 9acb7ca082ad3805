using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Positions;

/// <summary>
/// What one strategy holds of one instrument, at average cost. Exact: the cost of what is held is kept, not the average, and
/// a partial close takes a truncated share and leaves the remainder, so Cash = Realised − Cost holds to the last unit (I2).
/// </summary>
public struct Position
{
    /// <summary>Positive is long. Fees taken in the base asset are already out of it (P9).</summary>
    public Quantity Quantity;

    /// <summary>What the open quantity cost; negative for a short. 1e-16 of the quote asset.</summary>
    public Notional Cost;

    /// <summary>Profit of what was closed, before fees in the quote asset.</summary>
    public Notional Realised;

    /// <summary>Fees paid in the quote asset; negative is a rebate.</summary>
    public Notional FeesQuote;

    /// <summary>Fees paid in the base asset; negative is a rebate. Their value is in <see cref="Realised"/> as a loss.</summary>
    public Quantity FeesBase;

    /// <summary>Funding received; negative is paid. 1e-16 of the settle asset.</summary>
    public Notional Funding;

    /// <summary>Σ price × quantity of all fills.</summary>
    public Notional Turnover;

    public long Fills;

    /// <summary>Average cost of one unit, rounded towards zero to 1e-8; zero when flat. For display.</summary>
    public readonly Price AveragePrice => AveragePriceOf(new Quantity(FixedPoint.Scale));

    /// <summary>As <see cref="AveragePrice"/>, of a contract of this size.</summary>
    public readonly Price AveragePriceOf(Quantity contractSize) => Quantity.Raw == 0 ? Price.Zero
        : new((long)(Cost.Raw / Quantity.Raw * FixedPoint.Scale / contractSize.Raw));

    /// <summary>Realised minus fees in quote, funding included.</summary>
    public readonly Notional RealisedNet => Realised - FeesQuote + Funding;

    /// <summary>Everything, the open quantity at the mid; at cost while no price is known.</summary>
    public readonly Notional Net(Int128 midTwice, Quantity contractSize) =>
        Quantity.Raw == 0 || midTwice <= 0 ? RealisedNet : RealisedNet + Unrealised(midTwice, contractSize);

    /// <summary>As <see cref="Unrealised(Int128)"/>, of a contract of this size.</summary>
    public readonly Notional Unrealised(Int128 midTwice, Quantity contractSize) => contractSize.Raw == FixedPoint.Scale || midTwice == 0
        ? Unrealised(midTwice)
        : new(Half(midTwice * Quantity.Raw) * contractSize.Raw / FixedPoint.Scale - Cost.Raw);

    /// <summary>What closing at the mid would add. <paramref name="midTwice"/> is best bid + best ask, raw.</summary>
    public readonly Notional Unrealised(Int128 midTwice) => Quantity.Raw == 0 || midTwice == 0
        ? -Cost
        : new(Half(midTwice * Quantity.Raw) - Cost.Raw);

    /// <summary>One fill and its fee.</summary>
    public void Apply(Side side, Price price, Quantity quantity, FeeKind feeKind, long feeRaw) =>
        Apply(side, price, quantity, new Quantity(FixedPoint.Scale), feeKind, feeRaw);

    /// <summary>One fill of a contract of this size, and its fee.</summary>
    public void Apply(Side side, Price price, Quantity quantity, Quantity contractSize, FeeKind feeKind, long feeRaw)
    {
        Trade(side == Side.Buy ? quantity.Raw : -quantity.Raw, price.Raw, contractSize.Raw);
        Turnover += Worth(price.Raw, quantity.Raw, contractSize.Raw);
        Fills++;
        if (feeKind == FeeKind.Quote)
        {
            FeesQuote += Notional.OfAmount(feeRaw);
        }
        else if (feeKind == FeeKind.Base)
        {
            FeesBase += new Quantity(feeRaw);
            Trade(-feeRaw, 0, FixedPoint.Scale); // given away for nothing
        }
    }

    private void Trade(long signed, long priceRaw, long sizeRaw)
    {
        var held = Quantity.Raw;
        var opens = held == 0 || held > 0 == signed > 0;
        var closed = opens ? 0 : Math.Min(Math.Abs(signed), Math.Abs(held));
        if (closed > 0)
        {
            var released = Share(Cost.Raw, closed, Math.Abs(held));
            var proceeds = Worth(priceRaw, held > 0 ? closed : -closed, sizeRaw).Raw;
            Cost = new Notional(Cost.Raw - released);
            Realised += new Notional(proceeds - released);
        }

        var opened = signed > 0 ? signed - closed : signed + closed;
        Cost += Worth(priceRaw, opened, sizeRaw);
        Quantity = new Quantity(checked(held + signed));
    }

    // Towards zero, as the division by two that it stands for: one of 128 bits is a loop, and every price comes by here.
    private static Int128 Half(Int128 value) => (value + (value >>> 127)) >> 1;

    private static Notional Worth(long priceRaw, long quantityRaw, long sizeRaw) => sizeRaw == FixedPoint.Scale
        ? new Notional((Int128)priceRaw * quantityRaw)
        : new Notional((Int128)priceRaw * quantityRaw * sizeRaw / FixedPoint.Scale);

    /// <summary>value × part / whole without leaving 128 bits; all of it when part is whole.</summary>
    private static Int128 Share(Int128 value, long part, long whole)
    {
        if (part == whole) return value;
        var (quotient, remainder) = Int128.DivRem(value, whole);
        return quotient * part + remainder * part / whole;
    }
}

/// <summary>Which asset a fee was taken in, seen from the instrument.</summary>
public enum FeeKind : byte
{
    None,
    Quote,
    Base,
    /// <summary>A third asset (BNB): in the ledger, and beside the position in <see cref="PositionKeeper.OtherFees"/>.</summary>
    Other,
}
