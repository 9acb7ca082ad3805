using System.Globalization;
using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitstamp;

/// <summary>The signed calls that resolve unknown outcomes and reconcile (venues/bitstamp.md §4.2). Off the hot path.</summary>
internal sealed class BitstampOrderQueries(OrderContext context, BitstampSigner signer, OrderProtocolStatistics statistics) : IAccountQueries
{
    /// <summary>The largest page of user_transactions.</summary>
    private const int PageMax = 1_000;

    private const int TradeType = 2;

    public RestRequest Token(long unixNs) => signer.Post("/api/v2/websockets_token/", "", unixNs);

    /// <summary>With its transactions: nothing else in the answer tells how much was traded.</summary>
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs) =>
        signer.Post("/api/v2/order_status/", id.IsNone ? $"id={venueOrderId}" : $"client_order_id={id}", unixNs);

    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Post($"/api/v2/open_orders/{instrument.VenueSymbol}/", "", unixNs);

    /// <summary>
    /// By time, not by since_id: a transaction names its order by the venue's id alone, and one that came before we had learned
    /// that id must come again.
    /// </summary>
    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var from = since.UnixNs > 0 ? string.Create(CultureInfo.InvariantCulture, $"&since_timestamp={since.UnixNs / 1_000_000_000}") : "";
        return signer.Post($"/api/v2/user_transactions/{instrument.VenueSymbol}/", $"limit={PageMax}&sort=desc{from}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Post("/api/v2/account_balances/", "", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root, out var reason, out var code);
        if (reason == RejectReason.OrderNotFound)
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, code);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        if (!root.IsObject) return QuarantineCause.Malformed;
        cause = OrderFields.Identify(root["client_order_id"u8], ref id);
        if (cause != QuarantineCause.None) return cause;
        ExecutionReport report = default;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.ClientOrderId = id;
        report.Side = BitstampExecutionDecoder.SideOf(root["type"u8], ref cause);
        report.VenueOrderId = root["id"u8].VenueOrderIdOrEmpty(ref cause);
        report.CumulativeQuantity = Traded(root["transactions"u8], instrument, ref cause);
        report.State = StateOf(root["status"u8], report.CumulativeQuantity);
        if (report.State == OrderState.None || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report with { Kind = ExecutionKind.OrderStatus };
        return cause;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root, out _, out _);
        if (cause != QuarantineCause.None) return cause;
        if (!root.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var row in root.Elements)
        {
            cause = AddOpen(row, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root, out _, out _);
        if (cause != QuarantineCause.None) return cause;
        if (!root.IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        var rows = 0;
        foreach (var row in root.Elements)
        {
            rows++;
            cause = AddFill(row, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        if (rows >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    /// <summary>The venue lists every currency it knows, so that an empty list is no answer.</summary>
    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root, out _, out _);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        foreach (var row in root.Elements)
        {
            var free = row["available"u8].AmountOrZero(ref cause);
            var locked = row["reserved"u8].AmountOrZero(ref cause);
            if (!row["currency"u8].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) break;
            if (TryAsset(row["currency"u8], out var asset)) batch.AddBalance(context.Venue, asset, free, locked);
            else statistics.BalancesSkipped++;
        }

        if (batch.Balances.Length == start.Balances) cause.KeepFirst(QuarantineCause.Malformed);
        return batch.Finish(cause, start);
    }

    /// <summary>An open order: `amount` is what is left of `amount_at_create`.</summary>
    private QuarantineCause AddOpen(JsonValue row, Instrument instrument, ExecutionBatch batch)
    {
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.OrderStatus;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        ClientOrderId.TryParse(row["client_order_id"u8].GetText(scratch), out report.ClientOrderId);
        report.Side = BitstampExecutionDecoder.SideOf(row["type"u8], ref cause);
        report.VenueOrderId = row["id"u8].VenueOrderIdOrEmpty(ref cause);
        var remaining = row["amount"u8].RequireCumulative(ref cause);
        var total = row["amount_at_create"u8].QuantityOrZero(ref cause);
        report.CumulativeQuantity = total > remaining ? total - remaining : default;
        report.State = report.CumulativeQuantity.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
        if (report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.OrderStatus) = report;
        return cause;
    }

    /// <summary>
    /// Amounts stand under the currencies' own codes, what was given away with a minus, and the price under both
    /// (`btc`, `usd`, `btc_usd`). Deposits and withdrawals are among the rows.
    /// </summary>
    private QuarantineCause AddFill(JsonValue row, Instrument instrument, ExecutionBatch batch)
    {
        if (!row["type"u8].TryInt64(out var type)) return QuarantineCause.Malformed;
        if (type != TradeType) return QuarantineCause.None;
        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        var (baseKey, quoteKey) = (KeyOf(instrument.Base), KeyOf(instrument.Quote));
        cause.KeepFirst(row[baseKey].GetDecimal(out var amount, out _));
        if (amount is 0 or long.MinValue) cause.KeepFirst(QuarantineCause.NumberOutOfRange);
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.State = OrderState.PartiallyFilled;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = amount > 0 ? Side.Buy : Side.Sell;
        report.LastQuantity = new Quantity(cause == QuarantineCause.None ? Math.Abs(amount) : 0);
        report.LastPrice = row[[.. baseKey, (byte)'_', .. quoteKey]].RequirePrice(ref cause);
        report.VenueOrderId = row["order_id"u8].VenueOrderIdOrEmpty(ref cause);
        ClientOrderId.TryParse(row["client_order_id"u8].GetText(scratch), out report.ClientOrderId);
        report.TradeId = BitstampExecutionDecoder.TradeIdOf(row["id"u8]);
        report.FeeRaw = row["fee"u8].FeeOrZero(ref cause);
        report.FeeAsset = instrument.Quote;
        report.ExchangeTime = Time(row["datetime"u8], ref cause);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    /// <summary>The sum of an order's transactions; each has its amount under the base currency's code.</summary>
    private static Quantity Traded(JsonValue transactions, Instrument instrument, ref QuarantineCause cause)
    {
        if (!transactions.IsArray) cause.KeepFirst(QuarantineCause.Malformed);
        var baseKey = KeyOf(instrument.Base);
        Int128 sum = 0;
        foreach (var row in transactions.Elements) sum += row[baseKey].RequireQuantity(ref cause).Raw;
        if (sum > long.MaxValue) cause.KeepFirst(QuarantineCause.NumberOverflow);
        return cause == QuarantineCause.None ? new Quantity((long)sum) : default;
    }

    private static OrderState StateOf(JsonValue status, Quantity filled)
    {
        if (status.Is("Finished"u8)) return OrderState.Filled;
        if (status.Is("Canceled"u8)) return OrderState.Cancelled;
        if (status.Is("Expired"u8)) return OrderState.Expired;
        if (!status.Is("Open"u8) && !status.Is("Cancel pending"u8)) return OrderState.None;
        return filled.Raw > 0 ? OrderState.PartiallyFilled : OrderState.Working;
    }

    /// <summary>"2022-01-31 14:43:15.796000", in UTC without saying so; zero where the field is empty.</summary>
    public static ExchangeTime Time(JsonValue value, ref QuarantineCause cause)
    {
        if (value.IsEmpty) return default;
        Span<byte> text = stackalloc byte[40];
        var sent = value.Text;
        ExchangeTime time = default;
        if (sent.Length is > 10 and < 40)
        {
            sent.CopyTo(text);
            if (text[10] == (byte)' ') text[10] = (byte)'T';
            text[sent.Length] = (byte)'Z';
            if (IsoTime.TryParse(text[..(sent.Length + 1)], out time)) return time;
        }

        cause.KeepFirst(QuarantineCause.Malformed);
        return time;
    }

    private static bool TryAsset(JsonValue currency, out Text16 asset)
    {
        asset = default;
        var text = currency.ToText().ToUpperInvariant();
        return text.Length > 0 && Text16.TryCreate(Encoding.UTF8.GetBytes(text), out asset);
    }

    private static byte[] KeyOf(Text16 asset) => Encoding.UTF8.GetBytes(asset.ToString().ToLowerInvariant());

    /// <summary>Errors come with any status, and with 200 too.</summary>
    private static QuarantineCause Parse(int httpStatus, ReadOnlySpan<byte> body, out JsonValue root, out RejectReason reason, out int code)
    {
        reason = RejectReason.None;
        code = 0;
        var cause = JsonValue.Parse(body, out root);
        if (cause != QuarantineCause.None) return httpStatus == 200 ? cause : QuarantineCause.VenueError;
        if (BitstampErrors.TryRead(root, out reason, out code) || httpStatus != 200) return QuarantineCause.VenueError;
        return QuarantineCause.None;
    }
}
