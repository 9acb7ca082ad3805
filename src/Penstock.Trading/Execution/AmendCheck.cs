using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Judges a change of a resting order by the gate's own rules, as the worst of old and new: what the order already counts for is taken out
/// of the facts, the larger of both quantities at the new price is put in. The only maker of an approved amend.
/// </summary>
public static class AmendCheck
{
    /// <summary>Rule None, and the approval, or why not. Allocates nothing.</summary>
    /// <param name="gate">Whose limits, state and message window count.</param>
    /// <param name="instrument">The order's.</param>
    /// <param name="order">As it rests; live.</param>
    /// <param name="amend">New price and new total quantity.</param>
    /// <param name="facts">As for a new order of the same kind, this order's own share included.</param>
    /// <param name="approved">Genuine when the rule is None.</param>
    public static RiskReject Check(
        RiskGate gate, Instrument instrument, Order order, in AmendRequest amend, in RiskExposure facts, out RiskApproved<AmendRequest> approved)
    {
        approved = default;
        var held = Math.Min(order.QuantityMax.Raw, amend.Quantity.Raw);
        var worst = facts;
        worst.IsDuplicate = false;
        worst.OpenOrders--;
        worst.Counted = new Quantity(held);
        worst.GrossExposure = new Notional(worst.GrossExposure.Raw - instrument.ValueOf(amend.Price, new Quantity(held)).Raw);
        if (order.Side == Side.Buy)
        {
            worst.OpenBuy = new Quantity(worst.OpenBuy.Raw - held);
            worst.Free = new Notional(worst.Free.Raw + Notional.Of(amend.Price, order.Filled).Raw + Notional.Of(order.Request.Price, order.Leaves).Raw);
        }
        else
        {
            worst.OpenSell = new Quantity(worst.OpenSell.Raw - held);
            worst.Free = new Notional(worst.Free.Raw + Notional.OfAmount(order.QuantityMax.Raw).Raw);
        }

        var reject = gate.Check(order.Request with { Price = amend.Price, Quantity = amend.Quantity }, worst, out _);
        if (reject.Rule == RiskRule.None) approved = new RiskApproved<AmendRequest>(amend);
        return reject;
    }
}
