using Penstock.Model.Instruments;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Trading.Execution;

/// <summary>Fills that need a second look: figures no sum can hold, and fees in a third asset.</summary>
public sealed partial class OrderDesk
{
    /// <summary>
    /// A report whose figures would leave the range of a sum, or an orphan's fill of nothing: counted, and nothing of it is applied. Money may
    /// have moved, so the instrument takes no order until a person has looked.
    /// </summary>
    private bool IsUnbookable(in ExecutionReport report, Order? order)
    {
        if (order is null && report.ClientOrderId.IsNone) return false; // nobody's
        if (!ReportBounds.IsBeyond(report, order, _instruments[report.Instrument], Orders, Positions))
        {
            var isNothing = order is null && report.Kind == ExecutionKind.Fill && (report.LastQuantity.Raw <= 0 || report.LastPrice.Raw <= 0);
            if (isNothing) Orders.Statistics.IllegalReports++;
            return isNothing;
        }

        if (report.Kind == ExecutionKind.Fill && Orders.KnowsFill(report)) return false; // once more what was booked
        Orders.Statistics.IllegalReports++;
        Orders.Statistics.ReportsBeyondBounds++;
        Venues.Distrust(report.Instrument, report.TradeId != 0 ? report.TradeId : report.ClientOrderId.Value, _nowNs);
        return true;
    }

    /// <summary>A fee in an asset that is neither base nor quote is worth what that asset's market against the same quote says, at its mid.</summary>
    private void CountOtherFee(int strategy, in ExecutionReport fill)
    {
        if (!Positions.IsOtherFee(fill)) return;
        var paidIn = _instruments[fill.Instrument].PaidIn;
        Int128 midTwice = 0;
        for (var id = 1; id <= _instruments.Count && midTwice <= 0; id++)
        {
            var market = _instruments[new InstrumentId(id)];
            if (market.Venue == fill.Venue && market.Kind == InstrumentKind.Spot && market.Base.Equals(fill.FeeAsset) && market.Quote.Equals(paidIn))
                midTwice = MidTwice(market.Id);
        }

        Positions.AddOtherFee(strategy, fill, midTwice);
    }
}
