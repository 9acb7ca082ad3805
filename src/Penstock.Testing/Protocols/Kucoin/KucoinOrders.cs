using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kucoin;

/// <summary>What became of an order request; without a code it was accepted.</summary>
internal readonly record struct KucoinOutcome(string Code, string Message, string OrderId, string ClientId);

/// <summary>Orders of the account in KuCoin's words: the same for REST and the private topics.</summary>
internal sealed class KucoinOrders(KucoinVenue venue)
{
    public const string ByClientId = "client-order/";

    private const long ClockSkewMsMax = 5_000;

    private readonly Dictionary<string, (Int128 Free, Int128 Locked)> _told = [];

    /// <summary>An empty code, or what the call is refused with.</summary>
    public (string Code, string Message) Check(VenueHttpRequest request, long nowNs)
    {
        var timestamp = request.Header("KC-API-TIMESTAMP");
        var path = request.Query.Length == 0 ? request.Path : request.Path + "?" + request.Query;
        var isInTime = long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            && Math.Abs(ms - SimulatedVenue.Ms(nowNs)) <= ClockSkewMsMax;
        (string, string) refusal =
            request.Header("KC-API-SIGN").Length == 0 ? ("400001", "Please check the header of your request for KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE")
            : request.Header("KC-API-KEY") != venue.Options.ApiKey ? ("400003", "KC-API-KEY not exists")
            : !isInTime ? ("400002", "KC-API-TIMESTAMP Invalid")
            : request.Header("KC-API-KEY-VERSION") is not ("2" or "3") || !SimulatedVenue.Same(Sign(venue.Options.Passphrase), request.Header("KC-API-PASSPHRASE")) ? ("400004", "Invalid KC-API-PASSPHRASE")
            : !SimulatedVenue.Same(Sign(timestamp + request.Method + path + request.Body), request.Header("KC-API-SIGN")) ? ("400005", "Invalid KC-API-SIGN")
            : ("", "");
        if (refusal.Item1.Length > 0) venue.Statistics.AuthenticationFailures++;
        return refusal;
    }

    public KucoinOutcome Place(JsonElement body, long nowNs)
    {
        var clientId = ProtocolSession.StringOf(body, "clientOid");
        if (venue.Find(ProtocolSession.StringOf(body, "symbol")) is not { } instrument) return new("900001", "The symbol does not exist", "", clientId);
        if (!TryTicket(body, clientId, out var ticket)) return new("400100", "Parameter Error", "", clientId);
        return Place(instrument, ticket, nowNs);
    }

    /// <summary>The order is cancelled and another placed: same client id, new order id. What it has filled stays with the old one.</summary>
    public KucoinOutcome Alter(JsonElement body, long nowNs)
    {
        var (orderId, clientId) = (ProtocolSession.StringOf(body, "orderId"), ProtocolSession.StringOf(body, "clientOid"));
        var order = Find(orderId.Length > 0 ? orderId : ByClientId + clientId, ProtocolSession.StringOf(body, "symbol"));
        if (order is not { IsOpen: true }) return new("400100", "order not exist.", "", clientId);
        var (price, quantity) = (order.Price, order.Quantity);
        if (ProtocolSession.StringOf(body, "newPrice") is { Length: > 0 } newPrice && !SimulatedVenue.TryPrice(newPrice, out price)) return new("400100", "newPrice is invalid", "", clientId);
        if (ProtocolSession.StringOf(body, "newSize") is { Length: > 0 } newSize && !SimulatedVenue.TryQuantity(newSize, out quantity)) return new("400100", "newSize is invalid", "", clientId);
        var ticket = order.Ticket with { Price = price, Quantity = quantity - order.Filled };
        venue.FinishCancel(order, nowNs);
        // Smaller than what is filled: the order counts as complete, and no new one is placed.
        if (ticket.Quantity.Raw <= 0) return new("", "", IdOf(order), order.ClientId);
        return Place(venue.Find(order.Instrument.Symbol)!, ticket, nowNs);
    }

    /// <summary>By "{orderId}" or "client-order/{clientOid}".</summary>
    public SimulatedOrder? Find(string key, string symbol)
    {
        var order = key.StartsWith(ByClientId) ? venue.Market.FindByClientId(key[ByClientId.Length..])
            : long.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? venue.Market.FindById(id) : null;
        return order?.Instrument.Symbol == symbol ? order : null;
    }

