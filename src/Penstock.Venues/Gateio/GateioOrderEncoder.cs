using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>
/// Requests of the one WebSocket (venues/gateio.md §4.3, §4.4): the login lets orders in, each private channel is signed for
/// itself. What is signed names the time of the message, so both come from one reading of the clock.
/// </summary>
internal sealed class GateioOrderEncoder(OrderContext context, GateioSigner signer)
{
    // A key is letters and digits; should a venue ever hand out another character, it must not end the text it stands in.
    private readonly JsonEncodedText _key = JsonEncodedText.Encode(context.Credentials.ApiKey, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Span<byte> seconds = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(unixNs / 1_000_000_000, seconds, out var digits);
        seconds = seconds[..digits];
        writer.Append("{\"time\":"u8).Append(seconds).Append(",\"channel\":\"spot.login\",\"event\":\"api\",\"payload\":{\"api_key\":\""u8)
            .Append(_key.EncodedUtf8Bytes).Append("\",\"signature\":\""u8);
        writer.Advance(signer.SignLogin(seconds, writer.Reserve(GateioSigner.SignatureBytes)));
        writer.Append("\",\"timestamp\":\""u8).Append(seconds).Append("\",\"req_id\":\"login\"}}"u8).EndFrame();
        WriteSubscribe("spot.orders"u8, 1, "[\"!all\"]"u8, seconds, writer);
        WriteSubscribe("spot.usertrades"u8, 2, "[\"!all\"]"u8, seconds, writer);
        WriteSubscribe("spot.balances"u8, 3, default, seconds, writer);
    }

    public static void WritePing(FrameWriter writer, long unixSeconds) =>
        writer.Append("{\"time\":"u8).Append(unixSeconds).Append(",\"channel\":\"spot.ping\"}"u8).EndFrame();

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        // Finer than 1e-8: market data only, an order's raw numbers would mean something else.
        if (!instrument!.HasUsualScales) return RejectReason.NotSupported;
        // Its amount would be in the quote asset: how much is bought is then left to the book, and the order cannot say it.
        if (variety == OrderVariety.Market && order.Side == Side.Buy) return RejectReason.NotSupported;

        Begin("spot.order_place"u8, RequestKind.Place, order.ClientOrderId, writer, unixNs)
            .Append("\"text\":\"t-"u8).Append(order.ClientOrderId).Append("\",\"currency_pair\":\""u8).Append(instrument.VenueSymbol)
            .Append(variety == OrderVariety.Market ? "\",\"type\":\"market\""u8 : "\",\"type\":\"limit\""u8)
            .Append(",\"account\":\"spot\",\"side\":\""u8).Append(order.Side == Side.Buy ? "buy"u8 : "sell"u8)
            .Append("\",\"amount\":\""u8).AppendDecimal(order.Quantity.Raw).Append("\""u8);
        if (variety != OrderVariety.Market) writer.Append(",\"price\":\""u8).AppendDecimal(order.Price.Raw).Append("\""u8);
        writer.Append(",\"time_in_force\":\""u8).Append(TimeInForceOf(variety)).Append("\"}}}"u8).EndFrame();
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        var byVenueId = cancel.ClientOrderId.IsNone;
        if (byVenueId && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        Begin("spot.order_cancel"u8, RequestKind.Cancel, cancel.ClientOrderId, writer, unixNs);
        if (byVenueId) writer.Append("\"order_id\":\""u8).Append(cancel.VenueOrderId);
        else writer.Append("\"order_id\":\"t-"u8).Append(cancel.ClientOrderId);
        writer.Append("\",\"currency_pair\":\""u8).Append(context.Instruments[cancel.Instrument].VenueSymbol).Append("\"}}}"u8).EndFrame();
        return RejectReason.None;
    }

    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(amend.Instrument) || amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (!context.Instruments[amend.Instrument].HasUsualScales) return RejectReason.NotSupported;
        if (amend.Quantity.Raw <= 0) return RejectReason.QuantityOutOfRange;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;

        // The amount is the new total, what is filled included.
        Begin("spot.order_amend"u8, RequestKind.Amend, amend.ClientOrderId, writer, unixNs)
            .Append("\"order_id\":\"t-"u8).Append(amend.ClientOrderId)
            .Append("\",\"currency_pair\":\""u8).Append(context.Instruments[amend.Instrument].VenueSymbol)
            .Append("\",\"amount\":\""u8).AppendDecimal(amend.Quantity.Raw)
            .Append("\",\"price\":\""u8).AppendDecimal(amend.Price.Raw).Append("\"}}}"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>Both sides of one pair.</summary>
    public static RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer, long unixNs)
    {
        writer.Append("{\"time\":"u8).Append(unixNs / 1_000_000_000)
            .Append(",\"channel\":\"spot.order_cancel_cp\",\"event\":\"api\",\"payload\":{\"req_id\":\"all\",\"req_param\":{\"currency_pair\":\""u8)
            .Append(instrument.VenueSymbol).Append("\"}}}"u8).EndFrame();
        return RejectReason.None;
    }

    private static FrameWriter Begin(ReadOnlySpan<byte> channel, RequestKind kind, ClientOrderId id, FrameWriter writer, long unixNs) =>
        writer.Append("{\"time\":"u8).Append(unixNs / 1_000_000_000).Append(",\"channel\":\""u8).Append(channel)
            .Append("\",\"event\":\"api\",\"payload\":{\"req_id\":\""u8).AppendTag(kind, id).Append("\",\"req_param\":{"u8);

    private void WriteSubscribe(ReadOnlySpan<byte> channel, long id, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> seconds, FrameWriter writer)
    {
        writer.Append("{\"time\":"u8).Append(seconds).Append(",\"id\":"u8).Append(id).Append(",\"channel\":\""u8).Append(channel)
            .Append("\",\"event\":\"subscribe\","u8);
        if (!payload.IsEmpty) writer.Append("\"payload\":"u8).Append(payload).Append(","u8);
        writer.Append("\"auth\":{\"method\":\"api_key\",\"KEY\":\""u8).Append(_key.EncodedUtf8Bytes).Append("\",\"SIGN\":\""u8);
        writer.Advance(signer.SignSubscription(channel, seconds, writer.Reserve(GateioSigner.SignatureBytes)));
        writer.Append("\"}}"u8).EndFrame();
    }

    private static ReadOnlySpan<byte> TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "poc"u8,
        OrderVariety.ImmediateOrCancel or OrderVariety.Market => "ioc"u8,
        OrderVariety.FillOrKill => "fok"u8,
        _ => "gtc"u8,
    };
}
