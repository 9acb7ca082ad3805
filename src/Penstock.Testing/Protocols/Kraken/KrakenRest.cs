using System.Security.Cryptography;
using System.Text;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>The REST interface, with its own names (XBTUSDT, XXBT) and its errors inside HTTP 200.</summary>
internal sealed class KrakenRest(KrakenVenue venue)
{
    private const int TradesPageMax = 50;

    private readonly Utf8Text _text = new();
    private ulong _lastNonce;

    public VenueHttpResponse Answer(VenueHttpRequest request, long nowNs)
    {
        _text.Clear();
        switch (request.Path)
        {
            case "/0/public/Time": return Result($$"""{"unixtime":{{nowNs / 1_000_000_000}}}""");
            case "/0/public/SystemStatus": return Result("""{"status":"online"}""");
            case "/0/public/AssetPairs": return AssetPairs();
        }

        var parameters = VenueHttpRequest.Parse(request.Body);
        if (CheckSigned(request, parameters) is { Length: > 0 } error) return Error(error);
        return request.Path switch
        {
            "/0/private/GetWebSocketsToken" => Result($$"""{"token":"{{venue.IssueToken()}}","expires":900}"""),
            "/0/private/OpenOrders" => OpenOrders(),
            "/0/private/QueryOrders" => QueryOrders(parameters),
            "/0/private/TradesHistory" => TradesHistory(parameters),
            "/0/private/BalanceEx" => BalanceEx(),
            _ => Error("EGeneral:Unknown method"),
        };
    }

    private static VenueHttpResponse Result(string result) => new(200, "{\"error\":[],\"result\":" + result + "}");

    private static VenueHttpResponse Error(string error) => new(200, "{\"error\":[\"" + error + "\"]}");

