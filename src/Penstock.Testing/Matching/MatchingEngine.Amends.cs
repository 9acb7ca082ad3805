using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Testing.Matching;

/// <summary>Changes of resting orders: priority is kept where only the quantity falls, and lost otherwise.</summary>
public sealed partial class MatchingEngine
{
    /// <summary>Changes price and total quantity, what is filled included. The order is as it was when the answer is not None.</summary>
    /// <param name="order">Resting.</param>
    /// <param name="price">The new limit price.</param>
    /// <param name="quantity">The new total.</param>
    /// <param name="nowNs">Unix nanoseconds.</param>
    /// <param name="postOnly">Whether this change may not take; null: as the order was placed.</param>
    public MatchReject Amend(SimulatedOrder order, Price price, Quantity quantity, long nowNs, bool? postOnly = null)
    {
        if (!order.IsOpen || order.Level is null) return MatchReject.Malformed;
        if (quantity <= order.Filled) return MatchReject.LotSize;
        var before = order.Ticket;
        order.Ticket = before with { Price = price, Quantity = quantity, PostOnly = postOnly ?? before.PostOnly };
        var reject = Check(order);
        order.Ticket = before;
        if (reject != MatchReject.None) return reject;
        if (!TryHoldChange(order, price, quantity)) return MatchReject.InsufficientFunds;
        if (price == before.Price && quantity <= before.Quantity) Shrink(order, quantity, nowNs);
        else Requeue(order, price, quantity, nowNs);
        return MatchReject.None;
    }

    private void Shrink(SimulatedOrder order, Quantity quantity, long nowNs)
    {
        order.Level!.Quantity -= order.Quantity - quantity;
        order.Ticket = order.Ticket with { Quantity = quantity };
        order.UpdatedNs = order.AmendedNs = nowNs;
        _listener.OnAmended(this, order);
        _listener.OnLevel(this, order.Side, order.Price, order.Level.Quantity);
    }

    private void Requeue(SimulatedOrder order, Price price, Quantity quantity, long nowNs)
    {
        TakeOff(order);
        order.Ticket = order.Ticket with { Price = price, Quantity = quantity };
        order.UpdatedNs = order.AmendedNs = nowNs;
        _listener.OnAmended(this, order);
        var cause = Match(order, nowNs);
        if (order.Remaining.Raw == 0) return;
        if (cause == CancelCause.None) Rest(order);
        else Close(order, cause, nowNs);
    }

    /// <summary>What is held becomes what the rest of the changed order may cost.</summary>
    private bool TryHoldChange(SimulatedOrder order, Price price, Quantity quantity)
    {
        if (_ledger.IsUnlimited(order.Ticket.Account)) return true;
        var rest = quantity - order.Filled;
        var needed = order.Side == Side.Sell ? Notional.OfAmount(rest.Raw).Raw : Notional.Of(price, rest).Raw;
        if (order.Side == Side.Buy) needed += _fees.Reserve(needed);
        if (needed < order.Held)
        {
            Unhold(order, PayAsset(order), order.Held - needed);
            return true;
        }

        if (!_ledger.TryLock(order.Ticket.Account, PayAsset(order), needed - order.Held)) return false;
        order.Held = needed;
        return true;
    }
}
