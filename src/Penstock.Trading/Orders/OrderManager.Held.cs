using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Orders;

/// <summary>Orders the engine keeps until their stop price is reached: live and listed, but at no venue and in no exposure.</summary>
public sealed partial class OrderManager
{
    /// <summary>A new order in Held; null when the pool is full of live orders. It leaves only through <see cref="Release"/>.</summary>
    public Order? Hold(in OrderRequest request, VenueId venue, long nowNs)
    {
        var order = _pool.Rent(request.ClientOrderId);
        if (order is null) return null;
        _issued.Add(request.ClientOrderId);
        Prepare(order, request, venue, nowNs);
        order.State = OrderState.Held;
        Recount(order);
        Statistics.Held++;
        foreach (var observer in _observers) observer.OnPlaced(order);
        return order;
    }

    /// <summary>From Held to PendingNew as what risk approved. False when it is not the held order's approval.</summary>
    public bool Release(Order order, in RiskApproved<OrderRequest> approved, long nowNs)
    {
        if (!approved.IsGenuine || order.State != OrderState.Held || approved.Value.ClientOrderId != order.ClientOrderId) return false;
        order.Become(approved.Value);
        order.State = OrderState.PendingNew;
        order.UpdatedNs = nowNs;
        Recount(order);
        Statistics.Placed++;
        Statistics.HeldReleased++;
        return true;
    }

    /// <summary>The engine's own order changes without asking anybody.</summary>
    public void AmendHeld(Order order, Price price, Quantity quantity, Price stop, long nowNs)
    {
        if (order.State != OrderState.Held) return;
        order.Become(order.Request with { Price = price, Quantity = quantity, StopPrice = stop });
        order.Amends++;
        order.UpdatedNs = nowNs;
        Recount(order);
        Statistics.Amended++;
        foreach (var observer in _observers) observer.OnAmended(order);
    }

    /// <summary>Ends a held order; nobody else has to be told.</summary>
    public void EndHeld(Order order, OrderState end, RejectReason reason, long nowNs)
    {
        if (order.State != OrderState.Held) return;
        order.Reason = reason;
        SetState(order, end, nowNs);
    }
}
