using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Penstock.Infrastructure.Snapshots;

namespace Penstock.Trading.Orders;

public sealed partial class ParentBook
{
    /// <summary>The records in their places: orders name them by number.</summary>
    internal void Archive(StateArchive state)
    {
        var records = state.IsLoading && state.Version < 3 ? LoadRecordsOfBefore(state) : state.List<ParentOrder>(Records);
        if (records.Length > Capacity) throw new InvalidDataException($"{records.Length} parent orders were saved, there is room for {Capacity}.");
        records.CopyTo(_parents, 0);
        _used = records.Length;
        IsDirty = state.Value(IsDirty);
        state.Counters(Statistics);
    }

    /// <summary>What came later begins empty: nothing was tried, barred or awaited by the rules of then.</summary>
    private static ParentOrder[] LoadRecordsOfBefore(StateArchive state)
    {
        var saved = state.List<RecordOfBefore>([]);
        var records = new ParentOrder[saved.Length];
        for (var i = 0; i < saved.Length; i++)
        {
            MemoryMarshal.AsBytes(new ReadOnlySpan<RecordOfBefore>(in saved[i])).CopyTo(MemoryMarshal.AsBytes(records.AsSpan(i, 1)));
            ref var record = ref records[i];
            (record.Rule, record.Reason, record.Tried, record.Barred, record.IsOwed, record.WaitSinceNs) = (default, default, 0, 0, false, 0);
            (record.ToldFilledRaw, record.ToldState, record.IsSettledTold) = (record.FilledRaw, record.State, record.IsSettled);
        }

        return records;
    }

    /// <summary>A record as it lay in memory before session format 5; later fields follow it.</summary>
    [InlineArray(176)]
    private struct RecordOfBefore
    {
        private byte _first;
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
