using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// Requests of the private stream and of the trade socket (venues/bybit.md §4.3, §4.4). Both are authenticated by a login, so
/// orders carry no signature, only a time. Sizes are always in base currency.
/// </summary>
internal sealed class BybitOrderEncoder(OrderContext context, BybitSigner signer, BybitAmendTable amends)
{
    /// <summary>How long a login may take to arrive.</summary>
    private const long LoginValidMs = 10_000;

    private readonly NonceSource _requests = new();

    /// <summary>The same on both sockets.</summary>
    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        var expiresMs = unixNs / 1_000_000 + LoginValidMs;
        writer.Append("{\"op\":\"auth\",\"args\":[\""u8).Append(context.Credentials.ApiKey)
            .Append("\","u8).Append(expiresMs).Append(",\""u8);
        writer.Advance(signer.SignLogin(expiresMs, writer.Reserve(BybitSigner.SignatureBytes)));
        writer.Append("\"]}"u8).EndFrame();
    }

    public static void WriteSubscribe(FrameWriter writer) => writer
        .Append("{\"op\":\"subscribe\",\"args\":[\"order."u8).Append(BybitVenue.Category).Append("\",\"execution."u8).Append(BybitVenue.Category)
        .Append("\",\"wallet\"]}"u8).EndFrame();

    public static void WritePing(FrameWriter writer) => writer.Append("{\"op\":\"ping\"}"u8).EndFrame();

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (!instrument!.HasUsualScales) return RejectReason.InvalidParameter;

        BeginRequest("n"u8, order.ClientOrderId, "order.create"u8, instrument, writer, unixNs);
        writer.Append(",\"side\":\""u8).Append(order.Side == Side.Buy ? "Buy"u8 : "Sell"u8)
            .Append(variety == OrderVariety.Market ? "\",\"orderType\":\"Market\",\"marketUnit\":\"baseCoin\""u8 : "\",\"orderType\":\"Limit\""u8)
            .Append(",\"qty\":\""u8).AppendDecimal(order.Quantity.Raw).Append("\""u8);
        if (variety != OrderVariety.Market) writer.Append(",\"price\":\""u8).AppendDecimal(order.Price.Raw).Append("\""u8);
        writer.Append(",\"timeInForce\":\""u8).Append(TimeInForceOf(variety))
            .Append("\",\"orderLinkId\":\""u8).Append(order.ClientOrderId).Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        var byVenueId = cancel.ClientOrderId.IsNone;
        if (byVenueId && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        BeginRequest("c"u8, cancel.ClientOrderId, "order.cancel"u8, context.Instruments[cancel.Instrument], writer, unixNs);
        if (byVenueId) writer.Append(",\"orderId\":\""u8).Append(cancel.VenueOrderId);
        else writer.Append(",\"orderLinkId\":\""u8).Append(cancel.ClientOrderId);
        writer.Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>The order keeps its ids; the quantity is the new total, what is filled included.</summary>
    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(amend.Instrument) || amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        if (amend.Quantity.Raw <= 0) return RejectReason.QuantityOutOfRange;

        amends.Add(amend);
        BeginRequest("a"u8, amend.ClientOrderId, "order.amend"u8, context.Instruments[amend.Instrument], writer, unixNs);
        writer.Append(",\"orderLinkId\":\""u8).Append(amend.ClientOrderId)
            .Append("\",\"qty\":\""u8).AppendDecimal(amend.Quantity.Raw)
            .Append("\",\"price\":\""u8).AppendDecimal(amend.Price.Raw).Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    private void BeginRequest(
        ReadOnlySpan<byte> kind, ClientOrderId order, ReadOnlySpan<byte> operation, Instrument instrument, FrameWriter writer, long unixNs) => writer
        .Append("{\"reqId\":\""u8).AppendRequestId(kind, order, _requests.Next(unixNs))
        .Append("\",\"header\":{\"X-BAPI-TIMESTAMP\":\""u8).Append(unixNs / 1_000_000)
        .Append("\",\"X-BAPI-RECV-WINDOW\":\""u8).Append(BybitSigner.ReceiveWindow)
        .Append("\"},\"op\":\""u8).Append(operation)
        .Append("\",\"args\":[{\"category\":\""u8).Append(BybitVenue.Category)
        .Append("\",\"symbol\":\""u8).Append(instrument.VenueSymbol).Append("\""u8);

    private static ReadOnlySpan<byte> TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "PostOnly"u8,
        OrderVariety.ImmediateOrCancel or OrderVariety.Market => "IOC"u8,
        OrderVariety.FillOrKill => "FOK"u8,
        _ => "GTC"u8,
    };
}
