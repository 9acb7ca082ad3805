using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>The REST interface: public calls, and signed ones over the query and body exactly as they came.</summary>
internal sealed class BinanceRest(BinanceVenue venue)
{
    private readonly Utf8Text _text = new();

    public int WeightOf(VenueHttpRequest request) => request.Path switch
    {
        "/api/v3/depth" => DepthLimit(request) switch { <= 100 => 5, <= 500 => 25, <= 1_000 => 50, _ => 250 },
        "/api/v3/exchangeInfo" or "/api/v3/account" or "/api/v3/myTrades" => 20,
        "/api/v3/openOrders" => 6,
        "/api/v3/order" when request.Method == "GET" => 4,
        _ => 1,
    };

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        _text.Clear();
        var error = request.Path switch
        {
            "/api/v3/ping" => Write("{}"),
            "/api/v3/time" => Write($$"""{"serverTime":{{SimulatedVenue.Ms(nowNs)}}}"""),
            "/api/v3/exchangeInfo" => ExchangeInfo(request, nowNs),
            "/api/v3/depth" => Depth(request),
            _ => Signed(request, nowNs),
        };
        return error.Code == 0 ? new VenueHttpResponse(200, _text.ToString()) : new VenueHttpResponse(error.Status, error.Body);
    }

    private BinanceError Write(string body)
    {
        _text.Raw(body);
        return BinanceError.None;
    }

    private BinanceError ExchangeInfo(VenueHttpRequest request, long nowNs)
    {
        var wanted = VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), "symbol");
        if (wanted.Length > 0 && venue.Find(wanted) is null) return BinanceError.UnknownSymbol;
        _text.Write($$"""{"timezone":"UTC","serverTime":{{SimulatedVenue.Ms(nowNs)}},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":{{venue.Options.RestWeightPerMinute}}},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100}],"exchangeFilters":[],"symbols":[""");
        foreach (var instrument in venue.Market.Instruments)
        {
            if (wanted.Length > 0 && BinanceVenue.Spell(instrument) != wanted) continue;
            var spec = instrument.Spec;
            _text.Comma().Write($$"""{"symbol":"{{BinanceVenue.Spell(instrument)}}","status":"TRADING","baseAsset":"{{spec.Base}}","baseAssetPrecision":8,"quoteAsset":"{{spec.Quote}}","quotePrecision":8,"quoteAssetPrecision":8,"orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],"icebergAllowed":false,"ocoAllowed":false,"quoteOrderQtyMarketAllowed":false,"isSpotTradingAllowed":true,"isMarginTradingAllowed":false,"filters":[""");
            _text.Write($$"""{"filterType":"PRICE_FILTER","minPrice":"{{Fixed.Of(spec.Tick, 8)}}","maxPrice":"10000000.00000000","tickSize":"{{Fixed.Of(spec.Tick, 8)}}"},{"filterType":"LOT_SIZE","minQty":"{{Fixed.Of(spec.QuantityMin, 8)}}","maxQty":"9000.00000000","stepSize":"{{Fixed.Of(spec.Lot, 8)}}"},{"filterType":"NOTIONAL","minNotional":"{{Fixed.OfAmount(spec.NotionalMin.Raw, 8)}}","applyMinToMarket":false,"maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5}],"permissions":[],"permissionSets":[["SPOT"]],"defaultSelfTradePreventionMode":"NONE","allowedSelfTradePreventionModes":["NONE"]}""");
        }

        _text.Raw("]}");
        return BinanceError.None;
    }

    private BinanceError Depth(VenueHttpRequest request)
    {
        var symbol = VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), "symbol");
        if (venue.Find(symbol) is not { } instrument) return BinanceError.UnknownSymbol;
        var limit = DepthLimit(request);
        _text.Write($$"""{"lastUpdateId":{{instrument.UpdateId}},"bids":[""");
        WriteSide(instrument.Engine.Bids, limit);
        _text.Raw("],\"asks\":[");
        WriteSide(instrument.Engine.Asks, limit);
        _text.Raw("]}");
        return BinanceError.None;
    }

    private void WriteSide(BookSide side, int limit)
    {
        for (var rank = 0; rank < side.Count && rank < limit; rank++)
            _text.Comma().Write($$"""["{{Fixed.Of(side[rank].Price, 8)}}","{{Fixed.Of(side[rank].Quantity, 8)}}"]""");
    }

    private static int DepthLimit(VenueHttpRequest request) =>
        int.TryParse(VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), "limit"), out var limit) ? Math.Clamp(limit, 1, 5_000) : 100;

    private BinanceError Signed(VenueHttpRequest request, long nowNs)
    {
        if (!venue.Keys.CheckSigned(request, nowNs, out var parameters, out var error)) return error;
        return (request.Method, request.Path) switch
        {
            ("GET", "/api/v3/order") => venue.Orders.Status(parameters, _text),
            ("POST", "/api/v3/order") => venue.Orders.Place(parameters, _text, nowNs),
            ("DELETE", "/api/v3/order") => Cancel(parameters, nowNs),
            ("GET", "/api/v3/openOrders") => OpenOrders(parameters),
            ("GET", "/api/v3/myTrades") => MyTrades(parameters),
            ("GET", "/api/v3/account") => Account(nowNs),
            _ => new BinanceError(404, -1000, "Unknown path."),
        };
    }

    private BinanceError Cancel(Dictionary<string, string> parameters, long nowNs)
    {
        var error = venue.Orders.BeginCancel(parameters, _text, nowNs, out var order);
        if (order is not null) venue.FinishCancel(order, nowNs);
        return error;
    }

    private BinanceError OpenOrders(Dictionary<string, string> parameters)
    {
        MarketInstrument? instrument = null;
        if (parameters.TryGetValue("symbol", out var symbol) && (instrument = venue.Find(symbol)) is null) return BinanceError.UnknownSymbol;
        _text.Raw("[");
        foreach (var order in venue.Market.OpenOrders(instrument?.Spec))
        {
            _text.Comma();
            venue.Orders.WriteOrder(_text, order);
        }

        return Write("]");
    }

    private BinanceError MyTrades(Dictionary<string, string> parameters)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        long.TryParse(parameters.GetValueOrDefault("fromId", ""), out var fromId);
        long.TryParse(parameters.GetValueOrDefault("startTime", ""), out var startMs);
        if (!int.TryParse(parameters.GetValueOrDefault("limit", ""), out var limit)) limit = 500;
        var matching = venue.Market.Trades.Where(t =>
            t.Order.Instrument == instrument.Spec && t.TradeId >= fromId && SimulatedVenue.Ms(t.TimeNs) >= startMs);
        _text.Raw("[");
        foreach (var trade in fromId > 0 || startMs > 0 ? matching.Take(limit) : matching.TakeLast(limit))
        {
            _text.Comma();
            venue.Orders.WriteTrade(_text, trade);
        }

        return Write("]");
    }

    private BinanceError Account(long nowNs)
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        _text.Write($$"""{"makerCommission":2,"takerCommission":5,"canTrade":true,"canWithdraw":false,"canDeposit":false,"updateTime":{{SimulatedVenue.Ms(nowNs)}},"accountType":"SPOT","balances":[""");
        foreach (var asset in ledger.Assets)
            _text.Comma().Write($$"""{"asset":"{{asset}}","free":"{{Fixed.OfAmount(ledger.Free(account, asset), 8)}}","locked":"{{Fixed.OfAmount(ledger.Locked(account, asset), 8)}}"}""");
        return Write("]}");
    }
}
