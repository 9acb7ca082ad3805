using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>
/// Frames of the private channels: orders and trades come on different ones without a common order, so a trade is a fill
/// without a state, and an ended order names its total (venues/bitstamp.md §4.3, §4.4).
/// </summary>
internal sealed class BitstampExecutionDecoder(OrderContext context, OrderProtocolStatistics statistics)
{
    private const int Happening = 0, Channel = 1, Data = 2;
    private const int OrderId = 0, Type = 1, Stamp = 2, Remaining = 3, Traded = 4, AtCreate = 5, ClientId = 6;
    private const int TradeId = 0, Amount = 1, Price = 2, TradeStamp = 3, Fee = 4, TradeOrderId = 5, TradeClientId = 6, BuySell = 7;

    private static readonly JsonFields EnvelopeFields = new("event", "channel", "data");
    private static readonly JsonFields OrderRowFields = new(
        "id", "order_type", "microtimestamp", "amount_str", "amount_traded", "amount_at_create", "client_order_id");
    private static readonly JsonFields TradeRowFields = new(
        "id", "amount", "price", "microtimestamp", "fee", "order_id", "client_order_id", "side");

    /// <summary>Replaced orders whose end may still be announced.</summary>
    private const int ForgottenMax = 256;

    private readonly HashSet<(int Instrument, bool IsTrades)> _awaited = [];
    private readonly Text40[] _forgotten = new Text40[ForgottenMax];
    private int _forgottenCount;
    private bool _ready;

    private static ReadOnlySpan<byte> OrdersPrefix => "private-my_orders_"u8;

    private static ReadOnlySpan<byte> TradesPrefix => "private-my_trades_"u8;

    public void Reset()
    {
        _awaited.Clear();
        _ready = false;
    }

    /// <summary>The session is ready when both channels of every instrument are confirmed.</summary>
    public void Await(InstrumentId instrument)
    {
        _awaited.Add((instrument.Value, false));
        _awaited.Add((instrument.Value, true));
    }

    /// <summary>An order that was replaced: that it ended is no end of ours.</summary>
    public void Forget(in Text40 venueOrderId)
    {
        if (!venueOrderId.IsEmpty) _forgotten[(_forgottenCount++ & int.MaxValue) % ForgottenMax] = venueOrderId;
    }

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[EnvelopeFields.Count];
        cause = EnvelopeFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[128];
        var happening = fields[Happening];
        if (!happening.IsString) return QuarantineCause.UnknownChannel;
        var channel = fields[Channel].GetText(scratch);
        if (happening.Text.StartsWith("bts:"u8)) return DecodeControl(happening, channel, batch);
        if (TryMarket(channel, OrdersPrefix, out var market)) return DecodeOrder(happening, market, fields[Data], batch);
        return TryMarket(channel, TradesPrefix, out market) && happening.Is("trade"u8)
            ? DecodeTrade(market, fields[Data], batch) : QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodeControl(JsonValue happening, ReadOnlySpan<byte> channel, ExecutionBatch batch)
    {
        if (happening.Is("bts:heartbeat"u8)) batch.Signal = OrderSignal.Pong;
        else if (happening.Is("bts:subscription_succeeded"u8)) Confirm(channel, batch);
        else if (happening.Is("bts:request_reconnect"u8)) batch.Signal = OrderSignal.ReconnectRequested;
        else if (happening.Is("bts:error"u8))
        {
            // Until all channels are up every error ends the attempt: without one of them fills would be missed.
            if (_ready) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.LoginRefused;
        }
        else if (!happening.Is("bts:unsubscription_succeeded"u8))
        {
            return QuarantineCause.UnknownChannel;
        }

        return QuarantineCause.None;
    }

    private void Confirm(ReadOnlySpan<byte> channel, ExecutionBatch batch)
    {
        var isTrades = false;
        if (!TryMarket(channel, OrdersPrefix, out var market))
        {
            if (!TryMarket(channel, TradesPrefix, out market)) return;
            isTrades = true;
        }

        if (!context.Instruments.TryFind(context.Venue, market, out var instrument)) return;
        if (!_awaited.Remove((instrument.Value, isTrades)) || _awaited.Count > 0 || _ready) return;
        _ready = true;
        batch.Signal = OrderSignal.SessionReady;
    }

    private QuarantineCause DecodeOrder(JsonValue happening, ReadOnlySpan<byte> market, JsonValue row, ExecutionBatch batch)
    {
        var ended = happening.Is("order_deleted"u8);
        var replaced = happening.Is("order_replaced"u8);
        if (!ended && !replaced && !happening.Is("order_created"u8) && !happening.Is("order_changed"u8)) return QuarantineCause.UnknownChannel;
        Span<JsonRange> ranges = stackalloc JsonRange[OrderRowFields.Count];
        var cause = OrderRowFields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!TryInstrument(market, fields[ClientId], out var id, out var instrument, out cause)) return cause;