    private string CheckSigned(VenueHttpRequest request, List<KeyValuePair<string, string>> parameters)
    {
        var nonceText = VenueHttpRequest.Find(parameters, "nonce");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(nonceText + request.Body));
        byte[] message = [.. Encoding.UTF8.GetBytes(request.Path), .. hash];
        var expected = Convert.ToBase64String(HMACSHA512.HashData(Convert.FromBase64String(venue.Options.Secret), message));
        var error = request.Header("API-Key") != venue.Options.ApiKey ? "EAPI:Invalid key"
            : !SimulatedVenue.Same(expected, request.Header("API-Sign")) ? "EAPI:Invalid signature"
            : !ulong.TryParse(nonceText, out var nonce) || nonce <= _lastNonce ? "EAPI:Invalid nonce"
            : "";
        if (error.Length > 0) venue.Statistics.AuthenticationFailures++;
        else _lastNonce = ulong.Parse(nonceText);
        return error;
    }

    private VenueHttpResponse AssetPairs()
    {
        _text.Raw("{");
        foreach (var instrument in venue.Market.Instruments)
        {
            var spec = instrument.Spec;
            _text.Comma().Raw("\"" + PairOf(spec) + "\":");
            _text.Write($$"""{"altname":"{{PairOf(spec)}}","wsname":"{{OldName(spec.Base)}}/{{OldName(spec.Quote)}}","aclass_base":"currency","base":"{{AssetOf(spec.Base)}}","aclass_quote":"currency","quote":"{{AssetOf(spec.Quote)}}","lot":"unit","cost_decimals":5,"pair_decimals":{{spec.PriceDecimals}},"lot_decimals":{{spec.QuantityDecimals}},"lot_multiplier":1,"ordermin":"{{spec.QuantityMin}}","costmin":"{{Fixed.OfAmount(spec.NotionalMin.Raw)}}","tick_size":"{{spec.Tick}}","status":"online"}""");
        }

        return Result(_text.Raw("}").ToString());
    }

    private VenueHttpResponse OpenOrders()
    {
        _text.Raw("{\"open\":{");
        foreach (var order in venue.Market.OpenOrders()) WriteOrder(order);
        return Result(_text.Raw("}}").ToString());
    }

    private VenueHttpResponse QueryOrders(List<KeyValuePair<string, string>> parameters)
    {
        var (textIds, clientId) = (VenueHttpRequest.Find(parameters, "txid"), VenueHttpRequest.Find(parameters, "cl_ord_id"));
        _text.Raw("{");
        foreach (var textId in textIds.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (venue.Orders.FindByTextId(textId) is not { } order) return Error("EOrder:Unknown order");
            WriteOrder(order);
        }

        if (clientId.Length > 0)
        {
            if (venue.Market.FindByClientId(clientId) is not { } order) return Error("EOrder:Unknown order");
            WriteOrder(order);
        }

        return textIds.Length + clientId.Length == 0 ? Error("EGeneral:Invalid arguments") : Result(_text.Raw("}").ToString());
    }

    private void WriteOrder(SimulatedOrder order)
    {
        var status = order.State switch
        {
            OrderState.Working or OrderState.PartiallyFilled => "open",
            OrderState.Filled => "closed",
            _ => "canceled",
        };
        var side = SimulatedVenue.SideText(order.Side);
        var average = order.Filled.Raw == 0 ? 0 : (long)(order.FilledQuote / order.Filled.Raw);
        _text.Comma().Raw("\"" + KrakenOrders.IdOf(order) + "\":");
        _text.Write($$"""{"refid":null,"userref":0,"cl_ord_id":"{{order.ClientId}}","status":"{{status}}","opentm":{{Seconds(order.CreatedNs)}},"starttm":0,"expiretm":0,"descr":{"pair":"{{PairOf(order.Instrument)}}","type":"{{side}}","ordertype":"{{KrakenOrders.TypeOf(order)}}","price":"{{order.Price}}","price2":"0","leverage":"none","order":"{{side}} {{order.Quantity}} {{PairOf(order.Instrument)}} @ limit {{order.Price}}","close":""},"vol":"{{Fixed.Of(order.Quantity, 8)}}","vol_exec":"{{Fixed.Of(order.Filled, 8)}}","cost":"{{Fixed.OfAmount(order.FilledQuote)}}","fee":"{{Fixed.OfAmount(order.FeePaid)}}","price":"{{new Fixed(average, -1)}}","stopprice":"0.00000","limitprice":"0.00000","misc":"","oflags":"{{(order.Ticket.PostOnly ? "fciq,post" : "fciq")}}"}""");
    }

    private VenueHttpResponse TradesHistory(List<KeyValuePair<string, string>> parameters)
    {
        int.TryParse(VenueHttpRequest.Find(parameters, "ofs"), out var offset);
        decimal.TryParse(VenueHttpRequest.Find(parameters, "start"), out var start);
        var matching = venue.Market.Trades.Reverse().Where(t => t.TimeNs >= start * 1_000_000_000m).ToList();
        _text.Raw("{\"trades\":{");
        foreach (var trade in matching.Skip(offset).Take(TradesPageMax))
        {
            var order = trade.Order;
            _text.Comma().Raw("\"" + KrakenOrders.TradeIdOf(trade) + "\":");
            _text.Write($$"""{"ordertxid":"{{KrakenOrders.IdOf(order)}}","postxid":"{{KrakenOrders.TextId('P', order.Id)}}","pair":"{{PairOf(order.Instrument)}}","time":{{Seconds(trade.TimeNs)}},"type":"{{SimulatedVenue.SideText(order.Side)}}","ordertype":"{{KrakenOrders.TypeOf(order)}}","price":"{{trade.Price}}","cost":"{{Fixed.OfAmount(trade.QuoteAmount)}}","fee":"{{Fixed.OfAmount(trade.Fee)}}","vol":"{{Fixed.Of(trade.Quantity, 8)}}","margin":"0.00000","misc":"","trade_id":{{trade.TradeId}},"maker":{{trade.IsMaker}},"cl_ord_id":"{{order.ClientId}}"}""");
        }

        return Result(_text.Write($$"""},"count":{{matching.Count}}}""").ToString());
    }

    private VenueHttpResponse BalanceEx()
    {
        _text.Raw("{");
        foreach (var asset in venue.Market.Ledger.Assets)
        {
            var held = venue.Market.Ledger.Locked(venue.Market.Account, asset);
            _text.Comma().Raw("\"" + AssetOf(asset) + "\":");
            _text.Write($$"""{"balance":"{{Fixed.OfAmount(venue.TotalOf(asset))}}","hold_trade":"{{Fixed.OfAmount(held)}}"}""");
        }

        return Result(_text.Raw("}").ToString());
    }

    /// <summary>Seconds with four digits, as a JSON number.</summary>
    private static Fixed Seconds(long unixNs) => new(unixNs / 100_000 * 10_000, 4);

    private static string PairOf(SimulatedInstrument spec) => OldName(spec.Base) + OldName(spec.Quote);

    private static string OldName(string asset) => asset == "BTC" ? "XBT" : asset;

    private static string AssetOf(string asset) => asset switch
    {
        "BTC" => "XXBT",
        "ETH" => "XETH",
        _ => asset,
    };
}
