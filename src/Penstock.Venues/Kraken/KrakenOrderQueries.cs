using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Kraken;

/// <summary>The signed REST calls that fetch the token, resolve unknown outcomes and reconcile (venues/kraken.md §4.4). Off the hot path.</summary>
internal sealed class KrakenOrderQueries(OrderContext context, KrakenSigner signer, OrderProtocolStatistics statistics) : IAccountQueries
{
    public RestRequest Token(long unixNs) => signer.Post("/0/private/GetWebSocketsToken", "", unixNs);

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        var key = venueOrderId.IsEmpty ? $"&cl_ord_id={id}" : $"&txid={venueOrderId}";
        return signer.Post("/0/private/QueryOrders", key, unixNs);
    }

    /// <summary>Neither call takes a pair, and calls are few here: asking for each instrument made a restart wait for most of a minute.</summary>
    public bool AnswersForAllInstruments => true;

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => signer.Post("/0/private/OpenOrders", "", unixNs);

    /// <summary>Whole seconds, rounded down: a fill too many is applied once anyway, a fill too few is lost.</summary>
    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var start = since.UnixNs > 0 ? $"&start={since.UnixNs / 1_000_000_000}" : "";
        return signer.Post("/0/private/TradesHistory", start, unixNs, weight: 2);
    }

    public RestRequest Balances(long unixNs) => signer.Post("/0/private/BalanceEx", "", unixNs);

    /// <returns>The token, or null.</returns>
    public static string? ReadToken(ReadOnlySpan<byte> body)
    {
        if (ParseResult(200, body, out var result, out _) != QuarantineCause.None) return null;
        Span<byte> scratch = stackalloc byte[512];
        var token = result["token"u8];
        return token.IsString && !token.IsEmpty ? System.Text.Encoding.UTF8.GetString(token.GetText(scratch)) : null;
    }

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseResult(httpStatus, body, out var result, out var reason);
        if (cause != QuarantineCause.None && reason != RejectReason.OrderNotFound) return cause;
        int listed = 0, found = 0;
        if (cause == QuarantineCause.None)
        {
            Span<byte> scratch = stackalloc byte[64];
            foreach (var order in result.Members)
            {
                // An answer about another order than the one asked for would be worse than none.
                listed++;
                if (ClientOrderId.TryParse(order.Value["cl_ord_id"u8].GetText(scratch), out var named) && named != id) continue;
                if (found++ > 0) continue;
                cause = AddStatus(order, instrument, id, batch);
                if (cause != QuarantineCause.None) return cause;
            }
        }

        if (found > 0) return QuarantineCause.None;
        if (listed > 0) return QuarantineCause.Malformed; // about others only: that says nothing of ours
        batch.AddOrderNotFound(context.Venue, instrument.Id, id);
        return QuarantineCause.None;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseResult(httpStatus, body, out var result, out _);
        if (cause != QuarantineCause.None) return cause;
        var open = result["open"u8];
        if (!open.IsObject) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var order in open.Members)
        {
            // The venue lists all pairs; the others are asked for with their own instrument.
            if (!IsPair(order.Value["descr"u8]["pair"u8], instrument)) continue;
            cause = AddStatus(order, instrument, ClientOrderId.None, batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseResult(httpStatus, body, out var result, out _);
        if (cause != QuarantineCause.None) return cause;
        var trades = result["trades"u8];
        if (!trades.IsObject) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var listed = 0;
        foreach (var trade in trades.Members)
        {
            listed++;
            if (!IsPair(trade.Value["pair"u8], instrument)) continue;
            cause = AddFill(trade, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        if (result["count"u8].TryInt64(out var count) && count > listed) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseResult(httpStatus, body, out var result, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var item in result.Members)
        {
            var held = item.Value["hold_trade"u8].AmountOrZero(ref cause);
            var balance = item.Value["balance"u8].AmountOrZero(ref cause);
            var free = balance - held;
            if (held < 0 || free > balance) cause.KeepFirst(QuarantineCause.NumberOutOfRange); // the difference left 64 bits
            if (item.Value["balance"u8].IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) break;
            if (!Text16.TryCreate(KrakenAssetNames.ToOurs(item.Name), out var asset))
            {
                statistics.BalancesSkipped++;
                continue;
            }

            batch.AddBalance(context.Venue, asset, free, held);
        }

        return batch.Finish(cause, start);
    }

    private QuarantineCause AddStatus(JsonMember order, Instrument instrument, ClientOrderId id, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var fields = order.Value;
        ExecutionReport report = default;
        report.Kind = ExecutionKind.OrderStatus;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        if (!OrderFields.TryVenueOrderId(order.Name, out report.VenueOrderId)) cause.KeepFirst(QuarantineCause.Malformed);
        cause.KeepFirst(OrderFields.Identify(fields["cl_ord_id"u8], ref id));
        report.ClientOrderId = id;
        report.Side = KrakenExecutionRow.SideOf(fields["descr"u8]["type"u8], ref cause);
        report.CumulativeQuantity = fields["vol_exec"u8].RequireCumulative(ref cause);
        report.ExchangeTime = SecondsOf(fields["closetm"u8].IsEmpty ? fields["opentm"u8] : fields["closetm"u8], ref cause);
        report.State = StateOf(fields["status"u8], report.CumulativeQuantity);
        if (report.State == OrderState.None) cause.KeepFirst(QuarantineCause.Malformed);
        // Of a change that was not answered these prove that it took place. A market order has no price.
        var unpriced = QuarantineCause.None;
        var (price, total) = (fields["descr"u8]["price"u8].RequirePrice(ref unpriced), fields["vol"u8].RequireQuantity(ref unpriced));
        if (unpriced == QuarantineCause.None) (report.LastPrice, report.LastQuantity) = (price, total);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report;
        return cause;
    }

    private QuarantineCause AddFill(JsonMember trade, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        var fields = trade.Value;
        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = KrakenExecutionRow.SideOf(fields["type"u8], ref cause);
        report.IsMaker = fields["maker"u8].IsTrue;
        report.VenueOrderId = fields["ordertxid"u8].VenueOrderIdOrEmpty(ref cause);
        ClientOrderId.TryParse(fields["cl_ord_id"u8].GetText(scratch), out report.ClientOrderId);
        report.LastPrice = fields["price"u8].RequirePrice(ref cause);
        report.LastQuantity = fields["vol"u8].RequireQuantity(ref cause);
        report.FeeRaw = fields["fee"u8].FeeOrZero(ref cause);
        // The answer names no asset; unless asked otherwise the venue takes its fee in the quote currency.
        report.FeeAsset = instrument.Quote;
        report.ExchangeTime = SecondsOf(fields["time"u8], ref cause);
        var number = fields["trade_id"u8];
        report.TradeId = TradeIdNumber.Of(number.IsEmpty ? trade.Name : number.GetText(scratch));
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    private static bool IsPair(JsonValue pair, Instrument instrument)
    {
        Span<byte> scratch = stackalloc byte[64];
        return KrakenAssetNames.IsPair(pair.GetText(scratch), instrument.Base, instrument.Quote);
    }

    private static OrderState StateOf(JsonValue status, Quantity filled)
    {
        if (status.Is("pending"u8)) return OrderState.Acked;
        if (status.Is("open"u8)) return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (status.Is("closed"u8)) return OrderState.Filled;
        if (status.Is("canceled"u8)) return OrderState.Cancelled;
        return status.Is("expired"u8) ? OrderState.Expired : OrderState.None;
    }

    /// <summary>"1688585840.8921", seconds with a fraction: as a 1e-8 number, ten times too coarse for nanoseconds.</summary>
    private static ExchangeTime SecondsOf(JsonValue seconds, ref QuarantineCause cause)
    {
        var raw = seconds.AmountOrZero(ref cause);
        if (raw is >= 0 and < long.MaxValue / 10) return new ExchangeTime(raw * 10);
        cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        return default;
    }

    /// <summary>Errors come with HTTP 200: the array decides.</summary>
    private static QuarantineCause ParseResult(int httpStatus, ReadOnlySpan<byte> body, out JsonValue result, out RejectReason reason)
    {
        result = default;
        reason = RejectReason.None;
        var cause = JsonValue.Parse(body, out var root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (!root["error"u8].IsArray) return QuarantineCause.Malformed;
        Span<byte> scratch = stackalloc byte[256];
        foreach (var error in root["error"u8].Elements)
        {
            var text = error.GetText(scratch);
            // 'W' starts a warning; the result stands.
            if (text.StartsWith("W"u8)) continue;
            reason = KrakenErrors.ReasonOf(text);
            return QuarantineCause.VenueError;
        }

        result = root["result"u8];
        if (httpStatus != 200) return QuarantineCause.VenueError;
        return result.IsObject ? QuarantineCause.None : QuarantineCause.Malformed;
    }
}
