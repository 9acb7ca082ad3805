using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>Told of every change of an order (R80), on the engine's thread, after the state changed. Must not place orders.</summary>
public interface IOrderObserver
{
    void OnPlaced(Order order);

    void OnAcked(Order order);

    /// <param name="fill">The trade; the position already has it.</param>
    void OnFilled(Order order, in ExecutionReport fill);

    /// <summary>Cancelled or expired.</summary>
    void OnCancelled(Order order);

    void OnRejected(Order order);

    void OnUnknown(Order order);

    /// <summary>Price or quantity changed at the venue.</summary>
    void OnAmended(Order order)
    {
    }
}
