using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>Orders, cancels and replacements as signed calls, and the private subscriptions (venues/bitstamp.md §4.2, §4.3).</summary>
internal sealed class BitstampOrderEncoder(OrderContext context, BitstampSigner signer)
{
    private string _token = "";
    private long _userId;

    public bool TryTakeToken(ReadOnlySpan<byte> body)
    {
        if (JsonValue.Parse(body, out var root) != QuarantineCause.None || !root["user_id"u8].TryInt64(out _userId) || _userId <= 0) return false;
        // It is written into requests as it is: what could end a JSON text is none of the alphabet of tokens.
        var token = root["token"u8].ToText();
        _token = token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or '/' or '=') ? token : "";
        return _token.Length > 0;
    }

    /// <summary>Two channels for each market traded here.</summary>
    public void WriteSubscribe(FrameWriter writer, BitstampExecutionDecoder decoder)
    {
        foreach (var instrument in context.Instruments.All)
        {
            if (instrument.Venue != context.Venue || !IsTraded(instrument)) continue;
            decoder.Await(instrument.Id);
            WriteSubscribe(writer, "orders_"u8, instrument);
            WriteSubscribe(writer, "trades_"u8, instrument);
        }
    }

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request)
    {
        request = null;
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (!IsTraded(instrument!)) return RejectReason.InvalidParameter;
        var side = order.Side == Side.Buy ? "buy" : "sell";
        var isMarket = variety == OrderVariety.Market;
        var path = isMarket ? $"/api/v2/{side}/market/{instrument!.VenueSymbol}/" : $"/api/v2/{side}/{instrument!.VenueSymbol}/";
        var price = isMarket ? "" : $"&price={order.Price}";
        request = signer.Post(path, $"amount={order.Quantity}{price}&client_order_id={order.ClientOrderId}{FlagOf(variety)}", unixNs);
        return RejectReason.None;
    }

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request)
    {
        request = null;
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;
        var key = cancel.ClientOrderId.IsNone ? $"id={cancel.VenueOrderId}" : $"client_order_id={cancel.ClientOrderId}";
        request = signer.Post("/api/v2/cancel_order/", key, unixNs);
        return RejectReason.None;
    }

    /// <summary>
    /// The venue ends the order and opens another at the back of the queue, for what is left of the new total. Our id is given to
    /// the new one again; only resting orders can be changed so, which have no flag but post-only.
    /// </summary>
    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request)
    {
        request = null;
        if (!context.Instruments.Contains(amend.Instrument) || amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (!IsTraded(context.Instruments[amend.Instrument])) return RejectReason.InvalidParameter;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        if (amend.FilledQuantity.Raw < 0 || amend.Quantity <= amend.FilledQuantity) return RejectReason.QuantityOutOfRange;
        var key = amend.VenueOrderId.IsEmpty ? $"orig_client_order_id={amend.ClientOrderId}" : $"id={amend.VenueOrderId}";
        request = signer.Post(
            "/api/v2/replace_order/", $"{key}&amount={amend.Quantity - amend.FilledQuantity}&price={amend.Price}&client_order_id={amend.ClientOrderId}", unixNs);
        return RejectReason.None;
    }

    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request)
    {
        request = signer.Post($"/api/v2/cancel_all_orders/{instrument.VenueSymbol}/", "", unixNs);
        return RejectReason.None;
    }

    /// <summary>Perpetuals are market data only: an order there opens a leveraged position.</summary>
    private static bool IsTraded(Instrument instrument) =>
        instrument.HasUsualScales && !instrument.VenueSymbol.EndsWith("-perp", StringComparison.Ordinal);

    /// <summary>Capitalised, as the venue's own examples have it.</summary>
    private static string FlagOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "&moc_order=True",
        OrderVariety.ImmediateOrCancel => "&ioc_order=True",
        OrderVariety.FillOrKill => "&fok_order=True",
        _ => "",
    };

    private void WriteSubscribe(FrameWriter writer, ReadOnlySpan<byte> channel, Instrument instrument) =>
        writer.Append("{\"event\":\"bts:subscribe\",\"data\":{\"channel\":\"private-my_"u8).Append(channel).Append(instrument.VenueSymbol)
            .Append("-"u8).Append(_userId).Append("\",\"auth\":\""u8).Append(_token).Append("\"}}"u8).EndFrame();
}
