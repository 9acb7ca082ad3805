using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Connectivity.Orders;

/// <summary>The orders every venue can take, flattened out of type, time in force and flags: venues name them each differently.</summary>
public enum OrderVariety : byte
{
    /// <summary>Not one of these; the venue cannot take it.</summary>
    None,
    Limit,
    PostOnly,
    ImmediateOrCancel,
    FillOrKill,
    Market,
}

public static class OrderVarieties
{
    /// <returns>None and the variety and instrument, or why no spot venue can take the order.</returns>
    public static RejectReason Check(in OrderRequest order, InstrumentTable instruments, out OrderVariety variety, out Instrument? instrument) =>
        Check(order, OrderFlags.PostOnly, InstrumentKind.Spot, instruments, out variety, out instrument);

    /// <returns>As the other, of a market of contracts: an order may be marked to reduce the position only.</returns>
    public static RejectReason CheckContract(
        in OrderRequest order, InstrumentTable instruments, out OrderVariety variety, out Instrument? instrument) =>
        Check(order, OrderFlags.PostOnly | OrderFlags.ReduceOnly, InstrumentKind.LinearPerpetual, instruments, out variety, out instrument);

    private static RejectReason Check(
        in OrderRequest order, OrderFlags obeyed, InstrumentKind most, InstrumentTable instruments,
        out OrderVariety variety, out Instrument? instrument)
    {
        instrument = null;
        variety = Of(order, obeyed);
        if (variety == OrderVariety.None || order.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (order.Side is not (Side.Buy or Side.Sell)) return RejectReason.InvalidParameter;
        if (!instruments.Contains(order.Instrument)) return RejectReason.InvalidParameter;
        if (order.Quantity.Raw <= 0) return RejectReason.QuantityOutOfRange;
        if (variety != OrderVariety.Market && order.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        instrument = instruments[order.Instrument];
        // What a contract of another kind does to the account is booked nowhere.
        return instrument.Kind <= most ? RejectReason.None : RejectReason.NotSupported;
    }

    private static OrderVariety Of(in OrderRequest order, OrderFlags obeyed)
    {
        // Spot has no position to reduce, and a flag that is not obeyed must not be accepted.
        if ((order.Flags & ~obeyed) != 0) return OrderVariety.None;
        var postOnly = (order.Flags & OrderFlags.PostOnly) != 0;
        return (order.Type, order.TimeInForce, postOnly) switch
        {
            (OrderType.Limit, TimeInForce.GoodTillCancel, false) => OrderVariety.Limit,
            (OrderType.Limit, TimeInForce.GoodTillCancel, true) => OrderVariety.PostOnly,
            (OrderType.Limit, TimeInForce.ImmediateOrCancel, false) => OrderVariety.ImmediateOrCancel,
            (OrderType.Limit, TimeInForce.FillOrKill, false) => OrderVariety.FillOrKill,
            (OrderType.Market, TimeInForce.GoodTillCancel or TimeInForce.ImmediateOrCancel, false) => OrderVariety.Market,
            _ => OrderVariety.None,
        };
    }
}
