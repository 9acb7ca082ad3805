using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>The calls that need no key. Errors come with HTTP 200, as the venue sends them.</summary>
internal sealed class BybitMarketRest(BybitMarket venue)
{
    private const int BookDepthMax = 1_000;

    private readonly Utf8Text _text = new();

    /// <summary>Null for a path that is none of these.</summary>
    public VenueHttpResponse? Answer(VenueHttpRequest request, long nowNs)
    {
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        return request.Path switch
        {
            "/v5/market/time" => Result($$"""{"timeSecond":"{{nowNs / 1_000_000_000}}","timeNano":"{{nowNs}}"}""", nowNs),
            "/v5/market/instruments-info" => Instruments(parameters, nowNs),
            "/v5/market/orderbook" => Book(parameters, nowNs),
            _ => null,
        };
    }

    public static VenueHttpResponse Result(string result, long nowNs) =>
        new(200, $$"""{"retCode":0,"retMsg":"OK","result":{{result}},"retExtInfo":{},"time":{{SimulatedVenue.Ms(nowNs)}}}""");

    public static VenueHttpResponse Error(int code, string message, long nowNs, int status = 200) =>
        new(status, $$$"""{"retCode":{{{code}}},"retMsg":"{{{message}}}","result":{},"retExtInfo":{},"time":{{{SimulatedVenue.Ms(nowNs)}}}}""");

    private VenueHttpResponse Instruments(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (VenueHttpRequest.Find(parameters, "category") != venue.Category) return Error(10001, "Illegal category", nowNs);
        var wanted = VenueHttpRequest.Find(parameters, "symbol");
        _text.Write($$"""{"category":"{{venue.Category}}","list":[""");
        foreach (var instrument in venue.Market.Instruments)
        {
            if (wanted.Length == 0 || BybitMarket.Spell(instrument) == wanted) WriteInstrument(_text.Comma(), instrument.Spec);
        }

        return Result(_text.Raw(venue.IsSpot ? "]}" : "],\"nextPageCursor\":\"\"}").ToString(), nowNs);
    }

    private void WriteInstrument(Utf8Text text, SimulatedInstrument spec)
    {
        var least = new Model.Numbers.Quantity((long)(spec.NotionalMin.Raw / Model.Numbers.FixedPoint.Scale));
        if (venue.IsSpot) text.Write($$"""{"symbol":"{{BybitFeed.Spell(spec.Symbol)}}","symbolId":{{spec.VenueCode}},"baseCoin":"{{spec.Base}}","quoteCoin":"{{spec.Quote}}","innovation":"0","status":"Trading","marginTrading":"utaOnly","lotSizeFilter":{"basePrecision":"{{spec.Lot}}","quotePrecision":"0.0000001","minOrderQty":"{{spec.QuantityMin}}","maxOrderQty":"83000000","minOrderAmt":"{{least}}","maxOrderAmt":"8000000"},"priceFilter":{"tickSize":"{{spec.Tick}}"},"riskParameters":{"priceLimitRatioX":"0.005"}""").Raw("}");
        else text.Write($$"""{"symbol":"{{BybitFeed.Spell(spec.Symbol)}}","symbolId":{{spec.VenueCode}},"contractType":"LinearPerpetual","status":"Trading","baseCoin":"{{spec.Base}}","quoteCoin":"{{spec.Quote}}","launchTime":"1585526400000","priceScale":"{{spec.PriceDecimals}}","priceFilter":{"minPrice":"{{spec.Tick}}","maxPrice":"1999999.80","tickSize":"{{spec.Tick}}"},"lotSizeFilter":{"maxOrderQty":"1190000","minOrderQty":"{{spec.QuantityMin}}","qtyStep":"{{spec.Lot}}","minNotionalValue":"{{least}}"},"fundingInterval":480,"settleCoin":"{{spec.Quote}}"}""");
    }

    private VenueHttpResponse Book(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        var symbol = VenueHttpRequest.Find(parameters, "symbol");
        if (VenueHttpRequest.Find(parameters, "category") != venue.Category || venue.Find(symbol) is not { } instrument)
            return Error(10001, "Not supported symbols", nowNs);
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var depth)) depth = 1;
        _text.Write($$"""{"s":"{{symbol}}","a":[""");
        WriteSide(instrument.Engine.Asks, depth);
        _text.Raw("],\"b\":[");
        WriteSide(instrument.Engine.Bids, depth);
        _text.Write($$"""],"ts":{{SimulatedVenue.Ms(nowNs)}},"u":{{instrument.UpdateId}},"seq":{{instrument.UpdateId}},"cts":{{SimulatedVenue.Ms(nowNs)}}}""");
        return Result(_text.ToString(), nowNs);
    }

    private void WriteSide(BookSide side, int depth)
    {
        for (var rank = 0; rank < side.Count && rank < Math.Min(depth, BookDepthMax); rank++)
            _text.Comma().Write($$"""["{{side[rank].Price}}","{{side[rank].Quantity}}"]""");
    }
}
