using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Our latest orders as this account's stream and answers told of them: the venue cancels by its own id alone, knows no
/// cancel-all, and tells fills by a total that has to be seen to grow. Our ids count up, so each has a slot of its own until
/// <see cref="OrdersMax"/> later ones were given: no search, no removal, nothing allocated, and an answer that comes after the
/// order's end finds the end still noted.
/// </summary>
internal sealed class CoinbaseOpenOrders(OrderProtocolStatistics statistics)
{
    public const int OrdersMax = 8192;

    private readonly KnownOrder[] _orders = new KnownOrder[OrdersMax];

    private struct KnownOrder
    {
        public ClientOrderId Id;
        public Text40 VenueOrderId;
        public InstrumentId Instrument;
        public Quantity Cumulative;
        public bool IsEnded;
    }

    /// <summary>Takes note of an order's report; true when its total is above what was known of it.</summary>
    public bool Note(in ExecutionReport report)
    {
        // A foreign order is not remembered: its total may be asked for more often than needed.
        if (report.ClientOrderId.IsNone) return report.CumulativeQuantity.Raw > 0;
        ref var known = ref SlotOf(report.ClientOrderId);
        if (known.Id != report.ClientOrderId)
        {
            if (!known.Id.IsNone && !known.IsEnded) statistics.TableOverflows++;
            known = default;
            known.Id = report.ClientOrderId;
        }

        known.Instrument = report.Instrument;
        if (!report.VenueOrderId.IsEmpty) known.VenueOrderId = report.VenueOrderId;
        known.IsEnded |= report.State is OrderState.Filled or OrderState.Cancelled or OrderState.Expired or OrderState.Rejected;
        if (report.CumulativeQuantity <= known.Cumulative) return false;
        known.Cumulative = report.CumulativeQuantity;
        return true;
    }

    /// <summary>Empty where the venue has not told its id.</summary>
    public Text40 VenueIdOf(ClientOrderId id)
    {
        ref readonly var known = ref SlotOf(id);
        return !id.IsNone && known.Id == id ? known.VenueOrderId : default;
    }

    /// <summary>The venue's ids of our living orders on an instrument, as many as fit; returns how many.</summary>
    public int CopyLiving(InstrumentId instrument, Span<Text40> ids)
    {
        var count = 0;
        foreach (ref readonly var known in _orders.AsSpan())
        {
            if (count == ids.Length) break;
            if (known.Instrument == instrument && !known.Id.IsNone && !known.IsEnded && !known.VenueOrderId.IsEmpty)
                ids[count++] = known.VenueOrderId;
        }

        return count;
    }

    private ref KnownOrder SlotOf(ClientOrderId id) => ref _orders[(int)(id.Value & (OrdersMax - 1))];
}
