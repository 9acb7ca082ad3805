using System.Globalization;
using Penstock.Connectivity;
using Penstock.Connectivity.Decoding;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Venues.Bitfinex;

/// <summary>
/// The signed REST calls that resolve unknown outcomes and reconcile (venues/bitfinex.md §4.4). Off the hot path. Open and ended orders are
/// two lists: an order is asked for in the first and, where it is not, a second time in the other. Absent from both, in this
/// order and soon after each other, it does not exist.
/// </summary>
internal sealed class BitfinexOrderQueries(
    OrderContext context, BitfinexSigner signer, BitfinexOrderRow rows, BitfinexExecutionDecoder decoder, OrderProtocolStatistics statistics)
    : IAccountQueries
{
    /// <summary>The largest page of all lists.</summary>
    private const int PageMax = 2500;

    /// <summary>An order may have come in the meantime: after longer than this the first list is asked again.</summary>
    private const long BetweenListsNsMax = 5_000_000_000;

    /// <summary>More queries than a session has under way.</summary>
    private const int SearchesMax = 4096;

    private readonly Dictionary<ClientOrderId, OrderSearch> _searches = [];

    private sealed class OrderSearch
    {
        public bool IsNotOpen { get; set; }

        public long OpenAskedNs { get; set; }
    }

    public RestRequest QueryOrder(ClientOrderId id, Text40 venueOrderId, Instrument instrument, long unixNs)
    {
        if (_searches.Count >= SearchesMax) _searches.Clear();
        if (!_searches.TryGetValue(id, out var search)) _searches.Add(id, search = new OrderSearch());
        if (search.IsNotOpen && unixNs - search.OpenAskedNs > BetweenListsNsMax) search.IsNotOpen = false;
        if (!search.IsNotOpen) search.OpenAskedNs = unixNs;
        var which = BitfinexOrderEncoder.TryNumber(venueOrderId, out var number) ? string.Create(CultureInfo.InvariantCulture, $"\"id\":[{number}]") : "";
        return search.IsNotOpen
            ? signer.Post($"/v2/auth/r/orders/{instrument.VenueSymbol}/hist", "{" + which + (which.Length > 0 ? "," : "") + "\"limit\":2500}", unixNs)
            : signer.Post($"/v2/auth/r/orders/{instrument.VenueSymbol}", "{" + which + "}", unixNs);
    }

    public RestRequest OpenOrders(Instrument instrument, long unixNs) => signer.Post($"/v2/auth/r/orders/{instrument.VenueSymbol}", "{}", unixNs);

    public RestRequest Fills(Instrument instrument, ExchangeTime since, long unixNs)
    {
        var start = since.UnixNs > 0 ? string.Create(CultureInfo.InvariantCulture, $"\"start\":{since.UnixNs / 1_000_000},\"sort\":1,") : "";
        return signer.Post($"/v2/auth/r/trades/{instrument.VenueSymbol}/hist", "{" + start + "\"limit\":2500}", unixNs);
    }

    public RestRequest Balances(long unixNs) => signer.Post("/v2/auth/r/wallets", "{}", unixNs);

    /// <summary>No report and no cause where the other list has still to be asked.</summary>
    public QuarantineCause DecodeQuery(ClientOrderId id, Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch)
    {
        var cause = ParseRows(httpStatus, body, out var list);
        if (cause != QuarantineCause.None) return cause;
        var listed = 0;
        foreach (var row in list.Elements)
        {
            if (!row.IsArray) return QuarantineCause.Malformed;
            listed++;
            // Without an id of ours the venue's own was asked for, and its list has one row.
            if (BitfinexOrderRow.IdOf(row) != id) continue;
            cause = rows.AddStatus(row, batch);
            if (cause == QuarantineCause.None) _searches.Remove(id);
            return cause;
        }

        // A full page does not show what it left out.
        if (listed >= PageMax) statistics.PagesCut++;
        if (listed >= PageMax || !_searches.TryGetValue(id, out var search)) return QuarantineCause.None;
        if (search.IsNotOpen)
        {
            _searches.Remove(id);
            batch.AddOrderNotFound(context.Venue, instrument.Id, id);
        }

        search.IsNotOpen = true;
        return QuarantineCause.None;
    }

    public QuarantineCause DecodeOpenOrders(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        DecodeRows(httpStatus, body, batch, rows.AddStatus);

    public QuarantineCause DecodeFills(Instrument instrument, int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        DecodeRows(httpStatus, body, batch, rows.AddFill);

    public QuarantineCause DecodeBalances(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch) =>
        DecodeRows(httpStatus, body, batch, decoder.AddBalance);

    private delegate QuarantineCause AddRow(JsonValue row, ExecutionBatch batch);

    private QuarantineCause DecodeRows(int httpStatus, ReadOnlySpan<byte> body, ExecutionBatch batch, AddRow add)
    {
        var cause = ParseRows(httpStatus, body, out var list);
        if (cause != QuarantineCause.None) return cause;
        var start = batch.Mark();
        var listed = 0;
        foreach (var row in list.Elements)
        {
            listed++;
            cause = row.IsArray ? add(row, batch) : QuarantineCause.Malformed;
            if (cause != QuarantineCause.None) break;
        }

        if (listed >= PageMax) statistics.PagesCut++;
        return batch.Finish(cause, start);
    }

    /// <summary>A list of arrays; an error is a list that begins with the word.</summary>
    private static QuarantineCause ParseRows(int httpStatus, ReadOnlySpan<byte> body, out JsonValue list)
    {
        var cause = JsonValue.Parse(body, out list);
        if (httpStatus != 200) return QuarantineCause.VenueError;
        if (cause != QuarantineCause.None) return cause;
        if (!list.IsArray) return QuarantineCause.Malformed;
        Span<JsonRange> ranges = stackalloc JsonRange[1];
        return new BitfinexArray(list, ranges)[0].Is("error"u8) ? QuarantineCause.VenueError : QuarantineCause.None;
    }
}
