using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Orders that were altered, or are about to be. The venue cancels such an order and places another under the same client id, so
/// its stream says "canceled" of an order that lives on, before or after the answer to the call:
/// <code>
///   call ──▶ [held] canceled(old) … ──▶ answer: new id   ⇒ the cancel was the old form's, and is dropped
///                                   └─▶ answer: refused  ⇒ the cancel was real, and is told now
/// </code>
/// What the old form had filled is added to what the new one tells, so that an order's total never shrinks. One thread; bounded.
/// </summary>
internal sealed class KucoinAlterations
{
    /// <summary>Orders altered and remembered; more are refused until some end.</summary>
    public const int EntriesMax = 1024;

    private readonly Dictionary<ClientOrderId, Entry> _entries = [];

    private struct Entry
    {
        public bool IsUnderWay;
        public bool HasHeld;
        public ExecutionReport Held;

        /// <summary>What the forms before the present one have filled.</summary>
        public Quantity Carried;

        /// <summary>Filled by the present one, as told last.</summary>
        public Quantity Filled;

        /// <summary>Of the present form; empty until an answer or a message named it.</summary>
        public Text40 VenueOrderId;
    }

    /// <summary>Begins, or begins again: a call may be formed more than once. False when too many are remembered.</summary>
    public bool TryBegin(in AmendRequest amend)
    {
        if (!_entries.TryGetValue(amend.ClientOrderId, out var entry))
        {
            if (_entries.Count >= EntriesMax) return false;
            entry.VenueOrderId = amend.VenueOrderId;
            entry.Filled = amend.FilledQuantity;
        }

        entry.IsUnderWay = true;
        _entries[amend.ClientOrderId] = entry;
        return true;
    }

    /// <summary>
    /// A new connection: no late word of a replaced form will come, so only what is under way is remembered. What became of that is
    /// asked for, as of every request whose outcome a lost connection left open.
    /// </summary>
    public void OnReconnected()
    {
        foreach (var (id, entry) in _entries)
        {
            if (!entry.IsUnderWay) _entries.Remove(id);
        }
    }

    /// <summary>The venue named the present form.</summary>
    public void Finish(ClientOrderId id, Text40 venueOrderId)
    {
        if (!_entries.TryGetValue(id, out var entry)) return;
        Replace(ref entry, venueOrderId);
        entry.IsUnderWay = entry.HasHeld = false;
        _entries[id] = entry;
    }

    /// <summary>The venue refused: a cancel that was held back was the order's own end.</summary>
    public void Fail(ClientOrderId id, ExecutionBatch batch)
    {
        if (!_entries.TryGetValue(id, out var entry)) return;
        entry.IsUnderWay = false;
        if (entry.HasHeld)
        {
            batch.AddReport(entry.Held.Kind) = entry.Held;
            _entries.Remove(id);
            return;
        }

        _entries[id] = entry;
    }

    /// <summary>A query told what the order is now: what the call left open is settled by it.</summary>
    public void Learn(in ExecutionReport status)
    {
        if (status.State is OrderState.Working or OrderState.PartiallyFilled) Finish(status.ClientOrderId, status.VenueOrderId);
        else _entries.Remove(status.ClientOrderId);
    }

    /// <summary>A message of the stream. False when it concerns a form that no longer counts and must not be reported.</summary>
    public bool TryTranslate(ref ExecutionReport report)
    {
        if (_entries.Count == 0 || !_entries.TryGetValue(report.ClientOrderId, out var entry)) return true;
        if (!entry.VenueOrderId.IsEmpty && !entry.VenueOrderId.Equals(report.VenueOrderId))
        {
            // Another form than the present one: the next while a call is under way, else one that was replaced.
            if (!entry.IsUnderWay) return false;
            Replace(ref entry, report.VenueOrderId);
            entry.HasHeld = false;
        }

        entry.VenueOrderId = report.VenueOrderId;
        if (report.CumulativeQuantity > entry.Filled) entry.Filled = report.CumulativeQuantity;
        report.CumulativeQuantity += entry.Carried;
        var isEnd = report.Kind is ExecutionKind.Cancelled or ExecutionKind.Filled;
        if (report.Kind == ExecutionKind.Cancelled && entry.IsUnderWay)
        {
            entry.HasHeld = true;
            entry.Held = report;
            _entries[report.ClientOrderId] = entry;
            return false;
        }

        if (isEnd) _entries.Remove(report.ClientOrderId);
        else _entries[report.ClientOrderId] = entry;
        return true;
    }

    private static void Replace(ref Entry entry, Text40 venueOrderId)
    {
        if (entry.VenueOrderId.Equals(venueOrderId)) return;
        entry.Carried += entry.Filled;
        entry.Filled = Quantity.Zero;
        entry.VenueOrderId = venueOrderId;
    }
}
