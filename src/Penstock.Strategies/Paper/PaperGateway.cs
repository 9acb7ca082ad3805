using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies.Backtesting;

namespace Penstock.Strategies.Paper;

/// <summary>One venue's order session on paper: what it takes is on its way to the simulated execution, and to nowhere else.</summary>
internal sealed class PaperGateway(PaperVenues venues, SimulatedExecution execution, IMonotonicClock clock, KillWord kill, VenueId venue)
    : IOrderGateway
{
    /// <summary>A venue that much behind reads no more; no healthy one comes near it.</summary>
    private const int UnderWayMax = 4_096;

    public bool IsReady => venues.IsOpen;

    public SendResult TryPlace(in OrderRequest order, out RejectReason reason)
    {
        var result = Admit(order.Strategy, out reason);
        if (result == SendResult.Sent) execution.Place(order);
        return result;
    }

    /// <summary>Cancels never ask for the kill switch.</summary>
    public SendResult TryCancel(in CancelRequest cancel, out RejectReason reason)
    {
        var result = Admit(out reason);
        if (result == SendResult.Sent) execution.Cancel(cancel);
        return result;
    }

    public SendResult TryAmend(in AmendRequest amend, out RejectReason reason)
    {
        var result = Admit(amend.Strategy, out reason);
        if (result == SendResult.Sent) execution.Amend(amend);
        return result;
    }

    public void RequestQuery(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
        if (Admit(out _) == SendResult.Sent) execution.Query(id, venueOrderId, instrument);
    }

    public void RequestReconciliation(ExchangeTime fillsSince)
    {
        if (Admit(out _) == SendResult.Sent) execution.Reconcile(venue, fillsSince);
    }

    private SendResult Admit(int strategy, out RejectReason reason)
    {
        reason = RejectReason.None;
        return kill.Blocks(venue, strategy) ? SendResult.Killed : Admit(out reason);
    }

    private SendResult Admit(out RejectReason reason)
    {
        reason = RejectReason.None;
        if (!venues.IsOpen) return SendResult.NotConnected;
        if (execution.UnderWay >= UnderWayMax) return SendResult.Backlogged;
        execution.NowNs = Math.Max(execution.NowNs, clock.NowNs);
        return SendResult.Sent;
    }
}
