using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Binance;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>The REST interface: public calls, the listen key by API key alone, and calls signed over query and body exactly as they came.</summary>
internal sealed class BinanceUsdmRest(BinanceUsdmVenue venue)
{
    private readonly Utf8Text _text = new();

    public static int WeightOf(VenueHttpRequest request) => request.Path switch
    {
        "/fapi/v1/depth" => DepthLimit(request) switch { <= 50 => 2, <= 100 => 5, <= 500 => 10, _ => 20 },
        "/fapi/v1/income" => 30,
        "/fapi/v3/account" or "/fapi/v1/userTrades" => 5,
        "/fapi/v1/openOrders" when !request.Query.Contains("symbol=", StringComparison.Ordinal) => 40,
        _ => 1,
    };

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        _text.Clear();
        var error = request.Path switch
        {
            "/fapi/v1/ping" => Write("{}"),
            "/fapi/v1/time" => Write($$"""{"serverTime":{{SimulatedVenue.Ms(nowNs)}}}"""),
            "/fapi/v1/exchangeInfo" => ExchangeInfo(nowNs),
            "/fapi/v1/depth" => Depth(request, nowNs),
            "/fapi/v1/listenKey" => ListenKey(request, nowNs),
            _ => Signed(request, nowNs),
        };
        return error.Code == 0 ? new VenueHttpResponse(200, _text.ToString()) : new VenueHttpResponse(error.Status, error.Body);
    }

    private BinanceError Write(string body)
    {
        _text.Raw(body);
        return BinanceError.None;
    }

    private BinanceError ExchangeInfo(long nowNs)
    {
        _text.Write($$"""{"timezone":"UTC","serverTime":{{SimulatedVenue.Ms(nowNs)}},"futuresType":"U_MARGINED{{"\""}}""")
            .Write($$""","rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1""")
            .Write($$""","limit":{{venue.Options.RestWeightPerMinute}}},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10""")
            .Write($$""","limit":300}],"exchangeFilters":[],"assets":[{"asset":"USDT","marginAvailable":true}],"symbols":[""");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            _text.Comma().Write($$"""{"symbol":"{{BinanceUsdmVenue.Spell(spec)}}{{"\""}}""")
                .Write($$""","pair":"{{BinanceUsdmVenue.Spell(spec)}}","contractType":"PERPETUAL","deliveryDate":4133404800000""")
                .Write($$""","status":"TRADING","baseAsset":"{{spec.Base}}","quoteAsset":"{{spec.Quote}}","marginAsset":"{{spec.Quote}}{{"\""}}""")
                .Write($$""","pricePrecision":{{spec.PriceDecimals}},"quantityPrecision":{{spec.QuantityDecimals}},"filters":[""");
            _text.Write($$"""{"filterType":"PRICE_FILTER","minPrice":"{{spec.Tick}}","maxPrice":"4529764{{"\""}}""")
                .Write($$""","tickSize":"{{spec.Tick}}"},{"filterType":"LOT_SIZE","minQty":"{{spec.QuantityMin}}","maxQty":"1000{{"\""}}""")
                .Write($$""","stepSize":"{{spec.Lot}}"},{"filterType":"MARKET_LOT_SIZE","minQty":"{{spec.QuantityMin}}","maxQty":"120{{"\""}}""")
                .Write($$""","stepSize":"{{spec.Lot}}"},{"filterType":"MIN_NOTIONAL{{"\""}}""")
                .Write($$""","notional":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}"}],"orderTypes":["LIMIT","MARKET"],"timeInForce":["GTC{{"\""}}""")
                .Write($$""","IOC","FOK","GTX"]}""");
        }

        return Write("]}");
    }

    private BinanceError Depth(VenueHttpRequest request, long nowNs)
    {
        if (venue.Find(Find(request, "symbol")) is not { } instrument) return BinanceError.UnknownSymbol;
        var limit = DepthLimit(request);
        _text.Write($$"""{"lastUpdateId":{{BinanceUsdmVenue.SnapshotIdOf(instrument.UpdateId)}}""")
            .Write($$""","E":{{SimulatedVenue.Ms(nowNs)}},"T":{{SimulatedVenue.Ms(nowNs)}},"bids":[""");
        WriteSide(instrument.Spec, instrument.Engine.Bids, limit);
        _text.Raw("],\"asks\":[");
        WriteSide(instrument.Spec, instrument.Engine.Asks, limit);
        return Write("]}");
    }

    private void WriteSide(SimulatedInstrument spec, BookSide side, int limit)
    {
        for (var rank = 0; rank < side.Count && rank < limit; rank++)
            _text.Comma().Write($$"""["{{Fixed.Of(side[rank].Price, spec.PriceDecimals)}}{{"\""}}""")
                .Write($$""","{{Fixed.Of(side[rank].Quantity, spec.QuantityDecimals)}}"]""");
    }

    private static int DepthLimit(VenueHttpRequest request) =>
        int.TryParse(Find(request, "limit"), out var limit) ? Math.Clamp(limit, 1, 1_000) : 500;

    private static string Find(VenueHttpRequest request, string name) => VenueHttpRequest.Find(VenueHttpRequest.Parse(request.Query), name);

    private BinanceError ListenKey(VenueHttpRequest request, long nowNs)
    {
        if (request.Header("X-MBX-APIKEY") != venue.Options.ApiKey)
        {
            venue.Statistics.AuthenticationFailures++;
            return BinanceError.BadKey;
        }

        if (request.Method == "PUT" && !venue.KeepStream(nowNs)) return new(400, -1125, "This listenKey does not exist.");
        if (request.Method == "DELETE")
        {
            venue.CloseStream();
            return Write("{}");
        }

        return Write($$"""{"listenKey":"{{venue.StartStream(nowNs)}}"}""");
    }

    private BinanceError Signed(VenueHttpRequest request, long nowNs)
    {
        if (!venue.Keys.CheckSigned(request, nowNs, out var parameters, out var error)) return error;
        return (request.Method, request.Path) switch
        {
            ("GET", "/fapi/v1/order") => venue.Orders.Status(parameters, _text),
            ("POST", "/fapi/v1/order") => venue.Orders.Place(parameters, _text, nowNs),
            ("PUT", "/fapi/v1/order") => venue.Orders.Change(parameters, _text, nowNs),
            ("DELETE", "/fapi/v1/order") => Cancel(parameters, nowNs),
            ("DELETE", "/fapi/v1/allOpenOrders") => CancelAll(parameters, nowNs),
            ("GET", "/fapi/v1/openOrders") => OpenOrders(parameters),
            ("GET", "/fapi/v1/userTrades") => UserTrades(parameters),
            ("GET", "/fapi/v1/income") => Income(parameters),
            ("GET", "/fapi/v3/account") => Account(),
            _ => new BinanceError(404, -1000, "Unknown path."),
        };
    }

    private BinanceError Cancel(Dictionary<string, string> parameters, long nowNs)
    {
        var error = venue.Orders.BeginCancel(parameters, _text, nowNs, out var order);
        if (order is not null) venue.FinishCancel(order, nowNs);
        return error;
    }

    /// <summary>What went well has a code too.</summary>
    private BinanceError CancelAll(Dictionary<string, string> parameters, long nowNs)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        foreach (var order in venue.Market.OpenOrders(instrument.Spec)) venue.FinishCancel(order, nowNs);
        return Write("""{"code":200,"msg":"The operation of cancel all open order is done."}""");
    }

    private BinanceError OpenOrders(Dictionary<string, string> parameters)
    {
        MarketInstrument? instrument = null;
        if (parameters.TryGetValue("symbol", out var symbol) && (instrument = venue.Find(symbol)) is null) return BinanceError.UnknownSymbol;
        _text.Raw("[");
        foreach (var order in venue.Market.OpenOrders(instrument?.Spec)) venue.Orders.WriteOrder(_text.Comma(), order);
        return Write("]");
    }

    private BinanceError UserTrades(Dictionary<string, string> parameters)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        long.TryParse(parameters.GetValueOrDefault("startTime", ""), out var startMs);
        if (!int.TryParse(parameters.GetValueOrDefault("limit", ""), out var limit)) limit = 500;
        var matching = venue.Market.Trades.Where(t => t.Order.Instrument == instrument.Spec && SimulatedVenue.Ms(t.TimeNs) >= startMs);
        _text.Raw("[");
        foreach (var trade in startMs > 0 ? matching.Take(limit) : matching.TakeLast(limit)) venue.Orders.WriteTrade(_text.Comma(), trade);
        return Write("]");
    }

    private BinanceError Income(Dictionary<string, string> parameters)
    {
        long.TryParse(parameters.GetValueOrDefault("startTime", ""), out var startMs);
        if (!int.TryParse(parameters.GetValueOrDefault("limit", ""), out var limit)) limit = 100;
        venue.Account.WriteIncome(_text, parameters.GetValueOrDefault("incomeType", ""), startMs, limit);
        return BinanceError.None;
    }

    private BinanceError Account()
    {
        venue.Account.WriteRest(_text);
        return BinanceError.None;
    }
}
