namespace Penstock.Trading.Orders;

/// <summary>Told of every change of a parent order, on the engine's thread, after the state changed. Must not place orders.</summary>
public interface IParentObserver
{
    /// <summary>Taken, a child took or gave back quantity or was filled, or it ended: <see cref="ParentOrder.State"/> says which.</summary>
    void OnParent(in ParentOrder parent);
}
