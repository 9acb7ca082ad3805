using System.Text.Json;
using Penstock.Testing.Faults;

namespace Penstock.Testing.Protocols.Kucoin;

/// <summary>The REST interface: public calls, and signed ones over time, method, path with query, and body.</summary>
internal sealed class KucoinRest(KucoinVenue venue)
{
    private const string OrdersPath = "/api/v1/hf/orders";

    private readonly Utf8Text _text = new();

    public static int WeightOf(VenueHttpRequest request) => request.Path switch
    {
        "/api/v1/bullet-public" or "/api/v1/bullet-private" => 10,
        "/api/v1/accounts" => 5,
        "/api/v1/symbols" or "/api/v2/symbols" => 4,
        "/api/v3/market/orderbook/level2" or OrdersPath + "/alter" => 3,
        OrdersPath => request.Method == "POST" ? 1 : 2,
        var path when path.StartsWith(OrdersPath) && request.Method == "DELETE" => 1,
        _ => 2,
    };

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        switch (request.Method, request.Path)
        {
            case ("GET", "/api/v1/timestamp"): return Data($"{SimulatedVenue.Ms(nowNs)}");
            case ("GET", "/api/v1/symbols" or "/api/v2/symbols"): return Symbols();
            case ("GET", "/api/v1/market/orderbook/level2_20"): return Book(parameters, 20, nowNs);
            case ("GET", "/api/v1/market/orderbook/level2_100"): return Book(parameters, 100, nowNs);
            case ("POST", "/api/v1/bullet-public"): return Bullet(request, isPrivate: false, nowNs);
        }

