using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Model.Orders;
using Penstock.Venues.Binance;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// Frames of the two order connections: answers of the WebSocket API, which have a status; events of the private stream, which have a type;
/// and the stream's own answers, which have neither (venues/binance.md §4.2, §4.4).
/// </summary>
internal sealed class BinanceUsdmExecutionDecoder(OrderContext context, BinanceUsdmAccount account, OrderProtocolStatistics statistics)
{
    private const int Event = 0, EventTime = 1, Order = 2, Account = 3, RequestId = 4, HttpStatus = 5, Result = 6, Error = 7, Code = 8;

    private static readonly JsonFields FrameFields = new("e", "E", "o", "a", "id", "status", "result", "error", "code");

    private const int Lifetime = BinanceReports.OwnFields, LimitPrice = Lifetime + 1, Whole = Lifetime + 2;

    private static readonly JsonFields RowFields = new([.. BinanceReports.FieldNames, "f", "p", "q"]);

    /// <summary>
    /// Events that say nothing of orders or balances, or say it again: after a TRADE_LITE comes its ORDER_TRADE_UPDATE with the fee.
    /// </summary>
    private static readonly byte[][] Unused =
    [
        "TRADE_LITE"u8.ToArray(), "ACCOUNT_CONFIG_UPDATE"u8.ToArray(), "MARGIN_CALL"u8.ToArray(), "STRATEGY_UPDATE"u8.ToArray(),
        "GRID_UPDATE"u8.ToArray(), "CONDITIONAL_ORDER_TRIGGER_REJECT"u8.ToArray(), "ALGO_UPDATE"u8.ToArray(),
    ];

    private readonly BinanceReports _reports = new(context, statistics);

