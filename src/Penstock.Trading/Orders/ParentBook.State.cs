using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Orders;

public sealed partial class ParentBook
{
    /// <summary>The records in their places: orders name them by number.</summary>
    internal void Archive(StateArchive state)
    {
        var records = state.List<ParentOrder>(Records);
        if (records.Length > Capacity) throw new InvalidDataException($"{records.Length} parent orders were saved, there is room for {Capacity}.");
        records.CopyTo(_parents, 0);
        _used = records.Length;
        IsDirty = state.Value(IsDirty);
        state.Counters(Statistics);
    }
}

public sealed partial class InFlightSums
{
    internal void Archive(StateArchive state)
    {
        state.Values(_buy.AsSpan());
        state.Values(_sell.AsSpan());
        state.Values(_ordersOfStrategy.AsSpan());
        state.Values(_ordersOfVenue.AsSpan());
    }
}
