using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Orders;

namespace Penstock.Trading.Orders;

public sealed partial class Order
{
    /// <summary>Everything but its place in the pool and the lists.</summary>
    internal void Archive(StateArchive state)
    {
        state.Values(new Span<OrderRequest>(ref _request));
        ClientOrderId = _request.ClientOrderId;
        Venue = state.Value(Venue);
        State = state.Value(State);
        (VenueOrderId, PreviousVenueOrderId) = (state.Value(VenueOrderId), state.Value(PreviousVenueOrderId));
        Filled = state.Value(Filled);
        FilledValue = state.Value(FilledValue);
        Reported = state.Value(Reported);
        Reason = state.Value(Reason);
        (IsCancelPending, IsKnownToVenue) = (state.Value(IsCancelPending), state.Value(IsKnownToVenue));
        (CreatedNs, SentNs) = (state.Value(CreatedNs), state.Value(SentNs));
        (AckedNs, UpdatedNs) = (state.Value(AckedNs), state.Value(UpdatedNs));
        (DeadlineNs, NextQueryNs) = (state.Value(DeadlineNs), state.Value(NextQueryNs));
        Queries = state.Value(Queries);
        (CountedRaw, SeenMark) = (state.Value(CountedRaw), state.Value(SeenMark));
        (IsCountedLive, IsCountedMissing) = (state.Value(IsCountedLive), state.Value(IsCountedMissing));
        ArchiveAmend(state);
        ArchiveParent(state);
        (ExpiresNs, IsReduceOnly, IsTriggered) = (state.Value(ExpiresNs), state.Value(IsReduceOnly), state.Value(IsTriggered));
    }

    private void ArchiveAmend(StateArchive state)
    {
        IsAmendPending = state.Value(IsAmendPending);
        (AmendPrice, AmendQuantity) = (state.Value(AmendPrice), state.Value(AmendQuantity));
        UncertainQuantity = state.Value(UncertainQuantity);
        Amends = state.Value(Amends);
        (ReplacePrice, ReplaceQuantity) = (state.Value(ReplacePrice), state.Value(ReplaceQuantity));
        ReplacedBy = state.Value(ReplacedBy);
    }

    /// <summary>The parents lie in their records as before: the number of the record is enough.</summary>
    private void ArchiveParent(StateArchive state)
    {
        ParentSlot = state.Value(ParentSlot);
        (CommittedRaw, ParentFilledRaw) = (state.Value(CommittedRaw), state.Value(ParentFilledRaw));
        IsParentCounted = state.Value(IsParentCounted);
    }
}
