using System.Globalization;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Coinbase;

/// <summary>The signed REST calls that resolve unknown outcomes and reconcile (venues/coinbase.md §A5). Off the hot path.</summary>
internal sealed class CoinbaseOrderQueries(OrderContext context, CoinbaseSigner signer, CoinbaseOpenOrders open, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    private const int PageMax = 250;
    private const string Orders = "/api/v3/brokerage/orders/historical/";

    /// <summary>The venue asks by its own id only. Where that is not known, its latest orders are searched for ours.</summary>
    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        if (venueOrderId.IsEmpty) venueOrderId = open.VenueIdOf(id);
        return signer.Get(venueOrderId.IsEmpty ? $"{Orders}batch?product_ids={instrument.VenueSymbol}&limit={PageMax}" : Orders + venueOrderId, unixNs);
    }

    /// <summary>OPEN cannot be asked for together with PENDING: an order just sent is missing here, and is asked for by itself.</summary>
    public RestRequest OpenOrders(Instrument instrument, long unixNs) =>
        signer.Get($"{Orders}batch?product_ids={instrument.VenueSymbol}&order_status=OPEN&limit={PageMax}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var from = since.UnixNs <= 0 ? "" : "&start_sequence_timestamp=" + DateTimeOffset.FromUnixTimeMilliseconds(since.UnixNs / 1_000_000)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return signer.Get($"{Orders}fills?product_ids={instrument.VenueSymbol}{from}&limit={PageMax}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Get($"/api/v3/brokerage/accounts?limit={PageMax}", unixNs);

    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root);
        if (httpStatus == 404 && root["error"u8].Is("NOT_FOUND"u8))
        {
            batch.AddOrderNotFound(context.Venue, instrument.Id, id, httpStatus);
            return QuarantineCause.None;
        }

        if (cause != QuarantineCause.None) return cause;
        if (root["order"u8] is { IsObject: true } order) return CoinbaseOrderRow.AddStatus(order, context, open, instrument, id, batch);
        return root["orders"u8].IsArray ? Search(id, instrument, root, batch) : QuarantineCause.Malformed;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["orders"u8].IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var row in root["orders"u8].Elements)
        {
            cause = CoinbaseOrderRow.AddStatus(row, context, open, instrument, ClientOrderId.None, batch);
            if (cause != QuarantineCause.None) break;
        }

        if (root["has_next"u8].IsTrue) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["fills"u8].IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var row in root["fills"u8].Elements)
        {
            cause = AddFill(row, instrument, batch);
            if (cause != QuarantineCause.None) break;
        }

        if (batch.Reports.Length - start.Reports >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = Parse(httpStatus, body, out var root);
        if (cause != QuarantineCause.None) return cause;
        if (!root["accounts"u8].IsArray) return QuarantineCause.Malformed;
        var start = batch.Mark();
        foreach (var account in root["accounts"u8].Elements)
        {
            var free = account["available_balance"u8]["value"u8].AmountOrZero(ref cause);
            var locked = account["hold"u8]["value"u8].AmountOrZero(ref cause);
            if (!account["currency"u8].IsString) cause.KeepFirst(QuarantineCause.Malformed);
            if (cause != QuarantineCause.None) break;
            if (account["currency"u8].TryText16(out var asset)) batch.AddBalance(context.Venue, asset, free, locked);
            else statistics.BalancesSkipped++;
        }

        if (root["has_next"u8].IsTrue) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    /// <summary>
    /// Looks for our id in the list of the latest orders. Absence is proven when the list is complete, or reaches back to an order
    /// of ours that was made before: our ids count up. Else it proves nothing, and the question stays open.
    /// </summary>
    private QuarantineCause Search(ClientOrderId id, Instrument instrument, JsonValue root, ExecutionBatch batch)
    {
        var isProof = root["has_next"u8].IsFalse;
        foreach (var row in root["orders"u8].Elements)
        {
            var found = CoinbaseOrderRow.IdOf(row);
            if (found == id) return CoinbaseOrderRow.AddStatus(row, context, open, instrument, id, batch);
            isProof |= !found.IsNone && found.CompareTo(id) < 0;
        }

        if (!isProof)
        {
            statistics.PagesCut++;
            return QuarantineCause.VenueError;
        }

        batch.AddOrderNotFound(context.Venue, instrument.Id, id);
        return QuarantineCause.None;
    }

    /// <summary>
    /// Names the order by the venue's id only. Corrections and trades counted in quote currency are none of ours: we send neither
    /// such orders nor amounts; the balances show them.
    /// </summary>
    private QuarantineCause AddFill(JsonValue row, Instrument instrument, ExecutionBatch batch)
    {
        var type = row["trade_type"u8];
        if ((!type.IsEmpty && !type.Is("FILL"u8)) || row["size_in_quote"u8].IsTrue)
        {
            statistics.ReportsForeign++;
            return QuarantineCause.None;
        }

        var cause = QuarantineCause.None;
        Span<byte> scratch = stackalloc byte[64];
        ExecutionReport report = default;
        report.Kind = ExecutionKind.Fill;
        report.Venue = context.Venue;
        report.Instrument = instrument.Id;
        report.Side = CoinbaseOrderRow.SideOf(row["side"u8], ref cause);
        report.VenueOrderId = row["order_id"u8].VenueOrderIdOrEmpty(ref cause);
        report.LastPrice = row["price"u8].RequirePrice(ref cause);
        report.LastQuantity = row["size"u8].RequireQuantity(ref cause);
        report.IsMaker = row["liquidity_indicator"u8].Is("MAKER"u8);
        report.ExchangeTime = row["trade_time"u8].IsoTimeOrZero(ref cause);
        report.FeeRaw = row["commission"u8].FeeOrZero(ref cause);
        report.FeeAsset = instrument.Quote;
        report.TradeId = row["trade_id"u8].IsString ? TradeIdNumber.Of(row["trade_id"u8].GetText(scratch)) : 0;
        if (!context.Instruments.TryFind(context.Venue, row["product_id"u8], out var named) || named != instrument.Id)
            cause.KeepFirst(QuarantineCause.UnknownInstrument);
        if (report.TradeId == 0 || report.VenueOrderId.IsEmpty) cause.KeepFirst(QuarantineCause.Malformed);
        if (cause == QuarantineCause.None) batch.AddReport(ExecutionKind.Fill) = report;
        return cause;
    }

    private static QuarantineCause Parse(int httpStatus, ReadOnlySpan<byte> body, out JsonValue root)
    {
        var cause = JsonValue.Parse(body, out root);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        return cause == QuarantineCause.None && !root.IsObject ? QuarantineCause.Malformed : cause;
    }
}
