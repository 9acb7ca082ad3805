using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Binance;

/// <summary>
/// Requests of the WebSocket API. Every parameter is appended twice, to the JSON and to the text that is signed, in the
/// alphabetical order the signature wants. Prices and quantities are strings: what is signed is what is sent, so a value is
/// made into text once and copied. What never changes (names, fixed values, the key) is bytes from the start: an order waits for this.
/// Futures write what they do differently on top of this.
/// </summary>
internal class BinanceOrderEncoder(OrderContext context, BinanceSigner signer)
{
    private protected static readonly FieldName OrigClientOrderId = new("origClientOrderId");
    private protected static readonly FieldName NewClientOrderId = new("newClientOrderId");
    private protected static readonly FieldName OrderId = new("orderId", isText: false);
    private protected static readonly FieldName Price = new("price");
    private protected static readonly FieldName Quantity = new("quantity");
    private protected static readonly FieldName Symbol = new("symbol");
    private protected static readonly FieldName Timestamp = new("timestamp", isText: false);
    private protected static readonly Fixed AckOnly = new("newOrderRespType", "ACK");
    private protected static readonly Fixed Buy = new("side", "BUY");
    private protected static readonly Fixed Sell = new("side", "SELL");
    private protected static readonly Fixed GoodTillCancel = new("timeInForce", "GTC");
    private protected static readonly Fixed ImmediateOrCancel = new("timeInForce", "IOC");
    private protected static readonly Fixed FillOrKill = new("timeInForce", "FOK");
    private protected static readonly Fixed Limit = new("type", "LIMIT");
    private protected static readonly Fixed LimitMaker = new("type", "LIMIT_MAKER");
    private protected static readonly Fixed Market = new("type", "MARKET");

    private readonly FrameWriter _payload = new();
    private readonly byte[] _signedKey = Encoding.UTF8.GetBytes($"apiKey={context.Credentials.ApiKey}");
    private readonly byte[] _place = MethodAndKey("order.place", context);
    private readonly byte[] _cancel = MethodAndKey("order.cancel", context);
    private readonly byte[] _login = MethodAndKey("userDataStream.subscribe.signature", context);

    /// <summary>The request id of the private subscription.</summary>
    public static ReadOnlySpan<byte> LoginId => "login"u8;

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Begin(writer.Append("{\"id\":\""u8).Append(LoginId), _login);
        Number(writer, Timestamp, unixNs / 1_000_000);
        End(writer);
    }

    public virtual RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Place, order.ClientOrderId), _place);
        Id(writer, NewClientOrderId, order.ClientOrderId);
        Append(writer, AckOnly);
        if (variety != OrderVariety.Market) Decimal(writer, Price, order.Price.Raw);
        Decimal(writer, Quantity, order.Quantity.Raw);
        Append(writer, order.Side == Side.Buy ? Buy : Sell);
        Text(writer, Symbol, instrument!.VenueSymbol);
        if (TimeInForceOf(variety) is { } timeInForce) Append(writer, timeInForce);
        Number(writer, Timestamp, unixNs / 1_000_000);
        Append(writer, TypeOf(variety));
        End(writer);
        return RejectReason.None;
    }

    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Cancel, cancel.ClientOrderId), _cancel);
        Which(writer, cancel.ClientOrderId, cancel.VenueOrderId);
        Text(writer, Symbol, context.Instruments[cancel.Instrument].VenueSymbol);
        Number(writer, Timestamp, unixNs / 1_000_000);
        End(writer);
        return RejectReason.None;
    }

    private static Fixed TypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => LimitMaker,
        OrderVariety.Market => Market,
        _ => Limit,
    };

    private static Fixed? TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.Limit => GoodTillCancel,
        OrderVariety.ImmediateOrCancel => ImmediateOrCancel,
        OrderVariety.FillOrKill => FillOrKill,
        _ => null,
    };

    private protected static byte[] MethodAndKey(string method, OrderContext context) =>
        Encoding.UTF8.GetBytes($"\",\"method\":\"{method}\",\"params\":{{\"apiKey\":\"{context.Credentials.ApiKey}\"");

    private protected void Begin(FrameWriter writer, byte[] methodAndKey)
    {
        _payload.Clear();
        _payload.Append(_signedKey);
        writer.Append(methodAndKey);
    }

    private protected void End(FrameWriter writer)
    {
        writer.Append(",\"signature\":\""u8);
        writer.Advance(signer.Sign(_payload.Open, writer.Reserve(BinanceSigner.SignatureBytes)));
        writer.Append("\"}}"u8).EndFrame();
    }

    private protected void Append(FrameWriter writer, Fixed parameter)
    {
        writer.Append(parameter.Json);
        _payload.Append(parameter.Signed);
    }

    private protected void Text(FrameWriter writer, FieldName name, string value)
    {
        var start = BeginValue(writer, name);
        writer.Append(value);
        EndValue(writer, name, start);
    }

    private protected void Id(FrameWriter writer, FieldName name, ClientOrderId id)
    {
        var start = BeginValue(writer, name);
        writer.Append(id);
        EndValue(writer, name, start);
    }

    private protected void Decimal(FrameWriter writer, FieldName name, long raw)
    {
        var start = BeginValue(writer, name);
        writer.AppendDecimal(raw);
        EndValue(writer, name, start);
    }

    private protected void Number(FrameWriter writer, FieldName name, long value)
    {
        var start = BeginValue(writer, name);
        writer.Append(value);
        EndValue(writer, name, start);
    }

    /// <summary>The order by our id, or by the venue's where we gave it none.</summary>
    private protected void Which(FrameWriter writer, ClientOrderId id, Text40 venueOrderId)
    {
        if (!id.IsNone)
        {
            Id(writer, OrigClientOrderId, id);
            return;
        }

        var start = BeginValue(writer, OrderId);
        writer.Append(venueOrderId);
        EndValue(writer, OrderId, start);
    }

    private static int BeginValue(FrameWriter writer, FieldName name) => writer.Append(name.Json).Open.Length;

    private void EndValue(FrameWriter writer, FieldName name, int start)
    {
        _payload.Append(name.Signed).Append(writer.Open[start..]);
        if (name.IsText) writer.Append("\""u8);
    }

    /// <summary>A parameter's name as it stands in the JSON, up to its value, and in the text that is signed.</summary>
    private protected sealed class FieldName(string name, bool isText = true)
    {
        public readonly byte[] Json = Encoding.UTF8.GetBytes($",\"{name}\":{(isText ? "\"" : "")}");
        public readonly byte[] Signed = Encoding.UTF8.GetBytes($"&{name}=");

        public bool IsText { get; } = isText;
    }

    /// <summary>A parameter with one of its few values.</summary>
    private protected sealed class Fixed(string name, string value)
    {
        public readonly byte[] Json = Encoding.UTF8.GetBytes($",\"{name}\":\"{value}\"");
        public readonly byte[] Signed = Encoding.UTF8.GetBytes($"&{name}={value}");
    }
}