        var (code, message) = venue.Orders.Check(request, nowNs);
        if (code.Length > 0) return Error(401, code, message);
        return (request.Method, request.Path) switch
        {
            ("POST", "/api/v1/bullet-private") => Bullet(request, isPrivate: true, nowNs),
            ("GET", "/api/v3/market/orderbook/level2") => Book(parameters, int.MaxValue, nowNs),
            ("GET", "/api/v1/accounts") => Accounts(parameters),
            ("GET", "/api/v1/hf/fills") => Fills(parameters),
            ("GET", OrdersPath + "/active") => Active(parameters, isPage: false),
            ("GET", OrdersPath + "/active/page") => Active(parameters, isPage: true),
            ("POST", OrdersPath) => Place(request, nowNs),
            ("POST", OrdersPath + "/alter") => Alter(request, nowNs),
            ("DELETE", OrdersPath) => CancelAll(parameters, nowNs),
            ("GET", var path) when path.StartsWith(OrdersPath + "/") => Query(path[(OrdersPath.Length + 1)..], parameters),
            ("DELETE", var path) when path.StartsWith(OrdersPath + "/") => Cancel(path[(OrdersPath.Length + 1)..], parameters, nowNs),
            _ => Error(404, "404000", "Url Not Found"),
        };
    }

    private static VenueHttpResponse Data(string data) => new(200, "{\"code\":\"200000\",\"data\":" + data + "}");

    private static VenueHttpResponse Error(int status, string code, string message) => new(status, $$"""{"code":"{{code}}","msg":"{{message}}"}""");

    private static VenueHttpResponse Refused(KucoinOutcome outcome) => Error(outcome.Code.StartsWith('4') ? 400 : 200, outcome.Code, outcome.Message);

    /// <summary>What a gateway says when the answer from behind it does not come.</summary>
    private static VenueHttpResponse Lost() => new(504, "");

    private VenueHttpResponse Bullet(VenueHttpRequest request, bool isPrivate, long nowNs)
    {
        var host = request.Header("Host") is { Length: > 0 } known ? known : "simulated";
        return Data($$"""{"token":"{{venue.Tokens.Give(isPrivate, nowNs)}}","instanceServers":[{"endpoint":"ws://{{host}}{{venue.PublicPath}}","encrypt":false,"protocol":"websocket","pingInterval":{{KucoinSession.PingIntervalMs}},"pingTimeout":{{KucoinSession.PingTimeoutMs}}}]}""");
    }

    private VenueHttpResponse Symbols()
    {
        _text.Raw("[");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            _text.Comma().Write($$"""{"symbol":"{{spec.Symbol}}","name":"{{spec.Symbol}}","baseCurrency":"{{spec.Base}}","quoteCurrency":"{{spec.Quote}}","feeCurrency":"{{spec.Quote}}","market":"USDS","baseMinSize":"{{spec.QuantityMin}}","quoteMinSize":"0.1","baseMaxSize":"10000000000","quoteMaxSize":"99999999","baseIncrement":"{{spec.Lot}}","quoteIncrement":"0.000001","priceIncrement":"{{spec.Tick}}","priceLimitRate":"0.1","minFunds":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}","isMarginEnabled":true,"enableTrading":true,"feeCategory":1,"makerFeeCoefficient":"1.00","takerFeeCoefficient":"1.00","st":false}""");
        }

        return Data(_text.Raw("]").ToString());
    }

    private VenueHttpResponse Book(List<KeyValuePair<string, string>> parameters, int depth, long nowNs)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "symbol")) is not { } instrument) return Error(200, "900001", "The symbol does not exist");
        _text.Write($$"""{"time":{{SimulatedVenue.Ms(nowNs)}},"sequence":"{{instrument.UpdateId}}","bids":[""");
        KucoinVenue.WriteSide(_text, instrument.Engine.Bids, depth);
        _text.Raw("],\"asks\":[");
        KucoinVenue.WriteSide(_text, instrument.Engine.Asks, depth);
        return Data(_text.Raw("]}").ToString());
    }

    private VenueHttpResponse Accounts(List<KeyValuePair<string, string>> parameters)
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        _text.Raw("[");
        foreach (var asset in ledger.Assets)
        {
            if (VenueHttpRequest.Find(parameters, "type") is not ("" or "trade")) break;
            var (free, locked) = (ledger.Free(account, asset), ledger.Locked(account, asset));
            _text.Comma().Write($$"""{"id":"5bd6e9216d99522a52e458d6","currency":"{{asset}}","type":"trade","balance":"{{Fixed.OfAmount(free + locked)}}","available":"{{Fixed.OfAmount(free)}}","holds":"{{Fixed.OfAmount(locked)}}"}""");
        }

        return Data(_text.Raw("]").ToString());
    }

    /// <summary>Newest first, a hundred at most.</summary>
    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "symbol")) is not { } instrument) return Error(400, "400100", "symbol is invalid");
        long.TryParse(VenueHttpRequest.Find(parameters, "startAt"), out var startMs);
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit)) limit = 20;
        _text.Raw("{\"items\":[");
        foreach (var trade in venue.Market.Trades.Reverse().Where(t => t.Order.Instrument == instrument.Spec && SimulatedVenue.Ms(t.TimeNs) >= startMs).Take(Math.Clamp(limit, 1, 100)))
            KucoinOrders.WriteFill(_text.Comma(), trade);
        return Data(_text.Raw("],\"lastId\":1}").ToString());
    }

    private VenueHttpResponse Active(List<KeyValuePair<string, string>> parameters, bool isPage)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "symbol")) is not { } instrument) return Error(400, "400100", "symbol is invalid");
        var open = venue.Market.OpenOrders(instrument.Spec);
        if (isPage) _text.Write($$"""{"currentPage":1,"pageSize":100,"totalNum":{{open.Count}},"totalPage":{{(open.Count + 99) / 100}},"items":""");
        _text.Raw("[");
        foreach (var order in open.AsEnumerable().Reverse().Take(100)) KucoinOrders.WriteOrder(_text.Comma(), order);
        return Data(_text.Raw(isPage ? "]}" : "]").ToString());
    }

    private VenueHttpResponse Query(string key, List<KeyValuePair<string, string>> parameters)
    {
        if (venue.Orders.Find(key, VenueHttpRequest.Find(parameters, "symbol")) is not { } order) return Error(400, "400100", "order not exist.");
        KucoinOrders.WriteOrder(_text, order);
        return Data(_text.ToString());
    }

    private VenueHttpResponse Place(VenueHttpRequest request, long nowNs)
    {
        var outcome = Read(request, body => venue.Orders.Place(body, nowNs));
        if (venue.Faults.TryTake(FaultKind.LoseAck)) return Lost();
        return outcome.Code.Length > 0 ? Refused(outcome) : Data($$"""{"orderId":"{{outcome.OrderId}}","clientOid":"{{outcome.ClientId}}"}""");
    }

    private VenueHttpResponse Alter(VenueHttpRequest request, long nowNs)
    {
        var outcome = Read(request, body => venue.Orders.Alter(body, nowNs));
        if (venue.Faults.TryTake(FaultKind.LoseAck)) return Lost();
        return outcome.Code.Length > 0 ? Refused(outcome) : Data($$"""{"newOrderId":"{{outcome.OrderId}}","clientOid":"{{outcome.ClientId}}"}""");
    }

    private VenueHttpResponse Cancel(string key, List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        var order = venue.Orders.Find(key, VenueHttpRequest.Find(parameters, "symbol"));
        var isOpen = order is { IsOpen: true };
        if (isOpen) venue.FinishCancel(order!, nowNs);
        if (venue.Faults.TryTake(FaultKind.LoseAck)) return Lost();
        if (!isOpen) return Error(400, "400100", "order_not_exist_or_not_allow_to_cancel");
        return Data(key.StartsWith(KucoinOrders.ByClientId) ? $$"""{"clientOid":"{{order!.ClientId}}"}""" : $$"""{"orderId":"{{KucoinOrders.IdOf(order!)}}"}""");
    }

    private VenueHttpResponse CancelAll(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "symbol")) is not { } instrument) return Error(400, "400100", "symbol is invalid");
        foreach (var order in venue.Market.OpenOrders(instrument.Spec)) venue.FinishCancel(order, nowNs);
        return Data("\"success\"");
    }

    private static KucoinOutcome Read(VenueHttpRequest request, Func<JsonElement, KucoinOutcome> use)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body);
            return use(document.RootElement);
        }
        catch (JsonException)
        {
            return new("400100", "Bad Request", "", "");
        }
    }
}