    /// <summary>24 hexadecimal digits.</summary>
    public static string IdOf(SimulatedOrder order) => order.Id.ToString("x24", CultureInfo.InvariantCulture);

    /// <summary>An order as REST writes it.</summary>
    public static void WriteOrder(Utf8Text text, SimulatedOrder order)
    {
        text.Write($$"""{"id":"{{IdOf(order)}}","symbol":"{{order.Instrument.Symbol}}","opType":"DEAL","type":"{{TypeOf(order)}}","side":"{{SimulatedVenue.SideText(order.Side)}}","price":"{{order.Price}}","size":"{{order.Quantity}}","funds":"0","dealFunds":"{{Fixed.OfAmount(order.FilledQuote)}}","dealSize":"{{order.Filled}}","fee":"{{Fixed.OfAmount(order.FeePaid)}}","feeCurrency":"{{order.FeeAsset}}","stp":"","timeInForce":"{{TimeOf(order)}}","postOnly":{{order.Ticket.PostOnly}},"hidden":false,"iceberg":false,"visibleSize":"0","cancelAfter":0,"channel":"API","clientOid":"{{order.ClientId}}","remark":"","tags":"","active":{{order.IsOpen}},"inOrderBook":{{order.IsOpen}},"cancelExist":{{order.State == OrderState.Cancelled}}""");
        text.Write($$""","createdAt":{{SimulatedVenue.Ms(order.CreatedNs)}},"lastUpdatedAt":{{SimulatedVenue.Ms(order.UpdatedNs)}},"tradeType":"TRADE","cancelledSize":"{{(order.IsOpen ? default : order.Remaining)}}","cancelledFunds":"0","remainSize":"{{(order.IsOpen ? order.Remaining : default)}}","remainFunds":"0"}""");
    }

    /// <summary>A fill as REST writes it: the one place that tells the fee.</summary>
    public static void WriteFill(Utf8Text text, AccountTrade trade) =>
        text.Write($$"""{"id":{{trade.TradeId}},"symbol":"{{trade.Order.Instrument.Symbol}}","tradeId":{{trade.TradeId}},"orderId":"{{IdOf(trade.Order)}}","counterOrderId":"0","side":"{{SimulatedVenue.SideText(trade.Order.Side)}}","liquidity":"{{LiquidityOf(trade)}}","forceTaker":false,"price":"{{trade.Price}}","size":"{{trade.Quantity}}","funds":"{{Fixed.OfAmount(trade.QuoteAmount)}}","fee":"{{Fixed.OfAmount(trade.Fee)}}","feeRate":"0.001","feeCurrency":"{{trade.Order.FeeAsset}}","stop":"","tradeType":"TRADE","type":"{{TypeOf(trade.Order)}}","createdAt":{{SimulatedVenue.Ms(trade.TimeNs)}}}""");

    /// <summary>The messages the stream makes of one event.</summary>
    public static string[] MessagesOf(in OrderEvent happened) => happened.Kind switch
    {
        OrderEventKind.Accepted => happened.Order is { IsOpen: true, Filled.Raw: 0 } ? ["received", "open"] : ["received"],
        OrderEventKind.Trade => happened.State == OrderState.Filled ? ["match", "filled"] : ["match"],
        _ => ["canceled"],
    };

    /// <summary>One message of `tradeOrdersV2`; no fee is told.</summary>
    public static void WritePush(Utf8Text text, in OrderEvent happened, string type)
    {
        var order = happened.Order;
        var remaining = order.Quantity - happened.Filled;
        text.Write($$"""{"type":"message","topic":"{{KucoinVenue.OrdersTopic}}","subject":"orderChange","channelType":"private","data":{"symbol":"{{order.Instrument.Symbol}}","orderType":"{{TypeOf(order)}}","side":"{{SimulatedVenue.SideText(order.Side)}}","orderId":"{{IdOf(order)}}","type":"{{type}}","orderTime":{{order.CreatedNs}},"size":"{{order.Quantity}}","filledSize":"{{happened.Filled}}","price":"{{order.Price}}","clientOid":"{{order.ClientId}}","status":"{{StatusOf(type)}}","originSize":"{{order.Quantity}}{{"\""}}""");
        if (type == "match" && happened.Trade is { } trade)
            text.Write($$""","matchPrice":"{{trade.Price}}","matchSize":"{{trade.Quantity}}","tradeId":"{{trade.TradeId}}","feeType":"{{LiquidityOf(trade)}}Fee","liquidity":"{{LiquidityOf(trade)}}{{"\""}}""");
        if (type == "canceled") text.Write($$""","canceledSize":"{{remaining}}","remainSize":"0{{"\""}}""");
        else text.Write($$""","remainSize":"{{remaining}}{{"\""}}""");
        text.Write($$$""","ts":{{{happened.TimeNs}}}}}""");
    }

