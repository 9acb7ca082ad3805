using System.Buffers.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Requests of the private connection, which its login authenticates.</summary>
internal sealed class TidewaterOrderEncoder(OrderContext context, TidewaterSigner signer)
{
    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Span<byte> time = stackalloc byte[20];
        Utf8Formatter.TryFormat(unixNs / 1_000_000, time, out var digits);
        writer.Append("{\"do\":\"login\",\"key\":\""u8).Append(context.Credentials.ApiKey).Append("\",\"time\":"u8).Append(time[..digits]).Append(",\"sign\":\""u8);
        writer.Advance(signer.SignLogin(time[..digits], writer.Reserve(TidewaterSigner.SignatureBytes)));
        writer.Append("\"}"u8).EndFrame();
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        writer.Append("{\"do\":\"place\",\"id\":\""u8).Append(order.ClientOrderId).Append("\",\"symbol\":\""u8).Append(instrument!.VenueSymbol)
            .Append("\",\"side\":\""u8).Append(order.Side == Side.Buy ? "buy"u8 : "sell"u8).Append("\",\"type\":\""u8).Append(TypeOf(variety));
        if (variety != OrderVariety.Market) writer.Append("\",\"price\":\""u8).AppendDecimal(order.Price.Raw);
        writer.Append("\",\"quantity\":\""u8).AppendDecimal(order.Quantity.Raw).Append("\"}"u8).EndFrame();
        return RejectReason.None;
    }

    public static RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer)
    {
        if (cancel.ClientOrderId.IsNone && cancel.VenueOrderId.IsEmpty) return RejectReason.InvalidParameter;
        writer.Append("{\"do\":\"cancel\",\""u8);
        if (cancel.ClientOrderId.IsNone) writer.Append("order\":\""u8).Append(cancel.VenueOrderId);
        else writer.Append("id\":\""u8).Append(cancel.ClientOrderId);
        writer.Append("\"}"u8).EndFrame();
        return RejectReason.None;
    }

    private static ReadOnlySpan<byte> TypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.PostOnly => "postOnly"u8,
        OrderVariety.ImmediateOrCancel => "ioc"u8,
        OrderVariety.FillOrKill => "fok"u8,
        OrderVariety.Market => "market"u8,
        _ => "limit"u8,
    };
}
