using System.Text.Encodings.Web;
using System.Text.Json;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Okx;

/// <summary>
/// Requests of the private WebSocket (venues/okx.md §4.3). The connection is authenticated by the login, so orders carry no
/// signature. Time in force is part of ordType; sizes are always in base currency.
/// </summary>
internal sealed class OkxOrderEncoder(OrderContext context, OkxSigner signer, OkxAmendments amendments)
{
    // A passphrase may hold any character a keyboard has.
    private readonly JsonEncodedText _passphrase =
        JsonEncodedText.Encode(context.Credentials.Passphrase, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Span<byte> seconds = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(unixNs / 1_000_000_000, seconds, out var digits);
        seconds = seconds[..digits];
        writer.Append("{\"op\":\"login\",\"args\":[{\"apiKey\":\""u8).Append(context.Credentials.ApiKey)
            .Append("\",\"passphrase\":\""u8).Append(_passphrase.EncodedUtf8Bytes)
            .Append("\",\"timestamp\":\""u8).Append(seconds).Append("\",\"sign\":\""u8);
        writer.Advance(signer.SignLogin(seconds, writer.Reserve(OkxSigner.SignatureBytes)));
        writer.Append("\"}]}"u8).EndFrame();
    }

    public static void WriteSubscribe(FrameWriter writer) => writer
        .Append("{\"op\":\"subscribe\",\"args\":[{\"channel\":\"orders\",\"instType\":\"SPOT\"},{\"channel\":\"account\"}]}"u8)
        .EndFrame();

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (!instrument!.HasUsualScales) return RejectReason.NotSupported;

        writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Place, order.ClientOrderId)
            .Append("\",\"op\":\"order\",\"args\":[{\"side\":\""u8).Append(order.Side == Side.Buy ? "buy\","u8 : "sell\","u8);
        AppendInstrument(writer, instrument);
        writer.Append(",\"tdMode\":\"cash\",\"ordType\":\""u8).Append(OrderTypeOf(variety)).Append("\""u8);
        if (variety == OrderVariety.Market) writer.Append(",\"tgtCcy\":\"base_ccy\""u8);
        else writer.Append(",\"px\":\""u8).AppendDecimal(order.Price.Raw).Append("\""u8);
        writer.Append(",\"sz\":\""u8).AppendDecimal(order.Quantity.Raw)
            .Append("\",\"clOrdId\":\""u8).Append(order.ClientOrderId).Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        var byVenueId = cancel.ClientOrderId.IsNone;
        if (byVenueId && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Cancel, cancel.ClientOrderId)
            .Append("\",\"op\":\"cancel-order\",\"args\":[{"u8);
        AppendInstrument(writer, context.Instruments[cancel.Instrument]);
        if (byVenueId) writer.Append(",\"ordId\":\""u8).Append(cancel.VenueOrderId);
        else writer.Append(",\"clOrdId\":\""u8).Append(cancel.ClientOrderId);
        writer.Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>newSz is the new total, what is filled included. cxlOnFail is false unless named: a change that fails leaves the order.</summary>
    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(amend.Instrument) || amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        var instrument = context.Instruments[amend.Instrument];
        if (!instrument.HasUsualScales) return RejectReason.NotSupported;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        if (amend.Quantity.Raw <= 0) return RejectReason.QuantityOutOfRange;

        var number = amendments.Ask(amend.ClientOrderId, unixNs);
        OkxAmendments.AppendName(writer.Append("{\"id\":\""u8), amend.ClientOrderId, number).Append("\",\"op\":\"amend-order\",\"args\":[{"u8);
        AppendInstrument(writer, instrument);
        writer.Append(",\"clOrdId\":\""u8).Append(amend.ClientOrderId).Append("\",\"reqId\":\""u8);
        OkxAmendments.AppendName(writer, amend.ClientOrderId, number)
            .Append("\",\"newSz\":\""u8).AppendDecimal(amend.Quantity.Raw)
            .Append("\",\"newPx\":\""u8).AppendDecimal(amend.Price.Raw).Append("\"}]}"u8).EndFrame();
        return RejectReason.None;
    }

    private static ReadOnlySpan<byte> OrderTypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "post_only"u8,
        OrderVariety.ImmediateOrCancel => "ioc"u8,
        OrderVariety.FillOrKill => "fok"u8,
        OrderVariety.Market => "market"u8,
        _ => "limit"u8,
    };

    private static void AppendInstrument(FrameWriter writer, Instrument instrument)
    {
        if (instrument.VenueCode != 0) writer.Append("\"instIdCode\":"u8).Append(instrument.VenueCode);
        else writer.Append("\"instId\":\""u8).Append(instrument.VenueSymbol).Append("\""u8);
    }
}
