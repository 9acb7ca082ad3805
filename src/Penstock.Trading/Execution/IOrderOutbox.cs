using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Risk;

namespace Penstock.Trading.Execution;

/// <summary>
/// Where decided orders go (R85). Returns at once and never calls back into the engine: what becomes of a request arrives
/// later, as an input like any other.
/// </summary>
public interface IOrderOutbox
{
    void Place(in RiskApproved<OrderRequest> order);

    void Cancel(in CancelRequest cancel);

    /// <summary>An outbox that knows no amends loses the request: its silence makes the order unknown, and that is asked for.</summary>
    void Amend(in RiskApproved<AmendRequest> amend)
    {
    }

    void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument);

    void Reconcile(VenueId venue, ExchangeTime fillsSince);
}