        ExecutionReport report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Side = SideOf(fields[Type], ref cause);
        report.VenueOrderId = fields[OrderId].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = fields[Traded].RequireCumulative(ref cause);
        report.ExchangeTime = UnixUsOrZero(fields[Stamp], ref cause);
        var remaining = fields[Remaining].RequireCumulative(ref cause);
        var total = fields[AtCreate].QuantityOrZero(ref cause);
        var isFilled = fields[AtCreate].IsEmpty ? remaining.Raw == 0 : report.CumulativeQuantity >= total;
        if (report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None && (replaced || (ended && IsForgotten(report.VenueOrderId))))
        {
            // The order goes on under another id; the answer to the replacement tells which.
            if (replaced) Forget(report.VenueOrderId);
            return QuarantineCause.None;
        }

        (report.Kind, report.State) = Meaning(ended, isFilled && report.CumulativeQuantity.Raw > 0, report.CumulativeQuantity);
        if (cause == QuarantineCause.None) batch.AddReport(report.Kind) = report;
        return cause;
    }

    private bool IsForgotten(in Text40 venueOrderId)
    {
        for (var i = 0; i < Math.Min(_forgottenCount, ForgottenMax); i++)
        {
            if (_forgotten[i].Equals(venueOrderId)) return true;
        }

        return false;
    }

    private static (ExecutionKind, OrderState) Meaning(bool ended, bool isFilled, Quantity traded) =>
        ended && isFilled ? (ExecutionKind.Filled, OrderState.Filled)
        : ended ? (ExecutionKind.Cancelled, OrderState.Cancelled)
        : traded.Raw > 0 ? (ExecutionKind.OrderStatus, OrderState.PartiallyFilled)
        : (ExecutionKind.Accepted, OrderState.Working);

    /// <summary>The message has neither the order's total nor who was the maker.</summary>
    private QuarantineCause DecodeTrade(ReadOnlySpan<byte> market, JsonValue row, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[TradeRowFields.Count];
        var cause = TradeRowFields.Pick(row, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (!TryInstrument(market, fields[TradeClientId], out var id, out var instrument, out cause)) return cause;

        ExecutionReport report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument;
        report.ClientOrderId = id;
        report.Kind = ExecutionKind.Fill;
        report.State = OrderState.PartiallyFilled;
        report.Side = fields[BuySell].Is("buy"u8) ? Side.Buy : fields[BuySell].Is("sell"u8) ? Side.Sell : Side.None;
        report.VenueOrderId = fields[TradeOrderId].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = fields[Price].RequirePrice(ref cause);
        report.LastQuantity = fields[Amount].RequireQuantity(ref cause);
        report.ExchangeTime = UnixUsOrZero(fields[TradeStamp], ref cause);
        report.TradeId = TradeIdOf(fields[TradeId]);
        report.FeeRaw = fields[Fee].FeeOrZero(ref cause);
        report.FeeAsset = context.Instruments[instrument].Quote;
        if (report.Side == Side.None || report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    /// <summary>False with a cause for an own order on an unknown market, and without one for somebody else's, which is counted.</summary>
    private bool TryInstrument(
        ReadOnlySpan<byte> market, JsonValue clientId, out ClientOrderId id, out InstrumentId instrument, out QuarantineCause cause)
    {
        Span<byte> scratch = stackalloc byte[64];
        cause = QuarantineCause.None;
        ClientOrderId.TryParse(clientId.GetText(scratch), out id);
        if (context.Instruments.TryFind(context.Venue, market, out instrument)) return true;
        if (id.IsNone) statistics.ReportsForeign++;
        else cause = QuarantineCause.UnknownInstrument;
        return false;
    }

    /// <summary>0 buys, 1 sells; written as a number or as a text.</summary>
    public static Side SideOf(JsonValue type, ref QuarantineCause cause)
    {
        if (type.TryInt64(out var number) && number is 0 or 1) return number == 0 ? Side.Buy : Side.Sell;
        cause.KeepFirst(QuarantineCause.Malformed);
        return Side.None;
    }

    /// <summary>Zero for anything but a number or a text.</summary>
    public static long TradeIdOf(JsonValue id)
    {
        Span<byte> scratch = stackalloc byte[64];
        return id.IsString || id.IsNumber ? TradeIdNumber.Of(id.GetText(scratch)) : 0;
    }

    /// <summary>private-my_orders_btcusd-perp-1234567: the last dash parts the market from the user.</summary>
    private static bool TryMarket(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> market)
    {
        market = default;
        var dash = channel.LastIndexOf((byte)'-');
        if (!channel.StartsWith(prefix) || dash <= prefix.Length) return false;
        market = channel[prefix.Length..dash];
        return true;
    }

    private static ExchangeTime UnixUsOrZero(JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        cause.KeepFirst(value.GetInt64(out var us));
        if ((ulong)us <= long.MaxValue / 1_000) return new ExchangeTime(us * 1_000);
        cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return default;
    }
}
