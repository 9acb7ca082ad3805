using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Tests.EndToEnd;

/// <summary>Counts rejected orders by venue and reason, and orders that became unknown.</summary>
internal sealed class RejectTally : IOrderObserver
{
    public SortedDictionary<(byte Venue, RejectReason Reason), int> Counts { get; } = [];

    public int Of(VenueId venue, RejectReason reason) => Counts.GetValueOrDefault((venue.Value, reason));

    public override string ToString() => string.Join(", ", Counts.Select(c => $"venue {c.Key.Venue} {c.Key.Reason} {c.Value}"));

    void IOrderObserver.OnPlaced(Order order)
    {
    }

    void IOrderObserver.OnAcked(Order order)
    {
    }

    void IOrderObserver.OnFilled(Order order, in ExecutionReport fill)
    {
    }

    void IOrderObserver.OnCancelled(Order order)
    {
        if (order.Reason != RejectReason.None) Count(order);
    }

    void IOrderObserver.OnRejected(Order order) => Count(order);

    void IOrderObserver.OnUnknown(Order order)
    {
    }

    private void Count(Order order) => Counts[(order.Venue.Value, order.Reason)] = Counts.GetValueOrDefault((order.Venue.Value, order.Reason)) + 1;
}
