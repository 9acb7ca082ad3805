using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>How small and how large one child may be on a market: the venue's minima, and the limits on single orders.</summary>
/// <param name="instrument">The market.</param>
/// <param name="price">What it is worth by; zero where nobody knows: then only quantities are judged.</param>
/// <param name="strategy">Whose order it is.</param>
/// <param name="caps">The limits in force.</param>
internal readonly ref struct ChildSizes(Instrument instrument, Price price, int strategy, LimitTable caps)
{
    private const int Scopes = 3;

    /// <summary>The smallest multiple of the lot that the venue takes.</summary>
    public Quantity Least
    {
        get
        {
            var byNotional = Unit > 0 ? Clamped((instrument.NotionalMin.Raw * FixedPoint.Scale + Unit - 1) / Unit) : 0;
            var least = Math.Max(Math.Max(instrument.QuantityMin.Raw, byNotional), instrument.Lot.Raw);
            return least > long.MaxValue - instrument.Lot.Raw ? new Quantity(long.MaxValue) : new Quantity(least).CeilingTo(instrument.Lot);
        }
    }

    /// <summary>The largest multiple of the lot that no limit on single orders refuses.</summary>
    public Quantity Most
    {
        get
        {
            var most = (Int128)long.MaxValue;
            for (var i = 0; i < Scopes; i++)
            {
                if (CapOf(LimitName.OrderQuantity, i, out _) is var quantity && quantity >= 0) most = Int128.Min(most, quantity);
                if (Unit > 0 && CapOf(LimitName.OrderNotional, i, out _) is var notional && notional >= 0)
                    most = Int128.Min(most, notional * FixedPoint.Scale / Unit);
            }

            return new Quantity((long)most).FloorTo(instrument.Lot);
        }
    }

    /// <summary>What one raw unit of quantity is worth, in 1e-24 of the quote asset.</summary>
    private Int128 Unit => (Int128)price.Raw * instrument.ContractSize.Raw;

    /// <summary>Rule None when a child of the quantity fits.</summary>
    public RiskReject Judge(Quantity quantity)
    {
        if (quantity < instrument.QuantityMin || !quantity.IsPositive)
            return new RiskReject(RiskRule.QuantityMin, quantity.Raw, instrument.QuantityMin.Raw);
        var notional = instrument.ValueOf(price, quantity).Raw;
        if (price.IsPositive && notional < instrument.NotionalMin.Raw)
            return new RiskReject(RiskRule.NotionalMin, notional, instrument.NotionalMin.Raw);
        for (var i = 0; i < Scopes; i++)
        {
            if (CapOf(LimitName.OrderQuantity, i, out var scope) is var most && most >= 0 && quantity.Raw > most)
                return new RiskReject(RiskRule.OrderQuantity, quantity.Raw, most) { Scope = scope };
            if (CapOf(LimitName.OrderNotional, i, out scope) is var valueMax && valueMax >= 0 && notional > valueMax)
                return new RiskReject(RiskRule.OrderNotional, notional, valueMax) { Scope = scope };
        }

        return default;
    }

    private static long Clamped(Int128 value) => (long)Int128.Min(value, long.MaxValue);

    /// <summary>The instrument's or the node's, the venue's, the strategy's; negative for none.</summary>
    private Int128 CapOf(LimitName name, int place, out LimitScope scope)
    {
        scope = place switch
        {
            0 => caps.ScopeOf(name, instrument.Id), 1 => LimitScope.Of(instrument.Venue), _ => LimitScope.OfStrategy(strategy),
        };
        return place == 0 ? caps.Of(name, instrument.Id) : caps.At(name, scope);
    }
}
