using System.Globalization;
using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Coinbase;

/// <summary>The REST interface: public calls, and those that need a token for method, host and path.</summary>
internal sealed class CoinbaseRest(CoinbaseVenue venue)
{
    private const string Root = "/api/v3/brokerage/";
    private const int CancelsMax = 100;

    private readonly Utf8Text _text = new();
    private long _second;
    private int _calls;

    public static VenueHttpResponse TooMany(int retryAfterSeconds) =>
        new(429, """{"error":"RATE_LIMIT_EXCEEDED","error_details":"","message":"too many requests"}""")
        {
            Headers = [new("Retry-After", retryAfterSeconds.ToString(CultureInfo.InvariantCulture))],
        };

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        _text.Clear();
        if (!request.Path.StartsWith(Root, StringComparison.Ordinal)) return NotFound("path");
        var path = request.Path[Root.Length..];
        var parameters = VenueHttpRequest.Parse(request.Query);
        switch (path)
        {
            case "time":
                _text.Write($$"""{"iso":"{{new IsoTime(nowNs)}}","epochSeconds":"{{nowNs / 1_000_000_000}}","epochMillis":"{{SimulatedVenue.Ms(nowNs)}}"}""");
                return Done();
            case "market/products": return Products(parameters);
            case "market/product_book": return Book(parameters, nowNs);
        }

        if (!venue.Token.AcceptsCall(request, nowNs))
        {
            venue.Statistics.AuthenticationFailures++;
            return new VenueHttpResponse(401, "Unauthorized\n");
        }

        if (!TrySpend(nowNs))
        {
            venue.Statistics.RestThrottled++;
            return TooMany(1);
        }

