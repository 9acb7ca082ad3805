using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>
/// Requests of the WebSocket API. Every parameter is appended twice, to the JSON and to the text that is signed, in the
/// alphabetical order the signature wants. Prices and quantities are strings: what is signed is what is sent.
/// </summary>
internal sealed class BinanceOrderEncoder(OrderContext context, BinanceSigner signer)
{
    /// <summary>The request id of the private subscription.</summary>
    public static ReadOnlySpan<byte> LoginId => "login"u8;

    private readonly FrameWriter _payload = new();

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Begin(writer.Append("{\"id\":\""u8).Append(LoginId), "userDataStream.subscribe.signature"u8);
        Number(writer, "timestamp"u8, unixNs / 1_000_000);
        End(writer);
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Place, order.ClientOrderId), "order.place"u8);
        Id(writer, "newClientOrderId"u8, order.ClientOrderId);
        Text(writer, "newOrderRespType"u8, "ACK"u8);
        if (variety != OrderVariety.Market) Decimal(writer, "price"u8, order.Price.Raw);
        Decimal(writer, "quantity"u8, order.Quantity.Raw);
        Text(writer, "side"u8, order.Side == Side.Buy ? "BUY"u8 : "SELL"u8);
        Symbol(writer, instrument!);
        var timeInForce = TimeInForceOf(variety);
        if (!timeInForce.IsEmpty) Text(writer, "timeInForce"u8, timeInForce);
        Number(writer, "timestamp"u8, unixNs / 1_000_000);
        Text(writer, "type"u8, TypeOf(variety));
        End(writer);
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        var byVenueId = cancel.ClientOrderId.IsNone;
        if (byVenueId && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Cancel, cancel.ClientOrderId), "order.cancel"u8);
        if (byVenueId)
        {
            _payload.Append("&orderId="u8).Append(cancel.VenueOrderId);
            writer.Append(",\"orderId\":"u8).Append(cancel.VenueOrderId);
        }
        else
        {
            Id(writer, "origClientOrderId"u8, cancel.ClientOrderId);
        }

        Symbol(writer, context.Instruments[cancel.Instrument]);
        Number(writer, "timestamp"u8, unixNs / 1_000_000);
        End(writer);
        return RejectReason.None;
    }

    private static ReadOnlySpan<byte> TypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "LIMIT_MAKER"u8,
        OrderVariety.Market => "MARKET"u8,
        _ => "LIMIT"u8,
    };

    private static ReadOnlySpan<byte> TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.Limit => "GTC"u8,
        OrderVariety.ImmediateOrCancel => "IOC"u8,
        OrderVariety.FillOrKill => "FOK"u8,
        _ => default,
    };

    private void Begin(FrameWriter writer, ReadOnlySpan<byte> method)
    {
        _payload.Clear();
        _payload.Append("apiKey="u8).Append(context.Credentials.ApiKey);
        writer.Append("\",\"method\":\""u8).Append(method).Append("\",\"params\":{\"apiKey\":\""u8)
            .Append(context.Credentials.ApiKey).Append("\""u8);
    }

    private void End(FrameWriter writer)
    {
        writer.Append(",\"signature\":\""u8);
        writer.Advance(signer.Sign(_payload.Open, writer.Reserve(BinanceSigner.SignatureBytes)));
        writer.Append("\"}}"u8).EndFrame();
    }

    private void Text(FrameWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name(writer, name).Append("\""u8).Append(value).Append("\""u8);
        _payload.Append(value);
    }

    private void Symbol(FrameWriter writer, Instrument instrument)
    {
        Name(writer, "symbol"u8).Append("\""u8).Append(instrument.VenueSymbol).Append("\""u8);
        _payload.Append(instrument.VenueSymbol);
    }

    private void Id(FrameWriter writer, ReadOnlySpan<byte> name, ClientOrderId id)
    {
        Name(writer, name).Append("\""u8).Append(id).Append("\""u8);
        _payload.Append(id);
    }

    private void Decimal(FrameWriter writer, ReadOnlySpan<byte> name, long raw)
    {
        Name(writer, name).Append("\""u8).AppendDecimal(raw).Append("\""u8);
        _payload.AppendDecimal(raw);
    }

    private void Number(FrameWriter writer, ReadOnlySpan<byte> name, long value)
    {
        Name(writer, name).Append(value);
        _payload.Append(value);
    }

    private FrameWriter Name(FrameWriter writer, ReadOnlySpan<byte> name)
    {
        _payload.Append("&"u8).Append(name).Append("="u8);
        return writer.Append(",\""u8).Append(name).Append("\":"u8);
    }
}
