using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>
/// Answers to place, cancel and edit (venues/coinbase.md §A5). HTTP 200 says that the request was read, not that it was taken:
/// `success` says that.
/// </summary>
internal sealed class CoinbaseOrderAnswers(OrderContext context, CoinbaseOpenOrders open)
{
    private const int Success = 0, Taken = 1, Refused = 2, EditErrors = 3, Results = 4, Word = 5;

    private static readonly JsonFields Fields = new("success", "success_response", "error_response", "errors", "results", "error");

    public QuarantineCause DecodePlace(in OrderRequest order, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        if (TryRead(RequestKind.Place, order.ClientOrderId, httpStatus, body, ranges, out var fields, batch, out var cause)) return cause;
        if (fields[Success].IsFalse)
        {
            var refused = fields[Refused];
            batch.AddRefusal(RequestKind.Place, context.Venue, order.ClientOrderId,
                CoinbaseErrors.ReasonOf(refused["error"u8], refused["preview_failure_reason"u8], refused["new_order_failure_reason"u8]), 0);
            return QuarantineCause.None;
        }

        var taken = fields[Taken];
        var id = order.ClientOrderId;
        cause = fields[Success].IsTrue ? OrderFields.Identify(taken["client_order_id"u8], ref id) : QuarantineCause.Malformed;
        var venueId = taken["order_id"u8].VenueOrderIdOrEmpty(ref cause);
        if (venueId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.Instrument = order.Instrument;
        report.Side = order.Side;
        report.ClientOrderId = order.ClientOrderId;
        report.VenueOrderId = venueId;
        open.Note(in report);
        return QuarantineCause.None;
    }

    /// <summary>Whether the cancel took place is told by the stream.</summary>
    public QuarantineCause DecodeCancel(in CancelRequest cancel, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        if (TryRead(RequestKind.Cancel, cancel.ClientOrderId, httpStatus, body, ranges, out var fields, batch, out var cause)) return cause;
        foreach (var result in fields[Results].Elements)
        {
            // One order a request: the first result is the answer.
            if (result["success"u8].IsTrue) return QuarantineCause.None;
            if (!result["success"u8].IsFalse) return QuarantineCause.Malformed;
            batch.AddRefusal(RequestKind.Cancel, context.Venue, cancel.ClientOrderId, CoinbaseErrors.ReasonOf(result["failure_reason"u8]), 0);
            return QuarantineCause.None;
        }

        return QuarantineCause.Malformed;
    }

    /// <summary>Orders that could not be cancelled have ended meanwhile, or stay and are seen on the stream: nothing to report.</summary>
    public static QuarantineCause DecodeCancelAll(int httpStatus, ReadOnlySpan<byte> body)
    {
        var cause = JsonValue.Parse(body, out var root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        return cause == QuarantineCause.None && !root["results"u8].IsArray ? QuarantineCause.Malformed : cause;
    }

    public QuarantineCause DecodeAmend(in AmendRequest amend, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        if (TryRead(RequestKind.Amend, amend.ClientOrderId, httpStatus, body, ranges, out var fields, batch, out var cause)) return cause;
        if (fields[Success].IsFalse)
        {
            batch.AddRefusal(RequestKind.Amend, context.Venue, amend.ClientOrderId, EditReason(fields), 0);
            return QuarantineCause.None;
        }

        if (!fields[Success].IsTrue) return QuarantineCause.Malformed;
        ref var report = ref batch.AddReport(ExecutionKind.Amended);
        report.Venue = context.Venue;
        report.Instrument = amend.Instrument;
        report.Side = amend.Side;
        report.ClientOrderId = amend.ClientOrderId;
        report.VenueOrderId = amend.VenueOrderId.IsEmpty ? open.VenueIdOf(amend.ClientOrderId) : amend.VenueOrderId;
        report.LastPrice = amend.Price;
        report.LastQuantity = amend.Quantity;
        return QuarantineCause.None;
    }

    /// <summary>`errors` is documented as one object, and examples show a list of them.</summary>
    private static RejectReason EditReason(in JsonPicked fields)
    {
        var errors = fields[EditErrors];
        foreach (var first in errors.Elements)
        {
            errors = first;
            break;
        }

        return CoinbaseErrors.ReasonOf(errors["edit_failure_reason"u8], errors["preview_failure_reason"u8], fields[Refused]["error"u8]);
    }

    /// <summary>True when the answer is settled already: by its status, or because it is none.</summary>
    private bool TryRead(
        RequestKind kind, ClientOrderId id, int httpStatus, ReadOnlySpan<byte> body, Span<JsonRange> ranges, out JsonPicked fields,
        ExecutionBatch batch, out QuarantineCause cause)
    {
        fields = default;
        var parsed = JsonValue.Parse(body, out var root);
        var reason = CoinbaseErrors.ReasonOf(httpStatus);
        cause = QuarantineCause.None;
        if (reason == RejectReason.None && httpStatus != 200)
        {
            reason = CoinbaseErrors.ReasonOf(root["error"u8]);
            // Refused before anybody looked at the order: there is nothing else a status of 400 can mean.
            if (reason is RejectReason.Rejected or RejectReason.UnknownOutcome) reason = RejectReason.InvalidParameter;
        }

        if (reason != RejectReason.None)
        {
            batch.AddRefusal(kind, context.Venue, id, reason, httpStatus);
            return true;
        }

        cause = parsed != QuarantineCause.None ? parsed : Fields.Pick(root, ranges, out fields);
        return cause != QuarantineCause.None;
    }
}
