using Penstock.Infrastructure.Journal;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;

namespace Penstock.Strategies;

/// <summary>Takes everything and keeps nothing: where an engine's outputs go while its state is being built.</summary>
internal sealed class TheVoid : IJournalAppender, IOrderOutbox
{
    public static readonly TheVoid Instance = new();

    public long Sequence => 0;

    public long Append(ushort recordType, ReadOnlySpan<byte> payload) => 0;

    public void Place(in RiskApproved<OrderRequest> order)
    {
    }

    public void Cancel(in CancelRequest cancel)
    {
    }

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    public void Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }
}
