using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Gateio;

/// <summary>A fill as `spot.usertrades` and `my_trades` write it: the same fields, the id a number here and a string there.</summary>
internal static class GateioFillRow
{
    private const int TradeId = 0, OrderId = 1, Text = 2, Pair = 3, BuySell = 4, Amount = 5, TradePrice = 6, Role = 7, Fee = 8, FeeAsset = 9,
        PointFee = 10, GateFee = 11, TimeMs = 12;

    private static readonly JsonFields Fields = new(
        "id", "order_id", "text", "currency_pair", "side", "amount", "price", "role", "fee", "fee_currency", "point_fee", "gt_fee", "create_time_ms");

    private static readonly Text16 GateToken = Text16.From("GT");

    private static readonly Text16 Points = Text16.From("POINT");

    /// <param name="asked">The instrument a REST answer is about; none on the channel, where each row names its own.</param>
    public static QuarantineCause Add(JsonValue row, OrderContext context, InstrumentId asked, OrderProtocolStatistics statistics, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[Fields.Count];
        var cause = Fields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        var id = GateioOrderRow.IdOf(fields[Text]);
        var instrument = asked;
        if ((asked == InstrumentId.None || fields[Pair].IsPresent)
            && !GateioOrderRow.TryInstrument(fields[Pair], id, context, statistics, out instrument, out cause)) return cause;
        if (asked != InstrumentId.None && instrument != asked) return QuarantineCause.UnknownInstrument;

        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = GateioOrderRow.SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = fields[TradePrice].RequirePrice(ref cause);
        report.LastQuantity = fields[Amount].RequireQuantity(ref cause);
        report.IsMaker = fields[Role].Is("maker"u8);
        report.ExchangeTime = fields[TimeMs].MsOrZero(ref cause);
        report.TradeId = TradeIdNumber.Of(fields[TradeId].GetText(scratch));
        ReadFee(fields, context.Instruments[instrument], statistics, ref report, ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    /// <summary>A fee is paid in what was bought, in points or in the venue's own token; a report has room for one of them.</summary>
    private static void ReadFee(
        in JsonPicked fields, Instrument instrument, OrderProtocolStatistics statistics, ref ExecutionReport report, ref QuarantineCause cause)
    {
        var (fee, points, token) = (fields[Fee].FeeOrZero(ref cause), fields[PointFee].FeeOrZero(ref cause), fields[GateFee].FeeOrZero(ref cause));
        if ((fee != 0 ? 1 : 0) + (points != 0 ? 1 : 0) + (token != 0 ? 1 : 0) > 1) statistics.FeesIncomplete++;
        report.FeeRaw = fee != 0 ? fee : token != 0 ? token : points;
        if (fee == 0 && report.FeeRaw != 0) report.FeeAsset = token != 0 ? GateToken : Points;
        else if (!fields[FeeAsset].TryText16(out report.FeeAsset)) report.FeeAsset = report.Side == Side.Buy ? instrument.Base : instrument.Quote;
    }
}
