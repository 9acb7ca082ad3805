using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// What the venue answers to an order, a cancel or a replacement. An order that was taken is acknowledged only, and a cancel that
/// was taken says nothing of the order: the private channels do.
/// </summary>
internal sealed class BitstampOrderAnswers(OrderContext context, BitstampExecutionDecoder decoder)
{
    public QuarantineCause DecodePlace(in OrderRequest order, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(body, RequestKind.Place, order.ClientOrderId, order.Instrument, batch, out var root);
        if (cause != QuarantineCause.None || !root.IsPresent) return cause;
        var id = order.ClientOrderId;
        cause = OrderFields.Identify(root["client_order_id"u8], ref id);
        var venueId = OrderIdOf(root, ref cause);
        var time = BitstampOrderQueries.Time(root["datetime"u8], ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.Instrument = order.Instrument;
        report.Side = order.Side;
        report.ClientOrderId = order.ClientOrderId;
        report.VenueOrderId = venueId;
        report.ExchangeTime = time;
        return QuarantineCause.None;
    }

    public QuarantineCause DecodeCancel(in CancelRequest cancel, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(body, RequestKind.Cancel, cancel.ClientOrderId, cancel.Instrument, batch, out var root);
        if (cause == QuarantineCause.None && root.IsPresent) OrderIdOf(root, ref cause);
        return cause;
    }

    /// <summary>The order has a new id of the venue's; ours stays.</summary>
    public QuarantineCause DecodeAmend(in AmendRequest amend, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(body, RequestKind.Amend, amend.ClientOrderId, amend.Instrument, batch, out var root);
        if (cause != QuarantineCause.None || !root.IsPresent) return cause;
        var venueId = OrderIdOf(root, ref cause);
        if (cause != QuarantineCause.None) return cause;
        decoder.Forget(amend.VenueOrderId);
        ref var report = ref batch.AddReport(ExecutionKind.Amended);
        report.State = amend.FilledQuantity.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        report.Venue = context.Venue;
        report.Instrument = amend.Instrument;
        report.Side = amend.Side;
        report.ClientOrderId = amend.ClientOrderId;
        report.VenueOrderId = venueId;
        report.LastPrice = amend.Price;
        report.LastQuantity = amend.Quantity;
        report.CumulativeQuantity = amend.FilledQuantity;
        return QuarantineCause.None;
    }

    /// <summary>A list of what was cancelled, or in older days a plain `true`.</summary>
    public static QuarantineCause DecodeCancelAll(ReadOnlySpan<byte> body)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (BitstampErrors.TryRead(root, out _, out _)) return QuarantineCause.VenueError;
        return root.IsTrue || (root.IsObject && !root["success"u8].IsFalse) ? QuarantineCause.None : QuarantineCause.Malformed;
    }

    /// <summary>Adds the refusal where the venue refused, and leaves nothing to decode then.</summary>
    private QuarantineCause Parse(
        ReadOnlySpan<byte> body, RequestKind kind, ClientOrderId id, InstrumentId instrument, ExecutionBatch batch, out JsonValue root)
    {
        var cause = JsonValue.Parse(body, out root);
        if (cause != QuarantineCause.None) return cause;
        if (!BitstampErrors.TryRead(root, out var reason, out var code)) return QuarantineCause.None;
        batch.AddRefusal(kind, context.Venue, id, reason, code).Instrument = instrument;
        root = default;
        return QuarantineCause.None;
    }

    private static Text40 OrderIdOf(JsonValue root, ref QuarantineCause cause)
    {
        var id = root["id"u8].VenueOrderIdOrEmpty(ref cause);
        if (id.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        return id;
    }
}
