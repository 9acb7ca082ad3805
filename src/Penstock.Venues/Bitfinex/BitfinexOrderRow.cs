using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>Where an order's row stood.</summary>
internal enum BitfinexRow
{
    /// <summary>In a list: how the order was when that was written.</summary>
    Status,

    /// <summary>It is new, or it has ended.</summary>
    Event,

    /// <summary>It changed and goes on.</summary>
    Update,
}

/// <summary>
/// Orders and trades as arrays, the same on the private channel and in REST answers (venues/bitfinex.md §4.2, §4.5). An order tells what
/// is left of it, and its state as a text that begins with a word and goes on with prices.
/// </summary>
internal sealed class BitfinexOrderRow(OrderContext context, BitfinexCurrencies currencies, BitfinexRequests requests, OrderProtocolStatistics statistics)
{
    private const int OrderId = 0, ClientId = 2, Symbol = 3, UpdateTime = 5, Remaining = 6, Original = 7, Status = 13, OrderPrice = 16, OrderFieldCount = 17;

    private const int TradeId = 0, TradeSymbol = 1, TradeTime = 2, TradeOrderId = 3, TradeAmount = 4, TradePrice = 5, TradeMaker = 8,
        TradeFee = 9, TradeFeeAsset = 10, TradeClientId = 11, TradeFieldCount = 12;

    /// <summary>An order of the private channel: what happened to it.</summary>
    /// <param name="row">The array.</param>
    /// <param name="isUpdate">It changed and goes on: a part was filled, or an amendment took place.</param>
    /// <param name="batch">Takes the report.</param>
    public QuarantineCause Add(JsonValue row, bool isUpdate, ExecutionBatch batch)
    {
        var cause = Read(row, isUpdate ? BitfinexRow.Update : BitfinexRow.Event, out var report, out var isForeign);
        if (cause != QuarantineCause.None || isForeign) return cause;
        if (report.Kind == ExecutionKind.Amended)
        {
            batch.AddReport(ExecutionKind.Amended) = report;
            return QuarantineCause.None;
        }

        report.Kind = report.State switch
        {
            OrderState.Working => ExecutionKind.Accepted,
            OrderState.PartiallyFilled => ExecutionKind.OrderStatus,
            OrderState.Filled => ExecutionKind.Filled,
            OrderState.Expired => ExecutionKind.Expired,
            _ => ExecutionKind.Cancelled,
        };
        batch.AddReport(report.Kind) = report;
        return QuarantineCause.None;
    }

    /// <summary>An order of a snapshot or an answer: how it is.</summary>
    public QuarantineCause AddStatus(JsonValue row, ExecutionBatch batch)
    {
        var cause = Read(row, BitfinexRow.Status, out var report, out var isForeign);
        if (cause == QuarantineCause.None && !isForeign) batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return cause;
    }

