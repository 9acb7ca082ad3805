using System.Text.Json;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>The REST interface: public calls, and signed ones over time, method, path with query, and body.</summary>
internal sealed class OkxRest(OkxVenue venue)
{
    private readonly Utf8Text _text = new();

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        switch (request.Path)
        {
            case "/api/v5/public/time": return Data($$"""{"ts":"{{SimulatedVenue.Ms(nowNs)}}"}""");
            case "/api/v5/public/instruments": return Instruments(parameters);
            case "/api/v5/market/books": return Books(parameters, nowNs);
        }

        var code = venue.Orders.CheckRest(request, nowNs);
        if (code != "0") return Error(401, code, "Invalid authentication");
        return (request.Method, request.Path) switch
        {
            ("GET", "/api/v5/trade/order") => Order(parameters),
            ("GET", "/api/v5/trade/orders-pending") => Pending(parameters),
            ("GET", "/api/v5/trade/fills") => Fills(parameters),
            ("GET", "/api/v5/account/balance") => Balance(nowNs),
            ("POST", "/api/v5/trade/order") => Post(request.Body, isCancel: false, nowNs),
            ("POST", "/api/v5/trade/cancel-order") => Post(request.Body, isCancel: true, nowNs),
            _ => Error(404, "50404", "Not found"),
        };
    }

    private static VenueHttpResponse Data(string items) => new(200, "{\"code\":\"0\",\"msg\":\"\",\"data\":[" + items + "]}");

    private static VenueHttpResponse Error(int status, string code, string message) =>
        new(status, $$"""{"code":"{{code}}","msg":"{{message}}","data":[]}""");

    private VenueHttpResponse Instruments(List<KeyValuePair<string, string>> parameters)
    {
        if (VenueHttpRequest.Find(parameters, "instType") is not ("SPOT" or "SWAP" or "FUTURES" or "OPTION"))
            return Error(400, "51000", "Parameter instType error");
        if (VenueHttpRequest.Find(parameters, "instType") != "SPOT") return Data("");
        var wanted = VenueHttpRequest.Find(parameters, "instId");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            if (wanted.Length > 0 && spec.Symbol != wanted) continue;
            _text.Comma().Write($$"""{"alias":"","auctionEndTime":"","baseCcy":"{{spec.Base}}","category":"1","contTdSwTime":"","ctMult":"","ctType":"","ctVal":"","ctValCcy":"","expTime":"","futureSettlement":false,"instFamily":"","instId":"{{spec.Symbol}}","instIdCode":{{spec.VenueCode}},"instType":"SPOT","lever":"","listTime":"1733454000000","lotSz":"{{spec.Lot}}","maxIcebergSz":"9999999999.0000000000000000","maxLmtAmt":"20000000","maxLmtSz":"9999999999","maxMktAmt":"1000000","maxMktSz":"1000000","maxStopSz":"1000000","maxTriggerSz":"9999999999.0000000000000000","maxTwapSz":"9999999999.0000000000000000","minSz":"{{spec.QuantityMin}}","openType":"","optType":"","quoteCcy":"{{spec.Quote}}","ruleType":"normal","settleCcy":"","state":"live","stk":"","tickSz":"{{spec.Tick}}","tradeQuoteCcyList":["{{spec.Quote}}"],"uly":""}""");
        }

        return Data(_text.ToString());
    }

    private VenueHttpResponse Books(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "instId")) is not { } instrument) return Error(400, "51001", "Instrument ID doesn't exist.");
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "sz"), out var depth)) depth = 1;
        _text.Raw("{\"asks\":[");
        WriteSide(instrument.Engine.Asks, depth);
        _text.Raw("],\"bids\":[");
        WriteSide(instrument.Engine.Bids, depth);
        _text.Write($$"""],"ts":"{{SimulatedVenue.Ms(nowNs)}}"}""");
        return Data(_text.ToString());
    }

    private void WriteSide(BookSide side, int depth)
    {
        for (var rank = 0; rank < side.Count && rank < Math.Min(depth, 400); rank++)
            _text.Comma().Write($$"""["{{side[rank].Price}}","{{side[rank].Quantity}}","0","{{side[rank].OrderCount}}"]""");
    }

    private VenueHttpResponse Order(List<KeyValuePair<string, string>> parameters)
    {
        if (venue.Orders.Find(VenueHttpRequest.Find(parameters, "ordId"), VenueHttpRequest.Find(parameters, "clOrdId")) is not { } order)
            return Error(200, "51603", "Order does not exist");
        OkxOrders.WriteOrder(_text, OkxOrders.StatusOf(order));
        return Data(_text.ToString());
    }

    private VenueHttpResponse Pending(List<KeyValuePair<string, string>> parameters)
    {
        var instId = VenueHttpRequest.Find(parameters, "instId");
        foreach (var order in venue.Market.OpenOrders(instId.Length > 0 ? venue.Find(instId)?.Spec : null).AsEnumerable().Reverse().Take(100))
        {
            _text.Comma();
            OkxOrders.WriteOrder(_text, OkxOrders.StatusOf(order));
        }

        return Data(_text.ToString());
    }

    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters)
    {
        var instId = VenueHttpRequest.Find(parameters, "instId");
        long.TryParse(VenueHttpRequest.Find(parameters, "begin"), out var beginMs);
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit)) limit = 100;
        var matching = venue.Market.Trades.Reverse().Where(t =>
            (instId.Length == 0 || t.Order.Instrument.Symbol == instId) && SimulatedVenue.Ms(t.TimeNs) >= beginMs);
        foreach (var trade in matching.Take(Math.Clamp(limit, 1, 100)))
        {
            _text.Comma();
            OkxOrders.WriteFill(_text, trade);
        }

        return Data(_text.ToString());
    }

    private VenueHttpResponse Balance(long nowNs)
    {
        venue.Orders.WriteBalances(_text, nowNs);
        return Data(_text.ToString());
    }

    private VenueHttpResponse Post(string body, bool isCancel, long nowNs)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            SimulatedOrder? cancelled = null;
            var outcome = isCancel
                ? venue.Orders.BeginCancel(document.RootElement, out cancelled)
                : venue.Orders.Place(document.RootElement, nowNs);
            OkxOrders.WriteOutcome(_text.Raw("{"), outcome, nowNs);
            if (cancelled is not null) venue.FinishCancel(cancelled, nowNs);
            return new VenueHttpResponse(200, _text.Raw("}").ToString());
        }
        catch (JsonException)
        {
            return Error(400, "50002", "Incorrect json data format");
        }
    }
}
