using System.Text.Json;
using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Gateio;

/// <summary>The REST interface: public calls, and signed ones over method, path, query, hash of the body and time.</summary>
internal sealed class GateioRest(GateioVenue venue)
{
    private const string Root = "/api/v4";

    private readonly Utf8Text _text = new();

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        var parameters = VenueHttpRequest.Parse(request.Query);
        _text.Clear();
        switch (request.Path)
        {
            case Root + "/spot/time": return new VenueHttpResponse(200, $$"""{"server_time":{{SimulatedVenue.Ms(nowNs)}}}""");
            case Root + "/spot/currency_pairs": return Pairs();
            case Root + "/spot/order_book": return Book(parameters, nowNs);
        }

        var label = venue.Orders.CheckRest(request, nowNs);
        if (label.Length > 0) return Error(401, label, "Authentication failed");
        const string Orders = Root + "/spot/orders";
        if (request.Path.StartsWith(Orders + "/", StringComparison.Ordinal))
            return One(request.Method, request.Path[(Orders.Length + 1)..], VenueHttpRequest.Find(parameters, "currency_pair"), nowNs);
        return (request.Method, request.Path) switch
        {
            ("GET", Orders) => Open(parameters),
            ("POST", Orders) => Place(request.Body, nowNs),
            ("DELETE", Orders) => Of(venue.Orders.CancelAll(
                VenueHttpRequest.Find(parameters, "currency_pair"), VenueHttpRequest.Find(parameters, "side"), nowNs)),
            ("GET", Root + "/spot/my_trades") => Fills(parameters),
            ("GET", Root + "/spot/accounts") => Accounts(nowNs),
            _ => Error(404, "NOT_FOUND", "Request URL not exists"),
        };
    }

    private static VenueHttpResponse Error(int status, string label, string message) =>
        new(status, $$"""{"label":"{{label}}","message":"{{message}}"}""");

    private static VenueHttpResponse Of(in GateioOutcome outcome, int ok = 200) =>
        outcome.IsOk ? new VenueHttpResponse(ok, outcome.Result) : Error(outcome.Status, outcome.Label, outcome.Message);

    private VenueHttpResponse Pairs()
    {
        _text.Raw("[");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            _text.Comma().Write($$"""{"id":"{{GateioVenue.Spell(instrument)}}","base":"{{spec.Base}}","base_name":"{{spec.Base}}","quote":"{{spec.Quote}}","quote_name":"{{spec.Quote}}","fee":"0.2","min_base_amount":"{{spec.QuantityMin}}","min_quote_amount":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}","max_base_amount":"10000","max_quote_amount":"10000000","amount_precision":{{DecimalsOf(spec.Lot.Raw)}},"precision":{{DecimalsOf(spec.Tick.Raw)}},"trade_status":"tradable","sell_start":1516378650,"buy_start":1516378650,"delisting_time":0,"st_tag":false}""");
        }

        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private static int DecimalsOf(long step)
    {
        var decimals = 8;
        for (; decimals > 0 && step % 10 == 0; step /= 10) decimals--;
        return decimals;
    }

    private VenueHttpResponse Book(List<KeyValuePair<string, string>> parameters, long nowNs)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "currency_pair")) is not { } instrument)
            return Error(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair");
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit)) limit = 10;
        _text.Write($$"""{"current":{{SimulatedVenue.Ms(nowNs)}},"update":{{SimulatedVenue.Ms(nowNs)}}""");
        if (VenueHttpRequest.Find(parameters, "with_id") == "true") _text.Write($$""","id":{{instrument.UpdateId}}""");
        _text.Raw(",\"asks\":[");
        WriteSide(instrument.Engine.Asks, limit);
        _text.Raw("],\"bids\":[");
        WriteSide(instrument.Engine.Bids, limit);
        return new VenueHttpResponse(200, _text.Raw("]}").ToString());
    }

    private void WriteSide(BookSide side, int limit)
    {
        for (var rank = 0; rank < side.Count && rank < Math.Clamp(limit, 1, 1_000); rank++)
            _text.Comma().Write($$"""["{{side[rank].Price}}","{{side[rank].Quantity}}"]""");
    }

    private VenueHttpResponse One(string method, string id, string pair, long nowNs)
    {
        if (method == "GET")
            return venue.Orders.Find(id, pair) is { } found ? Of(GateioOrders.Done(found)) : Error(404, "ORDER_NOT_FOUND", "Order not found");
        if (method != "DELETE") return Error(405, "METHOD_NOT_ALLOWED", "Request method is not allowed");
        var outcome = venue.Orders.BeginCancel(id, pair, out var order);
        if (order is null) return Of(outcome);
        venue.FinishCancel(order, nowNs);
        return Of(GateioOrders.Done(order));
    }

    private VenueHttpResponse Open(List<KeyValuePair<string, string>> parameters)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "currency_pair")) is not { } instrument)
            return Error(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair");
        if (VenueHttpRequest.Find(parameters, "status") != "open") return Error(400, "INVALID_PARAM_VALUE", "status");
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit)) limit = 100;
        _text.Raw("[");
        foreach (var order in venue.Market.OpenOrders(instrument.Spec).AsEnumerable().Reverse().Take(Math.Clamp(limit, 1, 100)))
            GateioOrders.WriteOrder(_text.Comma(), GateioOrders.StatusOf(order), isPush: false);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Fills(List<KeyValuePair<string, string>> parameters)
    {
        if (venue.Find(VenueHttpRequest.Find(parameters, "currency_pair")) is not { } instrument)
            return Error(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair");
        long.TryParse(VenueHttpRequest.Find(parameters, "from"), out var from);
        if (!int.TryParse(VenueHttpRequest.Find(parameters, "limit"), out var limit)) limit = 100;
        _text.Raw("[");
        var matching = venue.Market.Trades.Reverse().Where(t => t.Order.Instrument == instrument.Spec && t.TimeNs / 1_000_000_000 >= from);
        foreach (var trade in matching.Take(Math.Clamp(limit, 1, 1_000))) GateioOrders.WriteFill(_text.Comma(), trade, isRest: true);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Accounts(long nowNs)
    {
        venue.Orders.WriteBalances(_text.Raw("["), isPush: false, nowNs);
        return new VenueHttpResponse(200, _text.Raw("]").ToString());
    }

    private VenueHttpResponse Place(string body, long nowNs)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (!venue.Orders.TryTakeRate(document.RootElement, nowNs)) return Error(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)");
            var outcome = venue.Orders.Place(document.RootElement, nowNs);
            // The order is there; only its answer is lost.
            return venue.Faults.TryTake(FaultKind.LoseAck) ? new VenueHttpResponse(504, "") : Of(outcome, ok: 201);
        }
        catch (JsonException)
        {
            return Error(400, "INVALID_REQUEST_BODY", "Invalid request body");
        }
    }
}
