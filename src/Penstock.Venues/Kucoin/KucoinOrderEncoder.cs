using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Order entry: signed REST calls and what their answers mean (venues/kucoin.md §4.2). It runs beside the hot threads and may
/// allocate. An answer to a placement is an acknowledgement; the private stream tells what the order became.
/// </summary>
internal sealed class KucoinOrderEncoder(OrderContext context, KucoinSigner signer, KucoinAlterations alterations)
{
    private const string OrdersPath = "/api/v1/hf/orders";

    public RejectReason FormPlace(in OrderRequest order, long unixNs, out RestRequest? request)
    {
        request = null;
        var reason = OrderVarieties.Check(order, context.Instruments, out var variety, out var instrument);
        if (reason != RejectReason.None) return reason;
        if (!instrument!.HasUsualScales) return RejectReason.NotSupported;
        var body = new StringBuilder()
            .Append($"{{\"clientOid\":\"{order.ClientOrderId}\",\"symbol\":\"{instrument.VenueSymbol}\"")
            .Append(order.Side == Side.Buy ? ",\"side\":\"buy\"" : ",\"side\":\"sell\"")
            .Append(variety == OrderVariety.Market ? ",\"type\":\"market\"" : $",\"type\":\"limit\",\"price\":\"{order.Price}\"")
            .Append($",\"size\":\"{order.Quantity}\"")
            .Append(variety switch
            {
                OrderVariety.PostOnly => ",\"timeInForce\":\"GTC\",\"postOnly\":true}",
                OrderVariety.ImmediateOrCancel => ",\"timeInForce\":\"IOC\"}",
                OrderVariety.FillOrKill => ",\"timeInForce\":\"FOK\"}",
                OrderVariety.Limit => ",\"timeInForce\":\"GTC\"}",
                _ => "}",
            });
        request = signer.Post(OrdersPath, body.ToString(), 1, unixNs);
        return RejectReason.None;
    }

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out var data, out var code, out var reason);
        if (cause == QuarantineCause.VenueError)
        {
            Refuse(RequestKind.Place, order.ClientOrderId, order.Instrument, reason, code, batch);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        var id = data["orderId"u8].VenueOrderIdOrEmpty(ref cause);
        if (id.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.Instrument = order.Instrument;
        report.Side = order.Side;
        report.ClientOrderId = order.ClientOrderId;
        report.VenueOrderId = id;
        return QuarantineCause.None;
    }

    public RejectReason FormCancel(in CancelRequest cancel, long unixNs, out RestRequest? request)
    {
        request = null;
        if (!TryAddress(cancel.Instrument, cancel.ClientOrderId, cancel.VenueOrderId, out var instrument)) return RejectReason.InvalidParameter;
        var key = cancel.ClientOrderId.IsNone ? cancel.VenueOrderId.ToString() : $"client-order/{cancel.ClientOrderId}";
        request = signer.Delete($"{OrdersPath}/{key}?symbol={instrument.VenueSymbol}", 1, unixNs);
        return RejectReason.None;
    }

    /// <summary>An accepted cancel says nothing of the order; the stream does.</summary>
    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out var data, out var code, out var reason);
        if (cause == QuarantineCause.None) return data.IsObject ? QuarantineCause.None : QuarantineCause.Malformed;
        if (cause != QuarantineCause.VenueError) return cause;
        Refuse(RequestKind.Cancel, cancel.ClientOrderId, cancel.Instrument, reason, code, batch);
        return QuarantineCause.None;
    }

    /// <summary>The order is cancelled and another placed under the same client id; <see cref="KucoinAlterations"/> keeps the two apart.</summary>
    public RejectReason FormAmend(in AmendRequest amend, long unixNs, out RestRequest? request)
    {
        request = null;
        if (amend.ClientOrderId.IsNone) return RejectReason.InvalidParameter;
        if (!TryAddress(amend.Instrument, amend.ClientOrderId, amend.VenueOrderId, out var instrument)) return RejectReason.InvalidParameter;
        if (!instrument.HasUsualScales) return RejectReason.NotSupported;
        if (amend.Price.Raw <= 0) return RejectReason.PriceOutOfRange;
        if (amend.Quantity.Raw <= amend.FilledQuantity.Raw) return RejectReason.QuantityOutOfRange;
        if (!alterations.TryBegin(amend)) return RejectReason.Transient;
        request = signer.Post(
            $"{OrdersPath}/alter",
            $"{{\"symbol\":\"{instrument.VenueSymbol}\",\"clientOid\":\"{amend.ClientOrderId}\","
            + $"\"newPrice\":\"{amend.Price}\",\"newSize\":\"{amend.Quantity}\"}}", 3, unixNs);
        return RejectReason.None;
    }

    public QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = KucoinErrors.Open(httpStatus, body, out var data, out var code, out var reason);
        if (cause == QuarantineCause.VenueError)
        {
            if (reason != RejectReason.UnknownOutcome) alterations.Fail(amend.ClientOrderId, batch);
            Refuse(RequestKind.Amend, amend.ClientOrderId, amend.Instrument, reason, code, batch);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        var id = data["newOrderId"u8].VenueOrderIdOrEmpty(ref cause);
        if (id.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        alterations.Finish(amend.ClientOrderId, id);
        ref var report = ref batch.AddReport(ExecutionKind.Amended);
        report.Venue = context.Venue;
        report.Instrument = amend.Instrument;
        report.Side = amend.Side;
        report.ClientOrderId = amend.ClientOrderId;
        report.VenueOrderId = id;
        report.LastPrice = amend.Price;
        report.LastQuantity = amend.Quantity;
        return QuarantineCause.None;
    }

    public RestRequest CancelAll(Instrument instrument, long unixNs) =>
        signer.Delete($"{OrdersPath}?symbol={instrument.VenueSymbol}", 2, unixNs);

    /// <summary>Accepted is all it says; each order's end is told on the stream.</summary>
    public static QuarantineCause DecodeCancelAll(int httpStatus, ReadOnlySpan<byte> body) => KucoinErrors.Open(httpStatus, body, out _, out _, out _);

    private bool TryAddress(InstrumentId id, ClientOrderId clientId, Text40 venueId, out Instrument instrument)
    {
        instrument = context.Instruments.Contains(id) ? context.Instruments[id] : null!;
        return instrument is not null && !(clientId.IsNone && venueId.IsEmpty);
    }

    private void Refuse(RequestKind kind, ClientOrderId id, InstrumentId instrument, RejectReason reason, long code, ExecutionBatch batch) =>
        batch.AddRefusal(kind, context.Venue, id, reason, code).Instrument = instrument;
}