        return request.Method == "POST" ? Post(path, request.Body, nowNs) : Get(path, parameters);
    }

    private VenueHttpResponse Get(string path, List<KeyValuePair<string, string>> parameters) => path switch
    {
        "products" => Products(parameters),
        "accounts" => Accounts(),
        "orders/historical/batch" => List(parameters),
        "orders/historical/fills" => Fills(parameters),
        _ when path.StartsWith("orders/historical/", StringComparison.Ordinal) => Order(path["orders/historical/".Length..]),
        _ => NotFound("path"),
    };

    private VenueHttpResponse Post(string path, string body, long nowNs)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = path switch
            {
                "orders" => Place(document.RootElement, nowNs),
                "orders/batch_cancel" => Cancel(document.RootElement, nowNs),
                "orders/edit" => Edit(document.RootElement, nowNs),
                _ => NotFound("path"),
            };
            // The order is treated as usual; the answer gets lost on the way.
            return venue.Faults.TryTake(FaultKind.LoseAck) ? new VenueHttpResponse(504, "") : answer;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new VenueHttpResponse(400, """{"error":"INVALID_ARGUMENT","error_details":"","message":"the body was not understood"}""");
        }
    }

    private VenueHttpResponse Place(JsonElement body, long nowNs)
    {
        var outcome = venue.Orders.Place(body, nowNs);
        if (outcome.Order is not { } order)
        {
            _text.Write($$"""{"success":false,"failure_reason":"UNKNOWN_FAILURE_REASON","order_id":"","error_response":{"error":"{{outcome.Error}}","message":"{{outcome.Message}}","error_details":"","preview_failure_reason":"PREVIEW_{{outcome.Error}}","new_order_failure_reason":"UNKNOWN_FAILURE_REASON"},"order_configuration":null}""");
            return Done();
        }

        var side = order.Side == Model.Markets.Side.Buy ? "BUY" : "SELL";
        _text.Write($$"""{"success":true,"failure_reason":"UNKNOWN_FAILURE_REASON","order_id":"{{CoinbaseOrders.IdOf(order)}}","success_response":{"order_id":"{{CoinbaseOrders.IdOf(order)}}","product_id":"{{order.Instrument.Symbol}}","side":"{{side}}","client_order_id":"{{order.ClientId}}"},"order_configuration":{{CoinbaseOrders.ConfigurationOf(order)}}}""");
        return Done();
    }

    private VenueHttpResponse Cancel(JsonElement body, long nowNs)
    {
        var ids = body.GetProperty("order_ids").EnumerateArray().Select(id => id.GetString() ?? "").ToList();
        if (ids.Count is 0 or > CancelsMax) throw new JsonException("order_ids");
        _text.Raw("{\"results\":[");
        foreach (var id in ids)
        {
            var order = venue.Orders.Find(id);
            var reason = order is null ? "UNKNOWN_CANCEL_ORDER" : order.IsOpen ? "UNKNOWN_CANCEL_FAILURE_REASON" : "ORDER_IS_FULLY_FILLED";
            _text.Comma().Write($$"""{"success":{{order is { IsOpen: true }}},"failure_reason":"{{reason}}","order_id":"{{id}}"}""");
            if (order is { IsOpen: true }) venue.FinishCancel(order, nowNs);
        }

        return Finish("]}");
    }

    /// <summary>The size is the new total, what is filled included; both fields are needed. The order keeps its id.</summary>
    private VenueHttpResponse Edit(JsonElement body, long nowNs)
    {
        var order = venue.Orders.Find(ProtocolSession.StringOf(body, "order_id"));
        var reason = order is not { IsOpen: true } ? "ONLY_OPEN_ORDERS_CAN_BE_EDITED"
            : !SimulatedVenue.TryPrice(ProtocolSession.StringOf(body, "price"), out var price) ? "INVALID_EDITED_PRICE"
            : !SimulatedVenue.TryQuantity(ProtocolSession.StringOf(body, "size"), out var size) ? "INVALID_EDITED_SIZE"
            : size <= order.Filled ? "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"
            : venue.Market.Amend(order, price, size, nowNs) == Matching.MatchReject.None ? "" : "COMMANDER_REJECTED_EDIT_ORDER";
        return reason.Length == 0 ? new(200, """{"success":true,"errors":[]}""")
            : new(200, $$"""{"success":false,"errors":[{"edit_failure_reason":"{{reason}}","preview_failure_reason":"UNKNOWN_PREVIEW_FAILURE_REASON"}]}""");
    }

    private VenueHttpResponse Order(string id)
    {
        if (venue.Orders.Find(id) is not { } order) return NotFound("order with this orderID");
        CoinbaseOrders.WriteRestRow(_text.Raw("{\"order\":"), order);
        return Finish("}");
    }

    /// <summary>Latest first. There is no way to ask for a client order id.</summary>
    private VenueHttpResponse List(List<KeyValuePair<string, string>> parameters)
    {
        var wanted = VenueHttpRequest.Find(parameters, "product_ids");
        var openOnly = VenueHttpRequest.Find(parameters, "order_status") == "OPEN";
        var orders = venue.Orders.Latest.Where(o => (wanted.Length == 0 || o.Instrument.Symbol == wanted) && (!openOnly || o.IsOpen)).ToList();
        var limit = LimitOf(parameters);
        _text.Raw("{\"orders\":[");
        foreach (var order in orders.Take(limit))
        {
            _text.Comma();
            CoinbaseOrders.WriteRestRow(_text, order);
        }

        return Finish("],\"sequence\":\"0\",\"has_next\":" + (orders.Count > limit ? "true" : "false") + ",\"cursor\":\"\"}");
    }

    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters)
    {
        var wanted = VenueHttpRequest.Find(parameters, "product_ids");
        var from = VenueHttpRequest.Find(parameters, "start_sequence_timestamp");
        var sinceNs = DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUnixTimeMilliseconds() * 1_000_000 : 0;
        var limit = LimitOf(parameters);
        _text.Raw("{\"fills\":[");
        foreach (var trade in venue.Market.Trades.Reverse().Where(t => (wanted.Length == 0 || t.Order.Instrument.Symbol == wanted) && t.TimeNs >= sinceNs).Take(limit))
        {
            _text.Comma();
            CoinbaseOrders.WriteFill(_text, trade);
        }

        return Finish("],\"cursor\":\"\"}");
    }

    private VenueHttpResponse Accounts()
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        _text.Raw("{\"accounts\":[");
        foreach (var asset in ledger.Assets)
        {
            _text.Comma().Write($$"""{"uuid":"8bfc20d7-f7c6-4422-bf07-8243ca4169fe","name":"{{asset}} Wallet","currency":"{{asset}}","available_balance":{"value":"{{Fixed.OfAmount(ledger.Free(account, asset))}}","currency":"{{asset}}"},"default":false,"active":true,"type":"ACCOUNT_TYPE_CRYPTO","ready":true,"hold":{"value":"{{Fixed.OfAmount(ledger.Locked(account, asset))}}","currency":"{{asset}}"}""").Raw("}");
        }

        return Finish("],\"has_next\":false,\"cursor\":\"\",\"size\":0}");
    }

    private VenueHttpResponse Products(List<KeyValuePair<string, string>> parameters)
    {
        var wanted = VenueHttpRequest.Find(parameters, "product_ids");
        _text.Raw("{\"products\":[");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            if (wanted.Length > 0 && spec.Symbol != wanted) continue;
            _text.Comma().Write($$"""{"product_id":"{{spec.Symbol}}","price":"{{spec.StartPrice}}","price_percentage_change_24h":"0","volume_24h":"0","base_increment":"{{spec.Lot}}","quote_increment":"{{spec.Tick}}","quote_min_size":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}","quote_max_size":"150000000","base_min_size":"{{spec.QuantityMin}}","base_max_size":"3400","base_name":"{{spec.Base}}","quote_name":"{{spec.Quote}}","watched":false,"is_disabled":false,"new":false,"status":"online","cancel_only":false,"limit_only":false,"post_only":false,"trading_disabled":false,"auction_mode":false,"product_type":"SPOT","quote_currency_id":"{{spec.Quote}}","base_currency_id":"{{spec.Base}}","fcm_trading_session_details":null,"alias":"","alias_to":[],"view_only":false,"price_increment":"{{spec.Tick}}","display_name":"{{spec.Symbol}}","product_venue":"CBE"}""");
        }

        return Finish("],\"num_products\":" + venue.Market.Instruments.Count + "}");
    }

    private VenueHttpResponse Book(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "product_id")) is not { } instrument) return NotFound("product");
        var limit = LimitOf(parameters);
        _text.Write($$"""{"pricebook":{"product_id":"{{instrument.Spec.Symbol}}","bids":[""");
        WriteSide(instrument.Engine.Bids, limit);
        _text.Raw("],\"asks\":[");
        WriteSide(instrument.Engine.Asks, limit);
        _text.Write($$"""],"time":"{{new IsoTime(nowNs)}}"}""");
        return Finish("}");
    }

    private void WriteSide(BookSide side, int limit)
    {
        for (var rank = 0; rank < side.Count && rank < limit; rank++)
            _text.Comma().Write($$"""{"price":"{{side[rank].Price}}","size":"{{side[rank].Quantity}}"}""");
    }

    /// <summary>The minute's budget in seconds: the venue counts signed calls by the second.</summary>
    private bool TrySpend(long nowNs)
    {
        if (_second != nowNs / 1_000_000_000) (_second, _calls) = (nowNs / 1_000_000_000, 0);
        return ++_calls <= Math.Max(1, venue.Options.RestWeightPerMinute / 60);
    }

    private static int LimitOf(List<KeyValuePair<string, string>> parameters) =>
        int.TryParse(VenueHttpRequest.Find(parameters, "limit"), CultureInfo.InvariantCulture, out var limit) ? Math.Clamp(limit, 1, 1000) : 100;

    private VenueHttpResponse Finish(string end)
    {
        _text.Raw(end);
        return Done();
    }

    private VenueHttpResponse Done() => new(200, _text.ToString());

    private static VenueHttpResponse NotFound(string what) =>
        new(404, $$"""{"error":"NOT_FOUND","error_details":"","message":"{{what}} was not found"}""");
}
