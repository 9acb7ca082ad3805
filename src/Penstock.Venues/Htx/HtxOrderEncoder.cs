using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Htx;

/// <summary>
/// Requests on the order socket (venues/htx.md §4.3). The connection is authenticated by its login, so orders carry no signature.
/// Side, time in force and post-only are all in the type.
/// </summary>
internal sealed class HtxOrderEncoder(OrderContext context, HtxAccount account)
{
    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        // A market buy counts in quote currency here: how much is bought for it nobody knows before.
        if (variety == OrderVariety.Market && order.Side == Side.Buy) return RejectReason.NotSupported;

        writer.Append("{\"cid\":\""u8).AppendTag(RequestKind.Place, order.ClientOrderId)
            .Append("\",\"ch\":\"create-order\",\"params\":{\"account-id\":\""u8).Append(account.Id)
            .Append("\",\"symbol\":\""u8).Append(instrument!.VenueSymbol)
            .Append("\",\"type\":\""u8).Append(order.Side == Side.Buy ? "buy-"u8 : "sell-"u8).Append(TypeOf(variety))
            .Append("\",\"amount\":\""u8).AppendDecimal(order.Quantity.Raw);
        if (variety != OrderVariety.Market) writer.Append("\",\"price\":\""u8).AppendDecimal(order.Price.Raw);
        writer.Append("\",\"source\":\"spot-api\",\"client-order-id\":\""u8).Append(order.ClientOrderId).Append("\"}}"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>By the venue's id where it is known: "faster and more stable" than ours, says its documentation.</summary>
    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        writer.Append("{\"cid\":\""u8).AppendTag(RequestKind.Cancel, cancel.ClientOrderId).Append("\",\"ch\":\"cancel\",\"params\":{\""u8);
        if (cancel.VenueOrderId.IsEmpty) writer.Append("client-order-ids\":[\""u8).Append(cancel.ClientOrderId);
        else writer.Append("order-ids\":[\""u8).Append(cancel.VenueOrderId);
        writer.Append("\"]}}"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>A hundred orders of the instrument at most; the answer says how many it was.</summary>
    public RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer)
    {
        if (!context.Instruments.Contains(instrument.Id)) return RejectReason.InvalidParameter;
        writer.Append("{\"cid\":\"all\",\"ch\":\"cancelall\",\"params\":{\"account-id\":\""u8).Append(account.Id)
            .Append("\",\"symbol\":\""u8).Append(instrument.VenueSymbol).Append("\"}}"u8).EndFrame();
        return RejectReason.None;
    }

    private static ReadOnlySpan<byte> TypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "limit-maker"u8,
        OrderVariety.ImmediateOrCancel => "ioc"u8,
        OrderVariety.FillOrKill => "limit-fok"u8,
        OrderVariety.Market => "market"u8,
        _ => "limit"u8,
    };
}
