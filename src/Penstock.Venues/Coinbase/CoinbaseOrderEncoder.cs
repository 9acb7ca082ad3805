using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Order requests as REST calls, and the subscriptions of the private stream (venues/coinbase.md §A5): the venue takes no orders
/// on a socket. Type and time in force are one word, the name of the order's configuration; sizes are always in base currency.
/// </summary>
internal sealed class CoinbaseOrderEncoder(OrderContext context, CoinbaseSigner signer, CoinbaseOpenOrders open)
{
    private const string PlacePath = "/api/v3/brokerage/orders";
    private const string CancelPath = "/api/v3/brokerage/orders/batch_cancel";
    private const string EditPath = "/api/v3/brokerage/orders/edit";

    /// <summary>Orders one batch_cancel takes.</summary>
    private const int CancelsMax = 100;

    private readonly FrameWriter _body = new();
    private (InstrumentId Instrument, Text40[] Ids) _cancelAll = (InstrumentId.None, []);

    /// <summary>A token serves one frame; the heartbeats keep a quiet stream from being closed.</summary>
    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        WriteSubscribe("heartbeats"u8, writer, unixNs);
        WriteSubscribe("user"u8, writer, unixNs);
    }

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request)
    {
        request = null;
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        _body.Clear();
        _body.Append("{\"client_order_id\":\""u8).Append(order.ClientOrderId).Append("\",\"product_id\":\""u8).Append(instrument!.VenueSymbol)
            .Append(order.Side == Side.Buy ? "\",\"side\":\"BUY\""u8 : "\",\"side\":\"SELL\""u8)
            .Append(",\"order_configuration\":{\""u8).Append(ConfigurationOf(variety))
            .Append("\":{\"base_size\":\""u8).AppendDecimal(order.Quantity.Raw).Append("\""u8);
        if (variety != OrderVariety.Market) _body.Append(",\"limit_price\":\""u8).AppendDecimal(order.Price.Raw).Append("\""u8);
        if (variety == OrderVariety.Limit) _body.Append(",\"post_only\":false"u8);
        if (variety == OrderVariety.PostOnly) _body.Append(",\"post_only\":true"u8);
        _body.Append("}}}"u8);
        request = Post(PlacePath, unixNs);
        return RejectReason.None;
    }

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request)
    {
        request = null;
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;
        var venueId = cancel.VenueOrderId.IsEmpty ? open.VenueIdOf(cancel.ClientOrderId) : cancel.VenueOrderId;
        // Its own id is all the venue cancels by, and it has not told it yet: later, then.
        if (venueId.IsEmpty) return RejectReason.Transient;
        request = FormCancels([venueId], unixNs);
        return RejectReason.None;
    }

    /// <summary>Both fields always: a missing size would count as zero. The order keeps its id.</summary>
    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request)
    {
        request = null;
        if (!context.Instruments.Contains(amend.Instrument)) return RejectReason.InvalidParameter;
        if (amend.ClientOrderId.IsNone && amend.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        if (amend.Quantity.Raw <= 0 || amend.Quantity <= amend.FilledQuantity) return RejectReason.QuantityOutOfRange;
        var venueId = amend.VenueOrderId.IsEmpty ? open.VenueIdOf(amend.ClientOrderId) : amend.VenueOrderId;
        if (venueId.IsEmpty) return RejectReason.Transient;
        _body.Clear();
        _body.Append("{\"order_id\":\""u8).Append(venueId).Append("\",\"price\":\""u8).AppendDecimal(amend.Price.Raw)
            .Append("\",\"size\":\""u8).AppendDecimal(amend.Quantity.Raw).Append("\"}"u8);
        request = Post(EditPath, unixNs);
        return RejectReason.None;
    }

    /// <summary>There is no cancel-all: those of our orders that this connection knows of, the first hundred of them.</summary>
    public RejectReason FormCancelAll(Instrument instrument, long unixNs, out RestRequest? request)
    {
        request = null;
        var ids = new Text40[CancelsMax];
        var count = open.CopyLiving(instrument.Id, ids);
        // Formed again when it leaves, after the last of them may have ended: to cancel those once more does no harm.
        if (count > 0) _cancelAll = (instrument.Id, ids[..count]);
        else if (_cancelAll.Instrument != instrument.Id) return RejectReason.OrderNotFound;
        request = FormCancels(_cancelAll.Ids, unixNs);
        return RejectReason.None;
    }

    private RestRequest FormCancels(ReadOnlySpan<Text40> ids, long unixNs)
    {
        _body.Clear();
        _body.Append("{\"order_ids\":["u8);
        for (var index = 0; index < ids.Length; index++) _body.Append(index == 0 ? "\""u8 : ",\""u8).Append(ids[index]).Append("\""u8);
        _body.Append("]}"u8);
        return Post(CancelPath, unixNs);
    }

    private RestRequest Post(string path, long unixNs) => signer.Post(path, Encoding.UTF8.GetString(_body.Open), unixNs);

    private void WriteSubscribe(ReadOnlySpan<byte> channel, FrameWriter writer, long unixNs) => writer
        .Append("{\"type\":\"subscribe\",\"channel\":\""u8).Append(channel)
        .Append("\",\"jwt\":\""u8).Append(signer.SignSubscription(unixNs)).Append("\"}"u8)
        .EndFrame();

    private static ReadOnlySpan<byte> ConfigurationOf(OrderVariety variety) => variety switch
    {
        OrderVariety.ImmediateOrCancel => "sor_limit_ioc"u8,
        OrderVariety.FillOrKill => "limit_limit_fok"u8,
        OrderVariety.Market => "market_market_ioc"u8,
        _ => "limit_limit_gtc"u8,
    };
}
