using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>Orders and fills as the REST answers write them (venues/kucoin.md §4.2); the private stream has its own shape.</summary>
internal static class KucoinOrderRow
{
    private const int Symbol = 0, ClientId = 1, OrderId = 2, BuySell = 3, Size = 4, Dealt = 5, Active = 6, Cancelled = 7, Updated = 8, Created = 9,
        IsActive = 10;

    private const int FillSymbol = 0, FillOrder = 1, FillSide = 2, TradeId = 3, FillPrice = 4, FillSize = 5, Fee = 6, FeeAsset = 7,
        Liquidity = 8, FillTime = 9;

    private static readonly JsonFields OrderNames = new(
        "symbol", "clientOid", "id", "side", "size", "dealSize", "active", "cancelExist", "lastUpdatedAt", "createdAt", "isActive");

    private static readonly JsonFields FillNames = new(
        "symbol", "orderId", "side", "tradeId", "price", "size", "fee", "feeCurrency", "liquidity", "createdAt");

    /// <summary>An OrderStatus report of one row.</summary>
    /// <param name="asked">The id asked for; none takes the row's own.</param>
    public static QuarantineCause AddStatus(JsonValue row, OrderContext context, Instrument instrument, ClientOrderId asked, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[OrderNames.Count];
        var cause = OrderNames.Pick(row, ranges, out var fields);
        if (cause == QuarantineCause.None) cause = OrderFields.Identify(fields[ClientId], ref asked);
        if (cause == QuarantineCause.None) cause = Belongs(fields[Symbol], instrument);
        if (cause != QuarantineCause.None) return cause;

        ExecutionReport report = default;
        report.Kind = ExecutionKind.OrderStatus;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.ClientOrderId = asked;
        report.Side = SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Dealt].QuantityOrZero(ref cause);
        report.ExchangeTime = KucoinTime.OrZero(fields[Updated].IsEmpty ? fields[Created] : fields[Updated], ref cause);
        report.State = StateOf(fields, report.CumulativeQuantity, ref cause);
        if (report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report;
        return cause;
    }

    /// <summary>A Fill report; it names its order by the venue's id only, and is the one place where the fee stands.</summary>
    public static QuarantineCause AddFill(JsonValue row, OrderContext context, Instrument instrument, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[FillNames.Count];
        var cause = FillNames.Pick(row, ranges, out var fields);
        if (cause == QuarantineCause.None) cause = Belongs(fields[FillSymbol], instrument);
        if (cause != QuarantineCause.None) return cause;

        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = SideOf(fields[FillSide], ref cause);
        report.VenueOrderId = fields[FillOrder].VenueOrderIdOrEmpty(ref cause);
        report.TradeId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));
        report.LastPrice = fields[FillPrice].RequirePrice(ref cause);
        report.LastQuantity = fields[FillSize].RequireQuantity(ref cause);
        report.IsMaker = fields[Liquidity].Is("maker"u8);
        report.FeeRaw = fields[Fee].FeeOrZero(ref cause);
        if (!fields[FeeAsset].TryText16(out report.FeeAsset) && report.FeeRaw != 0) cause.KeepFirst(QuarantineCause.Malformed);
        report.ExchangeTime = KucoinTime.OrZero(fields[FillTime], ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    public static Side SideOf(JsonValue text, ref QuarantineCause cause)
    {
        if (text.Is("buy"u8)) return Side.Buy;
        if (text.Is("sell"u8)) return Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    private static QuarantineCause Belongs(JsonValue symbol, Instrument instrument) =>
        !symbol.IsString ? QuarantineCause.Malformed
        : symbol.Is(System.Text.Encoding.UTF8.GetBytes(instrument.VenueSymbol)) ? QuarantineCause.None
        : QuarantineCause.UnknownInstrument;

    /// <summary>
    /// An order that is no longer active was cancelled unless all of it was dealt; part of it may have been cancelled before the rest was dealt.
    /// </summary>
    private static OrderState StateOf(in JsonPicked fields, Quantity dealt, ref QuarantineCause cause)
    {
        var active = fields[Active].IsPresent ? fields[Active] : fields[IsActive];
        if (active.IsTrue) return dealt.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (!active.IsFalse) cause.KeepFirst(QuarantineCause.Malformed);
        return fields[Cancelled].IsTrue || dealt < fields[Size].QuantityOrZero(ref cause) ? OrderState.Cancelled : OrderState.Filled;
    }
}
