using Penstock.Testing.Faults;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bitstamp;

/// <summary>The REST interface: public GETs, and signed POSTs with forms.</summary>
internal sealed class BitstampRest(BitstampVenue venue)
{
    private const string Root = "/api/v2/";

    private readonly Utf8Text _text = new();

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        _text.Clear();
        if (!request.Path.StartsWith(Root, StringComparison.Ordinal)) return NotFound();
        var path = request.Path[Root.Length..].TrimEnd('/').Split('/');
        if (request.Method == "GET") return Public(path, nowNs);
        // The final slash is part of what is signed; without it there is no such address.
        if (!request.Path.EndsWith('/')) return NotFound();
        var error = venue.Orders.Check(request, nowNs);
        return error == BitstampError.None ? Private(path, VenueHttpRequest.Parse(request.Body), nowNs) : error.Response;
    }

    private VenueHttpResponse Public(string[] path, long nowNs)
    {
        switch (path)
        {
            case ["markets"]:
                return Markets();
            case ["order_book", var market] when venue.Find(market) is { } instrument:
                venue.WriteBook(_text, instrument, nowNs);
                return Ok();
            case ["ticker", var market] when venue.Find(market) is { } instrument:
                return Ticker(instrument, nowNs);
            default:
                return NotFound();
        }
    }

    private VenueHttpResponse Private(string[] path, List<KeyValuePair<string, string>> form, long nowNs) => path switch
    {
        ["websockets_token"] => Token(nowNs),
        ["account_balances"] => Balances(),
        ["buy" or "sell", "market", _] or ["buy" or "sell", not "market"] => Place(path, form, nowNs),
        ["cancel_order"] => Cancel(form, nowNs),
        ["cancel_all_orders"] => CancelAll(null, nowNs),
        ["cancel_all_orders", var market] when venue.Find(market) is { } instrument => CancelAll(instrument, nowNs),
        ["replace_order"] => Replace(form, nowNs),
        ["order_status"] => Status(form),
        ["open_orders", "all"] => Open(null),
        ["open_orders", var market] when venue.Find(market) is { } instrument => Open(instrument),
        ["user_transactions"] => Transactions(null, form),
        ["user_transactions", var market] when venue.Find(market) is { } instrument => Transactions(instrument, form),
        _ => NotFound(),
    };

    private VenueHttpResponse Ok() => new(200, _text.ToString());

    private static VenueHttpResponse NotFound() => new BitstampError(404, "404.003", "Not found.").Response;

    private static VenueHttpResponse OrderNotFound() => new BitstampError(404, "404.002", "Order not found.").Response;

    /// <summary>The order was dealt with and the client will not hear of it: a gateway gave up waiting.</summary>
    private static VenueHttpResponse Lost() => new(504, "");

    private VenueHttpResponse Markets()
    {
        _text.Raw("[");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            _text.Comma().Write($$"""{"name":"{{BitstampOrders.NameOf(spec)}}","market_symbol":"{{BitstampVenue.Spell(spec)}}","base_currency":"{{spec.Base}}","base_decimals":{{spec.QuantityDecimals}},"counter_currency":"{{spec.Quote}}","counter_decimals":{{spec.PriceDecimals}},"minimum_order_value":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}","maximum_order_value":"10000000","minimum_order_amount":"{{Fixed.Of(spec.QuantityMin, 8)}}","trading":"Enabled","instant_order_counter_decimals":2,"instant_and_market_orders":"Enabled","market_type":"SPOT","description":"{{spec.Base}} / {{spec.Quote}}"}""");
        }

        _text.Raw("]");
        return Ok();
    }

    private VenueHttpResponse Ticker(MarketInstrument instrument, long nowNs)
    {
        var (bid, ask, last) = (instrument.Engine.Bids.Best?.Price ?? default, instrument.Engine.Asks.Best?.Price ?? default, instrument.LastPrint);
        _text.Write($$"""{"timestamp":"{{nowNs / 1_000_000_000}}","open":"{{instrument.Spec.StartPrice}}","high":"{{last.Price}}","low":"{{last.Price}}","last":"{{last.Price}}","volume":"0","vwap":"{{last.Price}}","bid":"{{bid}}","ask":"{{ask}}","side":"0","open_24":"{{instrument.Spec.StartPrice}}","percent_change_24":"0.00"}""");
        return Ok();
    }

    private VenueHttpResponse Token(long nowNs)
    {
        _text.Write($$"""{"token":"{{venue.Orders.IssueToken(nowNs)}}","user_id":{{BitstampVenue.UserId}},"valid_sec":60}""");
        return Ok();
    }

    private VenueHttpResponse Balances()
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        _text.Raw("[");
        foreach (var asset in ledger.Assets)
        {
            var (free, locked) = (ledger.Free(account, asset), ledger.Locked(account, asset));
            _text.Comma().Write($$"""{"currency":"{{asset.ToLowerInvariant()}}","total":"{{Fixed.OfAmount(free + locked)}}","available":"{{Fixed.OfAmount(free)}}","reserved":"{{Fixed.OfAmount(locked)}}"}""");
        }

        _text.Raw("]");
        return Ok();
    }

    private VenueHttpResponse Place(string[] path, List<KeyValuePair<string, string>> form, long nowNs)
    {
        var error = venue.Orders.Place(path, form, nowNs, out var order);
        if (venue.Faults.TryTake(FaultKind.LoseAck)) return Lost();
        if (error != BitstampError.None) return error.Response;
        BitstampOrders.WritePlaced(_text, order!);
        return Ok();
    }

    private VenueHttpResponse Cancel(List<KeyValuePair<string, string>> form, long nowNs)
    {
        if (venue.Orders.Find(form) is not { IsOpen: true } order)
            return venue.Faults.TryTake(FaultKind.LoseAck) ? Lost() : OrderNotFound();
        BitstampOrders.WriteCancelled(_text, order);
        venue.FinishCancel(order, nowNs);
        return venue.Faults.TryTake(FaultKind.LoseAck) ? Lost() : Ok();
    }

    private VenueHttpResponse CancelAll(MarketInstrument? instrument, long nowNs)
    {
        _text.Raw("{\"canceled\":[");
        foreach (var order in venue.Market.OpenOrders(instrument?.Spec))
        {
            BitstampOrders.WriteCancelled(_text.Comma(), order);
            venue.FinishCancel(order, nowNs);
        }

        _text.Raw("],\"success\":true}");
        return Ok();
    }

    /// <summary>The old order ends and a new one, with a new id, takes its place at the end of the queue.</summary>
    private VenueHttpResponse Replace(List<KeyValuePair<string, string>> form, long nowNs)
    {
        if (venue.Orders.Find(form, "orig_client_order_id") is not { IsOpen: true } old) return OrderNotFound();
        venue.Orders.MarkReplaced(old);
        venue.FinishCancel(old, nowNs);
        string[] path = [SimulatedVenue.SideText(old.Side), BitstampVenue.Spell(old.Instrument)];
        var error = venue.Orders.Place(path, form, nowNs, out var order);
        if (venue.Faults.TryTake(FaultKind.LoseAck)) return Lost();
        if (error != BitstampError.None) return error.Response;
        BitstampOrders.WritePlaced(_text, order!);
        return Ok();
    }

    private VenueHttpResponse Status(List<KeyValuePair<string, string>> form)
    {
        if (venue.Orders.Find(form) is not { } order) return OrderNotFound();
        venue.Orders.WriteStatus(_text, order);
        return Ok();
    }

    private VenueHttpResponse Open(MarketInstrument? instrument)
    {
        _text.Raw("[");
        foreach (var order in venue.Market.OpenOrders(instrument?.Spec)) BitstampOrders.WriteOpen(_text.Comma(), order);
        _text.Raw("]");
        return Ok();
    }

    private VenueHttpResponse Transactions(MarketInstrument? instrument, List<KeyValuePair<string, string>> form)
    {
        long.TryParse(VenueHttpRequest.Find(form, "since_timestamp"), out var sinceSeconds);
        long.TryParse(VenueHttpRequest.Find(form, "since_id"), out var sinceId);
        int.TryParse(VenueHttpRequest.Find(form, "offset"), out var offset);
        if (!int.TryParse(VenueHttpRequest.Find(form, "limit"), out var limit)) limit = 100;
        var matching = venue.Market.Trades.Where(t => (instrument is null || t.Order.Instrument == instrument.Spec)
            && t.TimeNs / 1_000_000_000 >= sinceSeconds && t.TradeId >= sinceId);
        if (VenueHttpRequest.Find(form, "sort") != "asc") matching = matching.Reverse();
        _text.Raw("[");
        foreach (var trade in matching.Skip(offset).Take(Math.Clamp(limit, 1, 1_000))) BitstampOrders.WriteTransaction(_text.Comma(), trade);
        _text.Raw("]");
        return Ok();
    }
}
