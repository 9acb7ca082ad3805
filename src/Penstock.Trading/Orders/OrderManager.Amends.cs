using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

/// <summary>
/// Changes of resting orders. One at a time per order; while its outcome is open the order counts for the larger quantity. What the venue
/// did not answer is asked for; an answer that does not say which price and quantity rest leaves both possible until the order ends.
/// </summary>
public sealed partial class OrderManager
{
    /// <summary>It rests, and no cancel and no other change is under way.</summary>
    public static bool CanAmend(Order order) =>
        order.State is OrderState.Working or OrderState.PartiallyFilled && !order.IsCancelPending && !order.IsAmendPending;

    /// <summary>Handed to execution. Its answer is due within the ack timeout. False when the order cannot be amended now.</summary>
    public bool TryBeginAmend(Order order, Price price, Quantity quantity, long nowNs)
    {
        if (!CanAmend(order)) return false;
        order.IsAmendPending = true;
        order.AmendPrice = price;
        order.AmendQuantity = quantity;
        order.UpdatedNs = nowNs;
        Statistics.AmendsSent++;
        Recount(order);
        Await(order, nowNs);
        return true;
    }

    private ReportOutcome ApplyAmended(Order order, in ExecutionReport report, long nowNs)
    {
        if (order.State == OrderState.Held) return ReportOutcome.Illegal;
        if (!order.IsLive)
        {
            Statistics.OutdatedReports++;
            return ReportOutcome.Unchanged;
        }

        if (report.LastPrice.Raw < 0 || report.LastQuantity.Raw < 0) return ReportOutcome.Illegal;
        var price = report.LastPrice.Raw > 0 ? report.LastPrice : order.IsAmendPending ? order.AmendPrice : order.Request.Price;
        var quantity = report.LastQuantity.Raw > 0 ? report.LastQuantity : order.IsAmendPending ? order.AmendQuantity : order.Request.Quantity;
        order.Become(order.Request with { Price = price, Quantity = quantity });
        order.Amends++;
        order.IsKnownToVenue = true;
        order.Reported = Max(order.Reported, report.CumulativeQuantity);
        order.UpdatedNs = nowNs;
        MoveVenueOrderId(order, report);
        // Other figures than the pending ones answer an earlier amend: ours is still in the air.
        if (price == order.AmendPrice && (quantity == order.AmendQuantity || IsGrownByFills(order, quantity, report))) EndAmend(order);
        if (!order.IsAmendPending) order.UncertainQuantity = Quantity.Zero;
        Statistics.Amended++;
        foreach (var observer in _observers) observer.OnAmended(order);
        MarkAcked(order, nowNs);
        Settle(order, nowNs);
        return ReportOutcome.Applied;
    }

    /// <summary>A venue that is told what shall be left of an order makes the total larger by what was filled while it was told.</summary>
    private static bool IsGrownByFills(Order order, Quantity total, in ExecutionReport report) =>
        order.UncertainQuantity.Raw == 0 && total > order.AmendQuantity && total - order.AmendQuantity <= report.CumulativeQuantity;

    private ReportOutcome ApplyAmendRejected(Order order, in ExecutionReport report, long nowNs)
    {
        Statistics.AmendRejects++;
        if (!order.IsOut || !order.IsAmendPending) return ReportOutcome.Unchanged;
        if (report.Reason == RejectReason.UnknownOutcome) return ApplyOutcomeUnknown(order, nowNs);
        // With an earlier amend unaccounted for, nobody knows which of the two was refused.
        if (order.UncertainQuantity.Raw > 0) order.UncertainQuantity = Max(order.UncertainQuantity, order.AmendQuantity);
        EndAmend(order);
        order.Reason = report.Reason;
        order.UpdatedNs = nowNs;
        if (order.State == OrderState.Unknown) return ReportOutcome.Applied;

        // "No such order" about an order we hold for live: it has ended and we missed how. Ask.
        if (report.Reason == RejectReason.OrderNotFound) ToUnknown(order, nowNs);
        else Settle(order, nowNs);
        return ReportOutcome.Applied;
    }

    /// <summary>The state that follows from the quantities as they are now known.</summary>
    private void Settle(Order order, long nowNs)
    {
        var isAnswered = !order.IsAmendPending && !order.IsCancelPending;
        if (order.Reported >= order.QuantityMax) SetState(order, OrderState.Filled, nowNs);
        else if (order.State == OrderState.Unknown && !order.IsAmendPending)
            SetState(order, order.Reported.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working, nowNs);
        else if (order.State is OrderState.PendingNew or OrderState.Sent or OrderState.Acked) SetState(order, OrderState.Working, nowNs);
        else if (isAnswered && order.State != OrderState.Unknown) order.DeadlineNs = long.MaxValue;
    }

    /// <summary>The order was asked for because an amend got no answer, and it rests.</summary>
    private void ResolveAmend(Order order, in ExecutionReport status)
    {
        if (!order.IsAmendPending) return;
        // Old figures prove nothing: the amend may still be on its way.
        if (status.LastPrice == order.AmendPrice && status.LastQuantity == order.AmendQuantity)
        {
            order.Become(order.Request with { Price = status.LastPrice, Quantity = status.LastQuantity });
            order.UncertainQuantity = Quantity.Zero;
            order.Amends++;
            Statistics.Amended++;
        }
        else
        {
            order.UncertainQuantity = Max(order.UncertainQuantity, order.AmendQuantity);
            Statistics.AmendsUncertain++;
        }

        EndAmend(order);
    }

    /// <summary>Filled beyond what it was placed for: an amend nobody answered had taken hold. Its fills, still to come, are no overfill.</summary>
    private static void TakeProvenTotal(Order order, Quantity total)
    {
        if (total <= order.Request.Quantity || total > order.QuantityMax) return;
        order.Become(order.Request with { Quantity = total });
        order.Amends++;
    }

    private static void EndAmend(Order order)
    {
        order.IsAmendPending = false;
        order.AmendPrice = Price.Zero;
        order.AmendQuantity = Quantity.Zero;
    }

    private static void MoveVenueOrderId(Order order, in ExecutionReport report)
    {
        if (report.VenueOrderId.IsEmpty || report.VenueOrderId.Equals(order.VenueOrderId)) return;
        order.PreviousVenueOrderId = order.VenueOrderId;
        order.VenueOrderId = report.VenueOrderId;
    }

    /// <summary>Everything that one of the possible totals allows is filled, and nobody will tell which it is: then it is asked for.</summary>
    private void AskWhetherFull(Order order, long nowNs)
    {
        if (order.IsOut && order.State != OrderState.Unknown && !order.IsAmendPending && order.UncertainQuantity.Raw > 0 && order.Reported >= order.QuantityLeast)
            ToUnknown(order, nowNs);
    }

    /// <summary>Which of the possible totals "filled" means. Of an adopted order only the venue knows the total: ours is a bound, not a fact.</summary>
    private static Quantity TotalWhenFilled(Order order, in ExecutionReport report) =>
        order.Request.Quantity.Raw == AdoptedQuantityRaw ? Max(report.CumulativeQuantity, order.Filled)
        : report.CumulativeQuantity.Raw > 0 && (order.IsAmendPending || order.UncertainQuantity.Raw > 0) ? report.CumulativeQuantity : Max(order.QuantityLeast, order.Filled);
}
