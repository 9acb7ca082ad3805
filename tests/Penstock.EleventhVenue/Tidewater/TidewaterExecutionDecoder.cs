using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Frames of the private connection: login, answers, orders, fills, balances.</summary>
internal sealed class TidewaterExecutionDecoder(OrderContext context)
{
    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        var kind = root["ev"u8];
        var id = ClientOrderId.None;
        if (kind.Is("order"u8)) return TidewaterRows.AddOrder(root, context, isAnswer: false, ref id, batch);
        if (kind.Is("fill"u8)) return TidewaterRows.AddFill(root, context, batch);
        if (kind.Is("balances"u8)) return TidewaterRows.AddBalances(root["list"u8], context, batch);
        if (kind.Is("answer"u8)) return Answer(root, batch);
        if (!kind.Is("login"u8) && !kind.Is("pong"u8)) return QuarantineCause.UnknownChannel;
        batch.Signal = kind.Is("pong"u8) ? OrderSignal.Pong : root["ok"u8].IsTrue ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
        return QuarantineCause.None;
    }

    private QuarantineCause Answer(JsonValue root, ExecutionBatch batch)
    {
        Span<byte> scratch = stackalloc byte[64];
        var isPlace = root["to"u8].Is("place"u8);
        if ((!isPlace && !root["to"u8].Is("cancel"u8)) || !root["code"u8].TryInt64(out var code)) return QuarantineCause.Malformed;
        if (!ClientOrderId.TryParse(root["id"u8].GetText(scratch), out var id)) return QuarantineCause.Malformed;
        if (code != 0)
        {
            batch.AddRefusal(isPlace ? RequestKind.Place : RequestKind.Cancel, context.Venue, id, TidewaterErrors.ReasonOf(code), code);
            return QuarantineCause.None;
        }

        // Whether a cancel took place is told by the order's own message.
        if (!isPlace) return QuarantineCause.None;
        var cause = QuarantineCause.None;
        var order = root["order"u8].VenueOrderIdOrEmpty(ref cause);
        if (cause != QuarantineCause.None) return cause;
        ref var report = ref batch.AddReport(ExecutionKind.Acked);
        report.State = OrderState.Acked;
        report.Venue = context.Venue;
        report.ClientOrderId = id;
        report.VenueOrderId = order;
        return QuarantineCause.None;
    }
}
