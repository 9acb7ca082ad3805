using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// Requests of the futures' WebSocket API: spot's, with post-only as a time in force, orders that only reduce, changes of orders, and the
/// listen key, for which nothing is signed.
/// </summary>
internal sealed class BinanceUsdmOrderEncoder(OrderContext context, BinanceSigner signer) : BinanceOrderEncoder(context, signer)
{
    private static readonly Fixed PostOnly = new("timeInForce", "GTX");
    private static readonly Fixed ReduceOnly = new("reduceOnly", "true");

    private readonly OrderContext _context = context;
    private readonly byte[] _place = MethodAndKey("order.place", context);
    private readonly byte[] _modify = MethodAndKey("order.modify", context);
    private readonly byte[] _start = KeyRequest("login", "userDataStream.start", context);
    private readonly byte[] _keep = KeyRequest("keep", "userDataStream.ping", context);

    /// <summary>The request id of what keeps the listen key.</summary>
    public static ReadOnlySpan<byte> KeepId => "keep"u8;

    /// <summary>Names the listen key of the account, or makes one; its answer shows that the connection works.</summary>
    public void WriteStart(FrameWriter writer) => writer.Append(_start).EndFrame();

    /// <summary>Extends the listen key by an hour.</summary>
    public void WriteKeep(FrameWriter writer) => writer.Append(_keep).EndFrame();

    public override RejectReason WritePlace(in OrderRequest order, FrameWriter writer, long unixNs)
    {
        var reason = OrderVarieties.CheckContract(order, _context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Place, order.ClientOrderId), _place);
        Id(writer, NewClientOrderId, order.ClientOrderId);
        Append(writer, AckOnly);
        if (variety != OrderVariety.Market) Decimal(writer, Price, order.Price.Raw);
        Decimal(writer, Quantity, order.Quantity.Raw);
        if ((order.Flags & OrderFlags.ReduceOnly) != 0) Append(writer, ReduceOnly);
        Append(writer, order.Side == Side.Buy ? Buy : Sell);
        Text(writer, Symbol, instrument!.VenueSymbol);
        if (TimeInForceOf(variety) is { } timeInForce) Append(writer, timeInForce);
        Number(writer, Timestamp, unixNs / 1_000_000);
        Append(writer, variety == OrderVariety.Market ? Market : Limit);
        End(writer);
        return RejectReason.None;
    }

    /// <summary>Price and the whole new quantity, both always.</summary>
    public RejectReason WriteAmend(in AmendRequest amend, FrameWriter writer, long unixNs)
    {
        if (!_context.Instruments.Contains(amend.Instrument) || amend.Side is not (Side.Buy or Side.Sell)) return RejectReason.InvalidParameter;
        if (amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (!_context.Instruments[amend.Instrument].HasUsualScales) return RejectReason.NotSupported;
        if (amend.Quantity.Raw <= 0) return RejectReason.QuantityOutOfRange;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;

        Begin(writer.Append("{\"id\":\""u8).AppendTag(RequestKind.Amend, amend.ClientOrderId), _modify);
        Which(writer, amend.ClientOrderId, amend.VenueOrderId);
        Decimal(writer, Price, amend.Price.Raw);
        Decimal(writer, Quantity, amend.Quantity.Raw);
        Append(writer, amend.Side == Side.Buy ? Buy : Sell);
        Text(writer, Symbol, _context.Instruments[amend.Instrument].VenueSymbol);
        Number(writer, Timestamp, unixNs / 1_000_000);
        End(writer);
        return RejectReason.None;
    }

    private static Fixed? TimeInForceOf(OrderVariety variety) => variety switch
    {
        OrderVariety.Limit => GoodTillCancel,
        OrderVariety.PostOnly => PostOnly,
        OrderVariety.ImmediateOrCancel => ImmediateOrCancel,
        OrderVariety.FillOrKill => FillOrKill,
        _ => null,
    };

    private static byte[] KeyRequest(string id, string method, OrderContext context) =>
        Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"method\":\"{method}\",\"params\":{{\"apiKey\":\"{context.Credentials.ApiKey}\"}}}}");
}