    public QuarantineCause Decode(ReadOnlySpan<byte> frame, ExecutionBatch batch)
    {
        var cause = JsonValue.Parse(frame, out var root);
        if (cause != QuarantineCause.None) return cause;
        Span<JsonRange> ranges = stackalloc JsonRange[FrameFields.Count];
        cause = FrameFields.Pick(root, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        if (fields[Event].IsString) return DecodeEvent(fields, batch);
        return fields[HttpStatus].IsPresent ? DecodeResponse(fields, batch) : DecodeStreamAnswer(fields, batch);
    }

    /// <summary>To the question for the subscriptions, asked first: the stream is open and answers.</summary>
    private static QuarantineCause DecodeStreamAnswer(in JsonPicked fields, ExecutionBatch batch)
    {
        if (fields[Error].IsPresent || fields[Code].IsPresent) batch.Signal = OrderSignal.LoginRefused;
        else if (fields[Result].IsArray && fields[RequestId].IsPresent) batch.Signal = OrderSignal.SessionReady;
        else return QuarantineCause.UnknownChannel;
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeResponse(in JsonPicked fields, ExecutionBatch batch)
    {
        if (!fields[HttpStatus].TryInt64(out var status)) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[64];
        var id = fields[RequestId].GetText(scratch);
        fields[Error]["code"u8].TryInt64(out var code);
        if (id.SequenceEqual(BinanceOrderEncoder.LoginId))
        {
            batch.Signal = status == 200 ? OrderSignal.SessionReady : OrderSignal.LoginRefused;
            return QuarantineCause.None;
        }

        if (id.SequenceEqual(BinanceUsdmOrderEncoder.KeepId))
        {
            if (status == 200) return QuarantineCause.None;
            // The stream that the key opened is dead, whatever it looks like.
            if (code != BinanceUsdmErrors.NoListenKey) return QuarantineCause.VenueError;
            batch.Signal = OrderSignal.PrivateStreamGap;
            return QuarantineCause.None;
        }

        if (!RequestTag.TryParse(id, out var kind, out var order))
        {
            statistics.ResponsesUnmatched++;
            return status == 200 ? QuarantineCause.None : QuarantineCause.VenueError;
        }

        if (status != 200) return DecodeRefusal(fields[Error], status, code, kind, order, batch);
        // What a cancel or a change did is told by the stream, in order with the fills before it.
        if (kind != RequestKind.Place) return QuarantineCause.None;
        return _reports.AddAck(fields[Result], fields[Result]["updateTime"u8], order, batch);
    }

    private QuarantineCause DecodeRefusal(JsonValue error, long status, long code, RequestKind kind, ClientOrderId order, ExecutionBatch batch)
    {
        Span<byte> scratch = stackalloc byte[256];
        var reason = BinanceUsdmErrors.ReasonOf(status, code, error["msg"u8].GetText(scratch));
        batch.AddRefusal(kind, context.Venue, order, reason, code == 0 ? Math.Clamp(status, 0, 999) : code);
        return QuarantineCause.None;
    }

    private QuarantineCause DecodeEvent(in JsonPicked fields, ExecutionBatch batch)
    {
        var type = fields[Event];
        if (type.Is("ORDER_TRADE_UPDATE"u8)) return DecodeOrder(fields[Order], fields[EventTime], batch);
        if (type.Is("ACCOUNT_UPDATE"u8)) return DecodeAccount(fields[Account], batch);
        if (type.Is("listenKeyExpired"u8) || type.Is("serverShutdown"u8))
        {
            batch.Signal = OrderSignal.ReconnectRequested;
            return QuarantineCause.None;
        }

        foreach (var unused in Unused)
        {
            if (type.Is(unused)) return QuarantineCause.None;
        }

        return QuarantineCause.UnknownChannel;
    }

    private QuarantineCause DecodeOrder(JsonValue order, JsonValue eventTime, ExecutionBatch batch)
    {
        Span<JsonRange> ranges = stackalloc JsonRange[RowFields.Count];
        var cause = RowFields.Pick(order, ranges, out var fields);
        if (cause != QuarantineCause.None) return cause;
        Span<byte> scratch = stackalloc byte[64];
        // Liquidations and deleveraging have ids of the venue's own making: none of ours, and yet our fills.
        ClientOrderId.TryParse(fields[BinanceReports.ClientId].GetText(scratch), out var id);
        var kind = KindOf(fields);
        cause = _reports.Read(fields, id, kind, eventTime, out var report);
        if (cause != QuarantineCause.None || report.Kind == ExecutionKind.None) return cause;
        if (kind == ExecutionKind.Rejected) report.Reason = RejectReason.Rejected;
        // A post-only order that would have taken is accepted first, and ends like this.
        if (kind == ExecutionKind.Expired && fields[Lifetime].Is("GTX"u8)) report.Reason = RejectReason.WouldTakeLiquidity;
        if (kind == ExecutionKind.Amended)
        {
            report.LastPrice = fields[LimitPrice].RequirePrice(ref cause);
            report.LastQuantity = fields[Whole].RequireQuantity(ref cause);
        }

        if (cause == QuarantineCause.None) batch.AddReport(kind) = report;
        return cause;
    }

    /// <summary>Wallets and positions that changed; read twice, so that a message with a mistake changes nothing.</summary>
    private QuarantineCause DecodeAccount(JsonValue changes, ExecutionBatch batch)
    {
        var cause = ReadAccount(changes, sets: false);
        if (cause != QuarantineCause.None) return cause;
        ReadAccount(changes, sets: true);
        account.Tell(batch);
        // Of a cross margin position only the wallet is told, not whose payment it was.
        if (changes["m"u8].Is("FUNDING_FEE"u8)) batch.FundingsWanted = true;
        return QuarantineCause.None;
    }

    private QuarantineCause ReadAccount(JsonValue changes, bool sets)
    {
        var wallets = changes["B"u8];
        var positions = changes["P"u8];
        if (!wallets.IsArray && !positions.IsArray) return QuarantineCause.Malformed;
        var cause = QuarantineCause.None;
        foreach (var wallet in wallets.Elements)
        {
            var raw = wallet["wb"u8].AmountOrZero(ref cause);
            if (!wallet["a"u8].IsString || wallet["wb"u8].IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
            else if (!wallet["a"u8].TryText16(out var asset)) statistics.BalancesSkipped += sets ? 1 : 0;
            else if (sets) account.SetWallet(asset, raw);
        }

        foreach (var position in positions.Elements)
        {
            var (quantity, entry) = (position["pa"u8].AmountOrZero(ref cause), position["ep"u8].AmountOrZero(ref cause));
            if (!position["s"u8].IsString || position["pa"u8].IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
            if (sets && _reports.TryInstrument(position["s"u8], out var instrument))
                account.SetPosition(instrument, quantity, (Int128)quantity * entry);
        }

        return cause;
    }

    private static ExecutionKind KindOf(in JsonPicked fields)
    {
        var execution = fields[BinanceReports.Execution];
        if (execution.Is("TRADE"u8)) return ExecutionKind.Fill;
        if (execution.Is("NEW"u8)) return ExecutionKind.Accepted;
        if (execution.Is("CANCELED"u8)) return ExecutionKind.Cancelled;
        if (execution.Is("EXPIRED"u8)) return ExecutionKind.Expired;
        if (execution.Is("REJECTED"u8)) return ExecutionKind.Rejected;
        if (execution.Is("AMENDMENT"u8)) return ExecutionKind.Amended;
        // A liquidation's own word for a trade; without a trade it only tells of the order.
        if (!execution.Is("CALCULATED"u8)) return ExecutionKind.None;
        return fields[BinanceReports.TradeId].TryInt64(out var trade) && trade > 0 ? ExecutionKind.Fill : ExecutionKind.OrderStatus;
    }
}
