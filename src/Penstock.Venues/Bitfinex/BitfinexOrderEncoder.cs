using System.Buffers.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// Requests on channel 0 of the authenticated WebSocket (venues/bitfinex.md §4.3). The login authenticates the connection, so orders
/// carry no signature. The amount's sign is the side; a type without EXCHANGE would trade on margin.
/// </summary>
internal sealed class BitfinexOrderEncoder(OrderContext context, BitfinexSigner signer, BitfinexRequests requests)
{
    private const int PostOnlyFlag = 4096;

    /// <summary>Cancel all orders of the key when this connection ends: nobody watches them then.</summary>
    private const int CancelOnDisconnect = 4;

    public void WriteLogin(FrameWriter writer, long unixNs)
    {
        Span<byte> nonce = stackalloc byte[20];
        Utf8Formatter.TryFormat(signer.NextNonce(unixNs), nonce, out var digits);
        nonce = nonce[..digits];
        writer.Append("{\"event\":\"auth\",\"apiKey\":\""u8).Append(signer.ApiKey).Append("\",\"authSig\":\""u8);
        writer.Advance(signer.SignLogin(nonce, writer.Reserve(BitfinexSigner.SignatureBytes)));
        writer.Append("\",\"authNonce\":\""u8).Append(nonce).Append("\",\"authPayload\":\"AUTH"u8).Append(nonce)
            .Append("\",\"dms\":"u8).Append(CancelOnDisconnect).Append("}"u8).EndFrame();
    }

    public RejectReason WritePlace(in OrderRequest order, FrameWriter writer)
    {
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (!BitfinexClientIds.TryEncode(order.ClientOrderId, out var cid)) return RejectReason.InvalidParameter;
        // The venue cuts what is finer, which would make a sell cheaper than it was approved.
        if (variety != OrderVariety.Market && !BitfinexNumbers.IsPrice(order.Price.Raw)) return RejectReason.PriceOutOfRange;

        writer.Append("[0,\"on\",null,{\"gid\":"u8).Append(GroupOf(instrument!)).Append(",\"cid\":"u8).Append(cid)
            .Append(",\"type\":\"EXCHANGE "u8).Append(OrderTypeOf(variety))
            .Append("\",\"symbol\":\""u8).Append(instrument!.VenueSymbol)
            .Append(order.Side == Side.Sell ? "\",\"amount\":\"-"u8 : "\",\"amount\":\""u8).AppendDecimal(order.Quantity.Raw);
        if (variety != OrderVariety.Market) writer.Append("\",\"price\":\""u8).AppendDecimal(order.Price.Raw);
        writer.Append("\",\"flags\":"u8).Append(variety == OrderVariety.PostOnly ? PostOnlyFlag : 0).Append("}]"u8).EndFrame();
        requests.AddPlace(order.ClientOrderId);
        return RejectReason.None;
    }

    /// <summary>By the venue's id where it is known: ours needs the UTC day of the order, which is taken to be today.</summary>
    public RejectReason WriteCancel(in CancelRequest cancel, FrameWriter writer, long unixNs)
    {
        if (!context.Instruments.Contains(cancel.Instrument)) return RejectReason.InvalidParameter;
        long cid = 0;
        var byVenueId = TryNumber(cancel.VenueOrderId, out var venueOrderId);
        if (!byVenueId && !BitfinexClientIds.TryEncode(cancel.ClientOrderId, out cid)) return RejectReason.InvalidParameter;

        if (byVenueId)
        {
            requests.Remember(venueOrderId, cancel.ClientOrderId);
            writer.Append("[0,\"oc\",null,{\"id\":"u8).Append(venueOrderId).Append("}]"u8).EndFrame();
            return RejectReason.None;
        }

        writer.Append("[0,\"oc\",null,{\"cid\":"u8).Append(cid).Append(",\"cid_date\":\""u8);
        AppendDate(unixNs, writer);
        writer.Append("\"}]"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>The amount sent is what shall be left of the order.</summary>
    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer)
    {
        if (!context.Instruments.Contains(amend.Instrument) || !TryNumber(amend.VenueOrderId, out var venueOrderId)) return RejectReason.InvalidParameter;
        if (amend.Side is not (Side.Buy or Side.Sell)) return RejectReason.InvalidParameter;
        if (amend.FilledQuantity.Raw < 0 || amend.Quantity <= amend.FilledQuantity) return RejectReason.QuantityOutOfRange;
        if (!BitfinexNumbers.IsPrice(amend.Price.Raw)) return RejectReason.PriceOutOfRange;
        requests.AddAmend(venueOrderId, amend);
        writer.Append("[0,\"ou\",null,{\"id\":"u8).Append(venueOrderId).Append(",\"price\":\""u8).AppendDecimal(amend.Price.Raw)
            .Append(amend.Side == Side.Sell ? "\",\"amount\":\"-"u8 : "\",\"amount\":\""u8)
            .AppendDecimal(amend.Quantity.Raw - amend.FilledQuantity.Raw).Append("\"}]"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>All our orders of one instrument: each was placed with the instrument's group.</summary>
    public static RejectReason WriteCancelAll(Instrument instrument, FrameWriter writer)
    {
        writer.Append("[0,\"oc_multi\",null,{\"gid\":["u8).Append(GroupOf(instrument)).Append("]}]"u8).EndFrame();
        return RejectReason.None;
    }

    /// <summary>The same in every process, so that a new one can cancel the orders of the one before: FNV-1a of the venue's name, 31 bits.</summary>
    public static long GroupOf(Instrument instrument)
    {
        var hash = 2166136261u;
        foreach (var letter in instrument.VenueSymbol) hash = (hash ^ (byte)letter) * 16777619;
        return hash & int.MaxValue;
    }

    /// <summary>2026-01-31, in UTC.</summary>
    public static void AppendDate(long unixNs, FrameWriter writer)
    {
        var date = DateTime.UnixEpoch.AddTicks(unixNs / TimeSpan.NanosecondsPerTick);
        var text = writer.Reserve(10);
        text[0] = (byte)('0' + date.Year / 1000);
        text[1] = (byte)('0' + date.Year / 100 % 10);
        text[2] = (byte)('0' + date.Year / 10 % 10);
        text[3] = (byte)('0' + date.Year % 10);
        text[4] = text[7] = (byte)'-';
        text[5] = (byte)('0' + date.Month / 10);
        text[6] = (byte)('0' + date.Month % 10);
        text[8] = (byte)('0' + date.Day / 10);
        text[9] = (byte)('0' + date.Day % 10);
        writer.Advance(10);
    }

    /// <summary>The venue's ids are whole numbers; a text that is none is not one of its orders.</summary>
    public static bool TryNumber(in Text40 venueOrderId, out long number)
    {
        Span<byte> text = stackalloc byte[40];
        var length = venueOrderId.CopyTo(text);
        return Utf8Parser.TryParse(text[..length], out number, out var used) && used == length && number > 0;
    }

    private static ReadOnlySpan<byte> OrderTypeOf(OrderVariety variety) => variety switch
    {
        OrderVariety.ImmediateOrCancel => "IOC"u8,
        OrderVariety.FillOrKill => "FOK"u8,
        OrderVariety.Market => "MARKET"u8,
        _ => "LIMIT"u8,
    };
}
