using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>Orders, fills and balances: written the same way on the private stream and in REST answers.</summary>
internal static class TidewaterRows
{
    public static QuarantineCause AddOrder(JsonValue row, OrderContext context, bool isAnswer, ref ClientOrderId asked, ExecutionBatch batch)
    {
        var cause = OrderFields.Identify(row["id"u8], ref asked);
        if (!context.Instruments.TryFind(context.Venue, row["symbol"u8], out var instrument)) cause.KeepFirst(QuarantineCause.UnknownInstrument);
        var (state, kind) = StateOf(row["state"u8]);
        if (state == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        var report = Head(row, context, instrument, asked, ref cause);
        report.Kind = isAnswer ? ExecutionKind.OrderStatus : kind;
        report.State = state;
        report.CumulativeQuantity = row["filled"u8].RequireCumulative(ref cause);
        if (cause == QuarantineCause.None) batch.AddReport(report.Kind) = report;
        return cause;
    }

    public static QuarantineCause AddFill(JsonValue row, OrderContext context, ExecutionBatch batch)
    {
        var id = ClientOrderId.None;
        var cause = OrderFields.Identify(row["id"u8], ref id);
        if (!context.Instruments.TryFind(context.Venue, row["symbol"u8], out var instrument)) cause.KeepFirst(QuarantineCause.UnknownInstrument);
        var report = Head(row, context, instrument, id, ref cause);
        report.Kind = ExecutionKind.Fill;
        report.State = row["state"u8].Is("filled"u8) ? OrderState.Filled : OrderState.PartiallyFilled;
        report.LastPrice = row["price"u8].RequirePrice(ref cause);
        report.LastQuantity = row["quantity"u8].RequireQuantity(ref cause);
        report.CumulativeQuantity = row["filled"u8].RequireCumulative(ref cause);
        report.IsMaker = row["maker"u8].IsTrue;
        report.FeeRaw = row["fee"u8].FeeOrZero(ref cause);
        if (!row["feeAsset"u8].TryText16(out report.FeeAsset)) cause.KeepFirst(QuarantineCause.Malformed);
        Span<byte> scratch = stackalloc byte[64];
        report.TradeId = TradeIdNumber.Of(row["trade"u8].GetText(scratch));
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    public static QuarantineCause AddBalances(JsonValue list, OrderContext context, ExecutionBatch batch)
    {
        if (!list.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var cause = QuarantineCause.None;
        foreach (var row in list.Elements)
        {
            var free = row["free"u8].AmountOrZero(ref cause);
            var locked = row["locked"u8].AmountOrZero(ref cause);
            if (!row["asset"u8].TryText16(out var asset)) cause.KeepFirst(QuarantineCause.Malformed);
            batch.AddBalance(context.Venue, asset, free, locked);
        }

        return batch.Finish(cause, start);
    }

    private static ExecutionReport Head(JsonValue row, OrderContext context, InstrumentId instrument, ClientOrderId id, ref QuarantineCause cause) => new()
    {
        Venue = context.Venue, Instrument = instrument, ClientOrderId = id,
        Side = row["side"u8].Is("buy"u8) ? Side.Buy : row["side"u8].Is("sell"u8) ? Side.Sell : Fail(ref cause),
        VenueOrderId = row["order"u8].VenueOrderIdOrEmpty(ref cause), ExchangeTime = row["time"u8].UnixMsOrZero(ref cause),
    };

    private static Side Fail(ref QuarantineCause cause)
    {
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    private static (OrderState State, ExecutionKind Kind) StateOf(JsonValue state) =>
        state.Is("open"u8) ? (OrderState.Working, ExecutionKind.Accepted)
        : state.Is("part"u8) ? (OrderState.PartiallyFilled, ExecutionKind.OrderStatus)
        : state.Is("filled"u8) ? (OrderState.Filled, ExecutionKind.Filled)
        : state.Is("cancelled"u8) ? (OrderState.Cancelled, ExecutionKind.Cancelled)
        : (OrderState.None, ExecutionKind.None);
}
