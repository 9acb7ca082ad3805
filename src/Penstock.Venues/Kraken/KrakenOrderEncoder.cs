using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>
/// Requests of the authenticated WebSocket (venues/kraken.md §4.3). Every one carries the token; prices and quantities are
/// JSON numbers, written exactly.
/// </summary>
internal sealed class KrakenOrderEncoder(OrderContext context, KrakenRequestTable requests)
{
    public const long ExecutionsRequest = 1, BalancesRequest = 2, PingRequest = 3;

    private string _token = "";

    /// <summary>Kept over reconnects: it authenticates for 15 minutes and is fetched anew for each connection.</summary>
    public void SetToken(string token) => _token = token;

    public void WriteLogin(FrameWriter writer)
    {
        // Trades are not replayed on the socket: fills of the past come by REST, from a time we choose.
        writer.Append("{\"method\":\"subscribe\",\"params\":{\"channel\":\"executions\""u8)
            .Append(",\"snap_orders\":true,\"snap_trades\":false,\"order_status\":true"u8);
        End(writer, ExecutionsRequest);
        writer.Append("{\"method\":\"subscribe\",\"params\":{\"channel\":\"balances\",\"snapshot\":true"u8);
        End(writer, BalancesRequest);
    }

    public static void WritePing(FrameWriter writer) => writer
        .Append("{\"method\":\"ping\",\"req_id\":"u8).Append(PingRequest).Append("}"u8).EndFrame();

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (_token.Length == 0) return RejectReason.Authentication;

        var isMarket = variety == OrderVariety.Market;
        writer.Append("{\"method\":\"add_order\",\"params\":{\"order_type\":\""u8).Append(isMarket ? "market"u8 : "limit"u8)
            .Append("\",\"side\":\""u8).Append(order.Side == Side.Buy ? "buy"u8 : "sell"u8)
            .Append("\",\"order_qty\":"u8).AppendDecimal(order.Quantity.Raw)
            .Append(",\"symbol\":\""u8).Append(instrument!.VenueSymbol).Append("\""u8);
        if (!isMarket)
        {
            writer.Append(",\"limit_price\":"u8).AppendDecimal(order.Price.Raw)
                .Append(",\"time_in_force\":\""u8).Append(TimeInForceOf(variety)).Append("\""u8);
        }

        writer.Append(",\"cl_ord_id\":\""u8).Append(order.ClientOrderId).Append("\""u8);
        if (variety == OrderVariety.PostOnly) writer.Append(",\"post_only\":true"u8);
        End(writer, requests.Add(RequestKind.Place, order.ClientOrderId, order.Instrument));
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer)
    {
        if (_token.Length == 0) return RejectReason.Authentication;
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        writer.Append("{\"method\":\"cancel_order\",\"params\":{"u8);
        if (cancel.ClientOrderId.IsNone) writer.Append("\"order_id\":[\""u8).Append(cancel.VenueOrderId);
        else writer.Append("\"cl_ord_id\":[\""u8).Append(cancel.ClientOrderId);
        writer.Append("\"]"u8);
        End(writer, requests.Add(RequestKind.Cancel, cancel.ClientOrderId, cancel.Instrument));
        return RejectReason.None;
    }

    /// <summary>
    /// The quantity is the new total. A change of price may take unless it says for itself that it must not, whatever the order said when it
    /// was placed (docs.kraken.com, websocket-v2/amend_order).
    /// </summary>
    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer)
    {
        if (_token.Length == 0) return RejectReason.Authentication;
        if (amend.ClientOrderId.IsNone || !context.Instruments.Contains(amend.Instrument)) return RejectReason.InvalidParameter;
        // What is filled as a total would cancel the rest.
        if (amend.Quantity.Raw <= 0 || amend.Quantity <= amend.FilledQuantity) return RejectReason.QuantityOutOfRange;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;

        writer.Append("{\"method\":\"amend_order\",\"params\":{\"cl_ord_id\":\""u8).Append(amend.ClientOrderId)
            .Append("\",\"order_qty\":"u8).AppendDecimal(amend.Quantity.Raw)
            .Append(",\"limit_price\":"u8).AppendDecimal(amend.Price.Raw);
        if ((amend.Flags & OrderFlags.PostOnly) != 0) writer.Append(",\"post_only\":true"u8);
        End(writer, requests.Add(RequestKind.Amend, amend.ClientOrderId, amend.Instrument));
        return RejectReason.None;
    }

    private static ReadOnlySpan<byte> TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.ImmediateOrCancel => "IOC"u8,
        OrderVariety.FillOrKill => "FOK"u8,
        _ => "GTC"u8,
    };

    private void End(FrameWriter writer, long requestId) => writer
        .Append(",\"token\":\""u8).Append(_token).Append("\"},\"req_id\":"u8).Append(requestId).Append("}"u8).EndFrame();
}