    /// <summary>One trade of ours; the fee is a cost where negative.</summary>
    public QuarantineCause AddFill(JsonValue row, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeFieldCount];
        var fields = new BitfinexArray(row, ranges);
        var cause = QuarantineCause.None;
        ExecutionReport report = default;
        report.Venue = context.Venue;
        ReadClientId(fields[TradeClientId], out report.ClientOrderId);
        if (!fields[TradeSymbol].IsString) return QuarantineCause.Malformed;
        if (!context.Instruments.TryFind(context.Venue, fields[TradeSymbol], out report.Instrument)) return Foreign(report.ClientOrderId);
        report.VenueOrderId = fields[TradeOrderId].VenueOrderIdOrEmpty(ref cause);
        report.ExchangeTime = fields[TradeTime].UnixMsOrZero(ref cause);
        report.LastQuantity = BitfinexNumbers.RequireAmount(fields[TradeAmount], ref cause, out report.Side);
        report.LastPrice = fields[TradePrice].RequirePrice(ref cause);
        report.IsMaker = fields[TradeMaker].Raw.SequenceEqual("1"u8);
        Span<byte> scratch = stackalloc byte[64];
        if (fields[TradeId].IsNumber) report.TradeId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));
        if (fields[TradeFee].IsEmpty) statistics.FeesIncomplete++;
        else report.FeeRaw = -fields[TradeFee].AmountOrZero(ref cause);
        if (!currencies.TryFind(fields[TradeFeeAsset], out report.FeeAsset) && report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
        if (report.TradeId == 0 || report.Side == Side.None || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report with { Kind = ExecutionKind.Fill };
        return cause;
    }

    /// <summary>Our id in an order, or none; an answer about another order must not be taken for one.</summary>
    public static ClientOrderId IdOf(JsonValue row)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[ClientId + 1];
        ReadClientId(new BitfinexArray(row, ranges)[ClientId], out var id);
        return id;
    }

    /// <summary>The venue's id and ours, as far as an order in a notification has them.</summary>
    public static void ReadIds(JsonValue row, out long venueOrderId, out ClientOrderId id)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[ClientId + 1];
        var fields = new BitfinexArray(row, ranges);
        fields[OrderId].TryInt64(out venueOrderId);
        ReadClientId(fields[ClientId], out id);
    }

    private QuarantineCause Read(JsonValue row, BitfinexRow kind, out ExecutionReport report, out bool isForeign)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[OrderFieldCount];
        var fields = new BitfinexArray(row, ranges);
        var cause = QuarantineCause.None;
        report = default;
        isForeign = false;
        report.Venue = context.Venue;
        ReadClientId(fields[ClientId], out report.ClientOrderId);
        if (!fields[Symbol].IsString) return QuarantineCause.Malformed;
        if (!context.Instruments.TryFind(context.Venue, fields[Symbol], out report.Instrument))
        {
            isForeign = true;
            return Foreign(report.ClientOrderId);
        }

        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.ExchangeTime = fields[UpdateTime].UnixMsOrZero(ref cause);
        var left = BitfinexNumbers.RequireAmount(fields[Remaining], ref cause, out _);
        var whole = BitfinexNumbers.RequireAmount(fields[Original], ref cause, out report.Side);
        if (cause == QuarantineCause.None) Count(ref report, kind, fields[OrderPrice], left, whole);
        report.State = StateOf(fields[Status], report.CumulativeQuantity, out report.Reason);
        if (report.State == OrderState.None || report.Side == Side.None || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    /// <summary>
    /// What is filled, from what is left; zero, which says nothing, where the total is not known. The row's own total is what the order began with:
    /// an order of an earlier process may have been amended since. So may one that an answer tells of, since that was written.
    /// </summary>
    private void Count(ref ExecutionReport report, BitfinexRow kind, JsonValue price, Quantity left, Quantity whole)
    {
        ref var order = ref requests.OrderOf(report.ClientOrderId);
        if (order.Id.IsNone || left.Raw > long.MaxValue - order.Filled.Raw) return;
        if (kind == BitfinexRow.Status)
        {
            if (!order.IsAmended && !order.IsAmendPending && left < whole) report.CumulativeQuantity = whole - left;
            return;
        }

        if (!order.IsAmended) order.Total = whole;
        if (kind == BitfinexRow.Update && price.GetDecimal(out var priceRaw, out _) == QuarantineCause.None && order.IsAsAsked(priceRaw, left, whole))
        {
            order.Amend(left);
            order.IsAmendPending = false;
            report.Kind = ExecutionKind.Amended;
            report.LastPrice = order.AskedPrice;
            report.LastQuantity = order.Total;
        }
        else if (order.HasGrown(left))
        {
            // By somebody else.
            order.Amend(left);
        }

        if (order.Total.Raw > 0) report.CumulativeQuantity = order.Filled = order.Total - left;
    }

    private QuarantineCause Foreign(ClientOrderId id)
    {
        if (!id.IsNone) return QuarantineCause.UnknownInstrument;
        statistics.ReportsForeign++;
        return QuarantineCause.None;
    }

    private static void ReadClientId(JsonValue value, out ClientOrderId id)
    {
        id = default;
        if (value.IsNumber && value.TryInt64(out var cid)) BitfinexClientIds.TryDecode(cid, out id);
    }

    /// <summary>
    /// The first words count; what follows are prices and earlier states ("EXECUTED @ 107.6(-0.2): was PARTIALLY FILLED @ …"). An order the
    /// venue takes away after it had rested is cancelled with a reason, one that never did is refused by the notification.
    /// </summary>
    private static OrderState StateOf(JsonValue status, Quantity filled, out RejectReason reason)
    {
        Span<byte> scratch = stackalloc byte[256];
        var text = status.Text.Length <= scratch.Length ? status.GetText(scratch) : status.Text;
        reason = RejectReason.None;
        if (!status.IsString) return OrderState.None;
        if (text.StartsWith("ACTIVE"u8)) return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (text.StartsWith("PARTIALLY FILLED"u8)) return OrderState.PartiallyFilled;
        if (text.StartsWith("EXECUTED"u8) || text.StartsWith("FORCED EXECUTED"u8)) return OrderState.Filled;
        if (text.StartsWith("IOC CANCELED"u8) || text.StartsWith("FILLORKILL CANCELED"u8)) return OrderState.Expired;
        if (text.StartsWith("POSTONLY CANCELED"u8)) reason = RejectReason.WouldTakeLiquidity;
        else if (text.StartsWith("INSUFFICIENT"u8)) reason = RejectReason.InsufficientFunds;
        else if (text.StartsWith("RSN_PAUSE"u8)) reason = RejectReason.InstrumentNotTrading;
        else if (text.StartsWith("RSN_DUST"u8)) reason = RejectReason.QuantityOutOfRange;
        else if (text.StartsWith("RSN_"u8)) reason = RejectReason.Rejected;
        else if (!text.StartsWith("CANCELED"u8)) return OrderState.None;
        return OrderState.Cancelled;
    }
}
