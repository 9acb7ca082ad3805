using System.Text.Json;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>
/// The REST interface: lists of arrays, private calls all POST and signed over path, nonce and body, at most ninety calls a minute and
/// path, errors as arrays with HTTP 500.
/// </summary>
internal sealed class BitfinexRest(BitfinexVenue venue)
{
    private const int CallsPerMinute = 90;
    private const int PageMax = 2500;

    private readonly Utf8Text _text = new();
    private readonly Dictionary<string, (long Minute, int Calls)> _calls = [];

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        if (!TrySpend(request.Path, nowNs / 1_000_000_000, out var waitSeconds)) return venue.Throttle(waitSeconds);
        _text.Clear();
        if (request.Path == "/v2/platform/status") return new VenueHttpResponse(200, "[1]");
        if (request.Path.StartsWith("/v2/conf/", StringComparison.Ordinal)) return Lists(request.Path["/v2/conf/".Length..]);
        if (request.Path == "/v2/tickers") return Tickers(VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), "symbols"));
        if (request.Method != "POST" || !request.Path.StartsWith("/v2/auth/", StringComparison.Ordinal)) return Error(404, 10020, "path: invalid");
        var code = venue.Orders.CheckRest(request);
        if (code != 0) return Error(500, code, BitfinexOrders.TextOf(code));
        try
        {
            using var body = JsonDocument.Parse(request.Body.Length == 0 ? "{}" : request.Body);
            return Private(request.Path["/v2/auth/".Length..].Split('/'), body.RootElement, nowNs);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // A client's body is foreign input, as on the socket.
            return Error(500, 10020, "request: invalid");
        }
    }

    private VenueHttpResponse Private(string[] path, JsonElement body, long nowNs) => path switch
    {
        ["r", "wallets"] => Wallets(),
        ["r", "orders"] => Orders(Open(""), body),
        ["r", "orders", "hist"] => Orders(Ended(""), body),
        ["r", "orders", var symbol] => Orders(Open(symbol), body),
        ["r", "orders", var symbol, "hist"] => Orders(Ended(symbol), body),
        ["r", "trades", "hist"] => Trades("", body),
        ["r", "trades", var symbol, "hist"] => Trades(symbol, body),
        ["w", "order", "submit"] => Notify(venue.Orders.Place(body, nowNs), nowNs),
        ["w", "order", "cancel"] => Cancel(body, nowNs),
        _ => Error(404, 10020, "path: invalid"),
    };

    private static VenueHttpResponse Error(int status, int code, string message) => new(status, $"[\"error\",{code},\"{message}\"]");

    private bool TrySpend(string path, long second, out int waitSeconds)
    {
        var (minute, calls) = _calls.GetValueOrDefault(path);
        if (minute != second / 60) (minute, calls) = (second / 60, 0);
        _calls[path] = (minute, calls + 1);
        waitSeconds = (int)(60 - second % 60);
        return calls < CallsPerMinute;
    }

    private VenueHttpResponse Lists(string keys)
    {
        _text.Raw("[");
        foreach (var key in keys.Split(','))
        {
            _text.Comma().Raw("[");
            foreach (var instrument in venue.Market.Instruments)
            {
                var pair = BitfinexVenue.PairOf(instrument.Spec);
                if (key == "pub:list:pair:exchange") _text.Comma().Raw("\"" + pair + "\"");
                if (key == "pub:info:pair") _text.Comma().Write($"[\"{pair}\",[null,null,null,\"{instrument.Spec.QuantityMin}\",\"2000.0\",null,null,null,null,null,null,null]]");
            }

            foreach (var asset in venue.Market.Ledger.Assets)
            {
                if (key == "pub:list:currency") _text.Comma().Raw("\"" + BitfinexVenue.Spell(asset) + "\"");
                if (key == "pub:map:currency:sym" && BitfinexVenue.Spell(asset) != asset) _text.Comma().Raw($"[\"{BitfinexVenue.Spell(asset)}\",\"{asset[..^1]}{char.ToLowerInvariant(asset[^1])}\"]");
            }

            _text.Raw("]");
        }

        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Tickers(string symbols)
    {
        var wanted = symbols.Split(',');
        _text.Raw("[");
        foreach (var instrument in venue.Market.Instruments)
        {
            var symbol = "t" + BitfinexVenue.PairOf(instrument.Spec);
            if (symbols != "ALL" && !wanted.Contains(symbol)) continue;
            var (bids, asks) = (instrument.Engine.Bids, instrument.Engine.Asks);
            var last = instrument.LastPrint.TradeId == 0 ? instrument.Spec.StartPrice : instrument.LastPrint.Price;
            _text.Comma().Write($"[\"{symbol}\",{bids.Best?.Price ?? last},{bids.Best?.Quantity ?? default},{asks.Best?.Price ?? last},{asks.Best?.Quantity ?? default},0,0,{last},0,{last},{last}]");
        }

        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Wallets()
    {
        _text.Raw("[");
        foreach (var asset in venue.Market.Ledger.Assets) venue.Orders.WriteWallet(_text.Comma(), asset, isComputed: true);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private IEnumerable<OrderEvent> Open(string symbol) =>
        venue.Market.OpenOrders().Where(o => IsOf(o, symbol)).Select(BitfinexOrders.StatusOf).Reverse();

    private IEnumerable<OrderEvent> Ended(string symbol) => venue.Orders.Ended.Where(e => IsOf(e.Order, symbol)).Reverse();

    private static bool IsOf(SimulatedOrder order, string symbol) => symbol.Length == 0 || "t" + BitfinexVenue.PairOf(order.Instrument) == symbol;

    /// <summary>Newest first.</summary>
    private VenueHttpResponse Orders(IEnumerable<OrderEvent> orders, JsonElement body)
    {
        var wanted = body.TryGetProperty("id", out var ids) ? ids.EnumerateArray().Select(i => i.GetInt64()).ToHashSet() : null;
        _text.Raw("[");
        foreach (var order in orders.Where(o => wanted is null || wanted.Contains(o.Order.Id)).Take(LimitOf(body)))
            venue.Orders.WriteOrder(_text.Comma(), order);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Trades(string symbol, JsonElement body)
    {
        var startMs = body.TryGetProperty("start", out var start) ? start.GetInt64() : 0;
        var isOldestFirst = body.TryGetProperty("sort", out var sort) && sort.GetInt32() == 1;
        var trades = venue.Market.Trades.Where(t => SimulatedVenue.Ms(t.TimeNs) >= startMs && IsOf(t.Order, symbol));
        _text.Raw("[");
        foreach (var trade in (isOldestFirst ? trades : trades.Reverse()).Take(LimitOf(body))) BitfinexOrders.WriteTrade(_text.Comma(), trade, hasFee: true);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Cancel(JsonElement body, long nowNs)
    {
        var outcome = venue.Orders.BeginCancel(body);
        var answer = Notify(outcome, nowNs);
        if (outcome.Order is { IsOpen: true }) venue.FinishCancel(outcome.Order, nowNs);
        return answer;
    }

    private VenueHttpResponse Notify(in BitfinexOutcome outcome, long nowNs)
    {
        if (outcome.Status != "SUCCESS") return Error(500, 10001, outcome.Message);
        venue.Orders.WriteNotification(_text, outcome, nowNs, isRest: true);
        return new VenueHttpResponse(200, _text.ToString());
    }

    private static int LimitOf(JsonElement body) => body.TryGetProperty("limit", out var limit) ? Math.Clamp(limit.GetInt32(), 1, PageMax) : PageMax;
}