    /// <summary>A balance as the topic tells it; false, and nothing written, when it has not changed since.</summary>
    public bool TryWriteBalancePush(Utf8Text text, string asset, long nowNs)
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        var now = (Free: ledger.Free(account, asset), Locked: ledger.Locked(account, asset));
        if (_told.TryGetValue(asset, out var before) && before == now) return false;
        _told[asset] = now;
        text.Write($$"""{"type":"message","topic":"{{KucoinVenue.BalanceTopic}}","subject":"account.balance","channelType":"private","data":{"accountId":"1","currency":"{{asset}}","total":"{{Fixed.OfAmount(now.Free + now.Locked)}}","available":"{{Fixed.OfAmount(now.Free)}}","availableChange":"{{Fixed.OfAmount(now.Free - before.Free)}}","hold":"{{Fixed.OfAmount(now.Locked)}}","holdChange":"{{Fixed.OfAmount(now.Locked - before.Locked)}}","relationEvent":"trade.setted","relationEventId":"1","time":"{{SimulatedVenue.Ms(nowNs)}}{{"\""}}""").Raw("}}");
        return true;
    }

    private KucoinOutcome Place(MarketInstrument instrument, in OrderTicket ticket, long nowNs)
    {
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            reject = MatchReject.None;
        }

        var (code, message) = Refusal(reject);
        return new(code, message, code.Length == 0 ? IdOf(order) : "", ticket.ClientId);
    }

    private static bool TryTicket(JsonElement body, string clientId, out OrderTicket ticket)
    {
        ticket = default;
        var type = ProtocolSession.StringOf(body, "type");
        var side = ProtocolSession.StringOf(body, "side");
        var time = ProtocolSession.StringOf(body, "timeInForce");
        var isPostOnly = ProtocolSession.StringOf(body, "postOnly") == "true";
        if (type is not ("limit" or "market") || side is not ("buy" or "sell") || time is not ("" or "GTC" or "IOC" or "FOK")) return false;
        if (clientId.Length > 40 || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(body, "size"), out var quantity) || (isPostOnly && time is "IOC" or "FOK")) return false;
        var price = Price.Zero;
        if (type == "limit" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(body, "price"), out price)) return false;
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity, PostOnly = isPostOnly, SelfTradeAllowed = true,
            Type = type == "market" ? OrderType.Market : OrderType.Limit,
            TimeInForce = time switch
            {
                "IOC" => TimeInForce.ImmediateOrCancel,
                "FOK" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    private string Sign(string prehash) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(prehash)));

    private static string TypeOf(SimulatedOrder order) => order.Ticket.Type == OrderType.Market ? "market" : "limit";

    private static string TimeOf(SimulatedOrder order) => order.Ticket.TimeInForce switch
    {
        TimeInForce.ImmediateOrCancel => "IOC",
        TimeInForce.FillOrKill => "FOK",
        _ => "GTC",
    };

    private static string LiquidityOf(AccountTrade trade) => trade.IsMaker ? "maker" : "taker";

    private static string StatusOf(string type) => type switch
    {
        "received" => "new",
        "open" or "match" => type,
        _ => "done",
    };

    private static (string Code, string Message) Refusal(MatchReject reject) => reject switch
    {
        MatchReject.None => ("", ""),
        MatchReject.TickSize => ("400100", "Price increment invalid."),
        MatchReject.LotSize => ("400100", "Order size increment invalid."),
        MatchReject.NotionalMin => ("400100", "Order funds are below the minimum."),
        MatchReject.DuplicateClientId => ("400100", "Duplicate clientOid."),
        _ => ("200004", "Balance insufficient!"),
    };
}
