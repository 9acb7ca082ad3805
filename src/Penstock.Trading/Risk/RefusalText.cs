using Penstock.Model.Numbers;

namespace Penstock.Trading.Risk;

/// <summary>A refusal for the person whose order it was: the limit, whose it is, what the order would use of it and what it allows.</summary>
public static class RefusalText
{
    /// <summary>As in <c>order-notional of instrument:1: 150000, at most 100000</c>. Allocates: for commands.</summary>
    public static string Of(in RiskReject reject)
    {
        var (used, cap) = (reject.Used, reject.Cap);
        if (LimitCatalog.Of(reject.Rule) is { } limit)
        {
            var unit = LimitCatalog.Of(limit).Unit;
            return $"{LimitCatalog.Of(limit).Text} of {reject.Scope}: {LimitCatalog.Show(unit, used)}{Suffix(unit)}, "
                + $"at most {LimitCatalog.Show(unit, cap)}{Suffix(unit)}";
        }

        return reject.Rule switch
        {
            RiskRule.Tick or RiskRule.Lot => $"{reject.Rule}: {Quantity(used)} is no multiple of {Quantity(cap)}",
            RiskRule.QuantityMin => $"{reject.Rule}: {Quantity(used)}, at least {Quantity(cap)}",
            RiskRule.NotionalMin => $"{reject.Rule}: {new Notional(used)}, at least {new Notional(cap)}",
            RiskRule.Balance => $"{reject.Rule}: it costs {new Notional(used)}, {new Notional(cap)} are free",
            RiskRule.ReduceOnly or RiskRule.ParentQuantity => $"{reject.Rule}: {Quantity(used)}",
            RiskRule.KillSwitch or RiskRule.VenueOrderRate => $"{reject.Rule} of {reject.Scope}",
            _ => reject.Rule.ToString(),
        };
    }

    private static string Quantity(Int128 raw) => LimitCatalog.Show(LimitUnit.Quantity, raw);

    private static string Suffix(LimitUnit unit) => unit == LimitUnit.BasisPoints ? " bps" : unit == LimitUnit.Milliseconds ? " ms" : "";
}
