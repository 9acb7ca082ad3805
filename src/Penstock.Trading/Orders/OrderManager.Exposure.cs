using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>How a record begins and ends, and what it adds to the sums per instrument and per parent meanwhile.</summary>
public sealed partial class OrderManager
{
    /// <summary>Parent orders and what their children have taken of them.</summary>
    public ParentBook Parents { get; } = new();

    private void Prepare(Order order, in OrderRequest request, VenueId venue, long nowNs)
    {
        Forget(order);
        order.Become(request);
        order.Venue = venue;
        order.VenueOrderId = default;
        order.Filled = order.Reported = Quantity.Zero;
        order.FilledValue = Notional.Zero;
        order.Reason = RejectReason.None;
        order.IsCancelPending = order.IsKnownToVenue = false;
        order.CreatedNs = order.UpdatedNs = nowNs;
        order.SentNs = order.AckedNs = 0;
        order.DeadlineNs = order.NextQueryNs = long.MaxValue;
        order.Queries = 0;
        order.SeenMark = 0;
        order.PreviousVenueOrderId = default;
        order.IsAmendPending = order.IsReduceOnly = order.IsTriggered = false;
        order.AmendPrice = order.ReplacePrice = Price.Zero;
        order.AmendQuantity = order.UncertainQuantity = order.ReplaceQuantity = Quantity.Zero;
        order.Amends = 0;
        order.ReplacedBy = default;
        order.ExpiresNs = 0;
        order.CommittedRaw = order.ParentFilledRaw = 0;
        order.IsParentCounted = false;
        order.ParentSlot = Parents.SlotOf(request.Parent);
    }

    /// <summary>Takes what the record's last order still counts for out of the sums: fills it misses will not come now.</summary>
    private void Forget(Order order)
    {
        order.State = OrderState.None;
        order.Reported = order.Filled;
        if (order.IsCounted) Recount(order);
        order.ParentSlot = 0;
    }

    /// <summary>Brings the sums per instrument and of the parent up to what the order may still change.</summary>
    private void Recount(Order order)
    {
        var instrument = order.Instrument.Value;
        // An amend in the air counts as the worse of both: the venue may hold either.
        var exposure = Math.Max(order.IsOut ? Math.Max(0, order.QuantityMax.Raw - order.Filled.Raw) : 0, order.Missing.Raw);
        var change = exposure - order.CountedRaw;
        order.CountedRaw = exposure;
        if (order.Side == Side.Buy) _openBuy[instrument] += change;
        else _openSell[instrument] += change;
        InFlight.Add(order, change, order.IsOut == order.IsCountedLive ? 0 : order.IsOut ? 1 : -1);
        if (order.IsOut != order.IsCountedLive) _openOrders[instrument] += order.IsOut ? 1 : -1;
        order.IsCountedLive = order.IsOut;
        if (order.ParentSlot != 0) Parents.Recount(order);
        var isMissing = order.Missing.Raw > 0;
        if (isMissing == order.IsCountedMissing) return;
        order.IsCountedMissing = isMissing;
        _missing[instrument] += isMissing ? 1 : -1;
        Statistics.FillsMissing += isMissing ? 1 : -1;
    }
}
