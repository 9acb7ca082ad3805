using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kucoin;

/// <summary>
/// Frames of the private connection: greeting, acknowledgements, and the topics `tradeOrdersV2` and `balance` (venues/kucoin.md §4.4).
/// </summary>
internal sealed class KucoinExecutionDecoder(
    OrderContext context, KucoinAlterations alterations, OrderProtocolStatistics statistics)
{
    private const int Type = 0, Id = 1, Topic = 2, Data = 3;

    private const int Symbol = 0, ClientId = 1, OrderId = 2, Happened = 3, BuySell = 4, Filled = 5, Time = 6;

    private static readonly JsonFields EnvelopeFields = new("type", "id", "topic", "data");
    private static readonly JsonFields RowFields = new("symbol", "clientOid", "orderId", "type", "side", "filledSize", "ts");
    private static readonly JsonFields BalanceFields = new("currency", "available", "hold", "relationEvent");

    private bool _ready;

    /// <summary>The venue has greeted and the subscriptions are still to be sent.</summary>
    public bool AwaitsSubscription { get; set; }

    /// <summary>The id the orders topic is subscribed with: its acknowledgement makes the session ready.</summary>
    public static ReadOnlySpan<byte> OrdersRequest => "1"u8;

    public void Reset() => AwaitsSubscription = _ready = false;

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Type].Is("message"u8)) return DecodeMessage(fields[Topic], fields[Data], batch);
        return DecodeControl(fields[Type], fields[Id], batch);
    }

    /// <summary>One asset of the account; also used for the REST answer.</summary>
    public QuarantineCause AddBalance(JsonValue asset, JsonValue free, JsonValue locked, ExecutionBatch batch)
    {
        var cause = asset.IsString ? QuarantineCause.None : QuarantineCause.Malformed;
        var freeRaw = free.AmountOrZero(ref cause);
        var lockedRaw = locked.AmountOrZero(ref cause);
        if (cause != QuarantineCause.None) return cause;
        if (asset.TryText16(out var name)) batch.AddBalance(context.Venue, name, freeRaw, lockedRaw);
        else statistics.BalancesSkipped++;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeControl(JsonValue type, JsonValue id, ExecutionBatch batch)
    {
        if (type.Is("pong"u8))
        {
            batch.Signal = OrderSignal.Pong;
        }
        else if (type.Is("welcome"u8))
        {
            AwaitsSubscription = true;
        }
        else if (type.Is("ack"u8))
        {
            if (_ready || !id.Is(OrdersRequest)) return QuarantineCause.None;
            _ready = true;
            batch.Signal = OrderSignal.SessionReady;
        }
        else if (type.Is("error"u8))
        {
            // Before the orders topic is up every error ends the attempt; a new one has a new token.
            if (_ready) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.LoginRefused;
        }
        else
        {
            return QuarantineCause.UnknownChannel;
        }

        return QuarantineCause.None;
    }

    private QuarantineCause DecodeMessage(JsonValue topic, JsonValue data, ExecutionBatch batch)
    {
        if (topic.Is("/spotMarket/tradeOrdersV2"u8) || topic.Is("/spotMarket/tradeOrders"u8)) return DecodeOrder(data, batch);
        return topic.Is("/account/balance"u8) ? DecodeBalance(data, batch) : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodeOrder(JsonValue row, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[RowFields.Count];
        var cause = RowFields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[64];
        ClientOrderId.TryParse(fields[ClientId].GetText(scratch), out var id);
        if (!fields[Symbol].IsString) return QuarantineCause.Malformed;
        if (!context.Instruments.TryFind(context.Venue, fields[Symbol], out var instrument))
        {
            if (!id.IsNone) return QuarantineCause.UnknownInstrument;
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        ExecutionReport report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = KucoinOrderRow.SideOf(fields[BuySell], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Filled].QuantityOrZero(ref cause);
        report.ExchangeTime = KucoinTime.OrZero(fields[Time], ref cause);
        (report.Kind, report.State) = MeaningOf(fields[Happened], report.CumulativeQuantity);
        if (report.Kind == ExecutionKind.None) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause != QuarantineCause.None) return cause;
        // A match tells price and size but no fee, and the fee is money: the fill is taken from REST, whole.
        if (report.CumulativeQuantity.Raw > 0) batch.RequestFills(instrument);
        if (alterations.TryTranslate(ref report)) batch.AddReport(report.Kind) = report;
        return QuarantineCause.None;
    }

    private static (ExecutionKind Kind, OrderState State) MeaningOf(JsonValue happened, Quantity filled)
    {
        var open = filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (happened.Is("match"u8)) return (ExecutionKind.OrderStatus, OrderState.PartiallyFilled);
        if (happened.Is("received"u8) || happened.Is("open"u8)) return (filled.Raw > 0 ? ExecutionKind.OrderStatus : ExecutionKind.Accepted, open);
        if (happened.Is("update"u8)) return (ExecutionKind.OrderStatus, open);
        if (happened.Is("filled"u8)) return (ExecutionKind.Filled, OrderState.Filled);
        return happened.Is("canceled"u8) ? (ExecutionKind.Cancelled, OrderState.Cancelled) : default;
    }

    private QuarantineCause DecodeBalance(JsonValue data, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[BalanceFields.Count];
        var cause = BalanceFields.Pick(data, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        // `main.…`, `margin.…`: other pockets, which orders cannot spend from.
        if (!fields[3].Text.StartsWith("trade"u8)) return fields[3].IsString ? QuarantineCause.None : QuarantineCause.Malformed;
        var start = batch.Mark();
        return batch.Finish(AddBalance(fields[0], fields[1], fields[2], batch), start);
    }
}
