using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bybit;

/// <summary>
/// A trade of the account as the `execution` topic and `execution/list` write it: one shape for both (venues/bybit.md §4.2, §4.4). Its
/// `leavesQty` is not used: what remains of a cancelled order is zero too, and would make it look filled.
/// </summary>
internal static class BybitFill
{
    private const int Symbol = 0, ClientId = 1, OrderId = 2, BuySell = 3, Kind = 4, Id = 5, Price = 6, Quantity = 7, Fee = 8,
        FeeAsset = 9, IsMaker = 10, Time = 11, ExtraFees = 12, Category = 13;

    private static readonly JsonFields Fields = new(
        "symbol", "orderLinkId", "orderId", "side", "execType", "execId", "execPrice", "execQty", "execFee", "feeCurrency", "isMaker",
        "execTime", "extraFees", "category");

    /// <summary>A row of the private topic, or of a REST answer.</summary>
    /// <param name="asked">The instrument of a REST answer; null on the topic.</param>
    public static QuarantineCause Add(
        JsonValue row, OrderContext context, Instrument? asked, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id);
        var instrument = InstrumentId.None;
        if (asked is null) cause = BybitOrderRow.FindInstrument(fields[Category], fields[Symbol], id, context, out instrument);
        else if (BybitOrderRow.IsOf(fields[Symbol], asked)) instrument = asked.Id;
        else cause = QuarantineCause.UnknownInstrument;
        if (cause != QuarantineCause.None) return cause;
        if (instrument == InstrumentId.None || !IsTrade(fields[Kind]))
        {
            // Somebody else's, or no trade of an order: funding, settlement, delivery.
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        cause = Read(fields, context, instrument, id, out var report);
        if (cause != QuarantineCause.None) return cause;
        if (!fields[ExtraFees].IsEmpty && !fields[ExtraFees].Raw.SequenceEqual("[]"u8)) statistics.FeesIncomplete++;
        batch.AddReport(ExecutionKind.Fill) = report;
        return QuarantineCause.None;
    }

    private static QuarantineCause Read(
        in JsonPicked fields, OrderContext context, InstrumentId instrument, ClientOrderId id, out ExecutionReport report)
    {
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = BybitOrderRow.SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = fields[Price].RequirePrice(ref cause);
        report.LastQuantity = fields[Quantity].RequireQuantity(ref cause);
        report.IsMaker = fields[IsMaker].IsTrue;
        report.ExchangeTime = fields[Time].UnixMsOrZero(ref cause);
        report.TradeId = TradeIdNumber.Of(fields[Id].GetText(scratch));
        ReadFee(fields, context, ref report, ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        return cause;
    }

    private static bool IsTrade(JsonValue kind) =>
        kind.Is("Trade"u8) || kind.Is("AdlTrade"u8) || kind.Is("BustTrade"u8) || kind.Is("BlockTrade"u8);

    /// <summary>Paid is positive. Where the asset is not told it is the one received: that is what spot takes its fees in.</summary>
    private static void ReadFee(in JsonPicked fields, OrderContext context, ref ExecutionReport report, ref QuarantineCause cause)
    {
        report.FeeRaw = fields[Fee].FeeOrZero(ref cause);
        if (report.FeeRaw == 0 || cause != QuarantineCause.None) return;
        if (fields[FeeAsset].IsEmpty)
        {
            var instrument = context.Instruments[report.Instrument];
            report.FeeAsset = report.Side == Side.Buy ? instrument.Base : instrument.Quote;
        }
        else if (!fields[FeeAsset].TryText16(out report.FeeAsset))
        {
            cause = QuarantineCause.Malformed;
        }
    }
}
