using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bybit;

/// <summary>What became of one order or cancel request; code 0 is received.</summary>
internal readonly record struct BybitOutcome(int Code, string Message, string OrderId, string ClientId);

/// <summary>Orders of the account in Bybit's words: the same for REST, the trade socket and the private topics.</summary>
internal sealed class BybitOrders(BybitVenue venue)
{
    private const int ClientIdCharactersMax = 36;
    private const long AheadMsMax = 1_000;

    /// <summary>[key, expires, signature over "GET/realtime" and expires].</summary>
    public bool CheckLogin(JsonElement arguments, long nowNs)
    {
        var expires = arguments[1].ValueKind == JsonValueKind.String ? arguments[1].GetString()! : arguments[1].GetRawText();
        var isRight = arguments[0].GetString() == venue.Options.ApiKey
            && long.TryParse(expires, out var expiresMs) && expiresMs > SimulatedVenue.Ms(nowNs)
            && SimulatedVenue.Same(Sign("GET/realtime" + expires), arguments[2].GetString() ?? "");
        if (!isRight) venue.Statistics.AuthenticationFailures++;
        return isRight;
    }

    /// <summary>0, or the code a REST call is refused with.</summary>
    public int CheckRest(VenueHttpRequest request, long nowNs)
    {
        var (timestamp, window) = (request.Header("X-BAPI-TIMESTAMP"), request.Header("X-BAPI-RECV-WINDOW"));
        var signed = request.Method == "GET" ? request.Query : request.Body;
        var code = request.Header("X-BAPI-API-KEY") != venue.Options.ApiKey ? 10003
            : !IsInTime(timestamp, window, nowNs) ? 10002
            : !SimulatedVenue.Same(Sign(timestamp + venue.Options.ApiKey + window + signed), request.Header("X-BAPI-SIGN")) ? 10004
            : 0;
        if (code != 0) venue.Statistics.AuthenticationFailures++;
        return code;
    }

    /// <summary>Not older than the window, not more than a second ahead.</summary>
    public bool IsInTime(string timestamp, string window, long nowNs)
    {
        if (!long.TryParse(window, out var windowMs)) windowMs = 5_000;
        var now = SimulatedVenue.Ms(nowNs);
        return long.TryParse(timestamp, out var at) && at >= now - windowMs && at < now + AheadMsMax;
    }

    public BybitOutcome Place(JsonElement argument, long nowNs)
    {
        var clientId = ProtocolSession.StringOf(argument, "orderLinkId");
        if (ProtocolSession.StringOf(argument, "category") != venue.Category
            || venue.Find(ProtocolSession.StringOf(argument, "symbol")) is not { } instrument)
            return new(10001, "Not supported symbols", "", clientId);
        if (!TryTicket(argument, clientId, instrument, out var ticket)) return new(10001, "Request parameter error.", "", clientId);
        // Unique for ever, not only among open orders.
        if (clientId.Length > 0 && venue.Market.FindByClientId(clientId) is not null) return new(170141, "Duplicate clientOrderId", "", clientId);
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            reject = MatchReject.None;
        }

        var (code, message) = Refusal(reject);
        return new(code, message, code == 0 ? order.Id.ToString() : "", clientId);
    }

    /// <summary>Checks; the caller finishes the cancel after the answer went out.</summary>
    public BybitOutcome BeginCancel(JsonElement argument, out SimulatedOrder? order)
    {
        var (orderId, clientId) = (ProtocolSession.StringOf(argument, "orderId"), ProtocolSession.StringOf(argument, "orderLinkId"));
        order = Find(orderId, clientId);
        if (ProtocolSession.StringOf(argument, "category") != venue.Category || venue.Find(ProtocolSession.StringOf(argument, "symbol")) is null) order = null;
        if (order is { IsOpen: true }) return new(0, "", order.Id.ToString(), order.ClientId);
        order = null;
        return new(170213, "Order does not exist.", orderId, clientId);
    }

    /// <summary>The quantity is the new total; what is not named stays. The answer says that the request was taken; the order topic that it was done.</summary>
    public BybitOutcome Amend(JsonElement argument, long nowNs)
    {
        var outcome = BeginCancel(argument, out var order);
        if (order is null) return outcome;
        var (price, quantity) = (order.Price, order.Quantity);
        if (ProtocolSession.StringOf(argument, "price") is { Length: > 0 } newPrice && !SimulatedVenue.TryPrice(newPrice, out price)
            || ProtocolSession.StringOf(argument, "qty") is { Length: > 0 } newQuantity && !SimulatedVenue.TryQuantity(newQuantity, out quantity))
            return outcome with { Code = 10001, Message = "Request parameter error." };
        var (code, message) = Refusal(venue.Market.Amend(order, price, quantity, nowNs));
        return outcome with { Code = code, Message = message };
    }

    public SimulatedOrder? Find(string orderId, string clientId) =>
        long.TryParse(orderId, out var id) ? venue.Market.FindById(id) : venue.Market.FindByClientId(clientId);

    public static void WriteIds(Utf8Text text, BybitOutcome outcome)
    {
        if (outcome.Code == 0) text.Write($$"""{"orderId":"{{outcome.OrderId}}","orderLinkId":"{{outcome.ClientId}}"}""");
        else text.Raw("{}");
    }

    /// <summary>An order as REST and the order topic write it.</summary>
    public static void WriteOrder(Utf8Text text, in OrderEvent happened)
    {
        var order = happened.Order;
        text.Write($$"""{"category":"spot","symbol":"{{BybitFeed.Spell(order.Instrument.Symbol)}}","orderId":"{{order.Id}}","orderLinkId":"{{order.ClientId}}","blockTradeId":"","side":"{{BybitMarket.SideName(order.Side)}}","positionIdx":0,"orderStatus":"{{StatusOf(happened)}}","cancelType":"{{(happened.Cause == CancelCause.Requested ? "CancelByUser" : "UNKNOWN")}}","rejectReason":"{{ReasonOf(happened.Cause)}}","timeInForce":"{{TimeInForceOf(order)}}","isLeverage":"0","price":"{{(order.Ticket.Type == OrderType.Market ? "0" : order.Price.ToString())}}","qty":"{{order.Quantity}}","avgPrice":"{{AverageOf(happened)}}","leavesQty":"{{(happened.State is OrderState.Working or OrderState.PartiallyFilled ? order.Quantity - happened.Filled : default)}}{{"\""}}""");
        text.Write($$""","cumExecQty":"{{happened.Filled}}","cumExecValue":"{{Fixed.OfAmount(happened.FilledQuote)}}","cumExecFee":"{{Fixed.OfAmount(happened.FeePaid)}}","orderType":"{{(order.Ticket.Type == OrderType.Market ? "Market" : "Limit")}}","stopOrderType":"","orderIv":"","triggerPrice":"0","takeProfit":"","stopLoss":"","triggerDirection":0,"reduceOnly":false,"closeOnTrigger":false,"smpType":"None","smpGroup":0,"smpOrderId":"","createdTime":"{{SimulatedVenue.Ms(order.CreatedNs)}}","updatedTime":"{{SimulatedVenue.Ms(happened.TimeNs)}}"}""");
    }

    public static OrderEvent StatusOf(SimulatedOrder order) => new()
    {
        Order = order, State = order.State, Filled = order.Filled, FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
        TimeNs = order.UpdatedNs,
    };

    /// <summary>A fill as REST and the execution topic write it.</summary>
    public void WriteFill(Utf8Text text, AccountTrade trade)
    {
        var order = trade.Order;
        text.Write($$"""{"category":"spot","symbol":"{{BybitFeed.Spell(order.Instrument.Symbol)}}","closedSize":"","execFee":"{{Fixed.OfAmount(trade.Fee)}}","execId":"{{venue.TradeIdText(trade.TradeId)}}","execPrice":"{{trade.Price}}","execQty":"{{trade.Quantity}}","execType":"Trade","execValue":"{{Fixed.OfAmount(trade.QuoteAmount)}}","feeRate":"0","tradeIv":"","markIv":"","blockTradeId":"","markPrice":"","indexPrice":"","underlyingPrice":"","leavesQty":"0","orderId":"{{order.Id}}","orderLinkId":"{{order.ClientId}}","orderPrice":"{{order.Price}}","orderQty":"{{order.Quantity}}","orderType":"{{(order.Ticket.Type == OrderType.Market ? "Market" : "Limit")}}","stopOrderType":"","side":"{{BybitMarket.SideName(order.Side)}}","execTime":"{{SimulatedVenue.Ms(trade.TimeNs)}}","isLeverage":"0","isMaker":{{trade.IsMaker}},"seq":{{trade.TimeNs}},"marketUnit":"","extraFees":"","feeCurrency":"{{order.FeeAsset}}"}""");
    }

    public void WriteOrderPush(Utf8Text text, in OrderEvent happened)
    {
        BeginPush(text, "order.spot", happened.TimeNs);
        WriteOrder(text, happened);
        text.Raw("]}");
    }

    public void WriteExecutionPush(Utf8Text text, AccountTrade trade)
    {
        BeginPush(text, "execution.spot", trade.TimeNs);
        WriteFill(text, trade);
        text.Raw("]}");
    }

    public void WriteWalletPush(Utf8Text text, long nowNs)
    {
        BeginPush(text, "wallet", nowNs);
        WriteAccount(text);
        text.Raw("]}");
    }

    public void WriteAccount(Utf8Text text)
    {
        text.Raw("""{"accountType":"UNIFIED","accountLTV":"","totalEquity":"","coin":[""");
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        foreach (var asset in ledger.Assets)
        {
            var (free, locked) = (ledger.Free(account, asset), ledger.Locked(account, asset));
            text.Comma().Write($$"""{"coin":"{{asset}}","equity":"{{Fixed.OfAmount(free + locked)}}","usdValue":"","walletBalance":"{{Fixed.OfAmount(free + locked)}}","locked":"{{Fixed.OfAmount(locked)}}","availableToWithdraw":""}""");
        }

        text.Raw("]}");
    }

    private static void BeginPush(Utf8Text text, string topic, long nowNs) =>
        text.Write($$"""{"id":"{{nowNs}}","topic":"{{topic}}","creationTime":{{SimulatedVenue.Ms(nowNs)}},"data":[""");

    private string Sign(string prehash) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(prehash)));

    private static bool TryTicket(JsonElement argument, string clientId, MarketInstrument instrument, out OrderTicket ticket)
    {
        ticket = default;
        var (type, side) = (ProtocolSession.StringOf(argument, "orderType"), ProtocolSession.StringOf(argument, "side"));
        var timeInForce = ProtocolSession.StringOf(argument, "timeInForce");
        if (type is not ("Limit" or "Market") || side is not ("Buy" or "Sell")) return false;
        if (timeInForce is not ("" or "GTC" or "IOC" or "FOK" or "PostOnly")) return false;
        if (clientId.Length > ClientIdCharactersMax || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        // Numbers are text here; a JSON number is refused.
        if (!argument.TryGetProperty("qty", out var qty) || qty.ValueKind != JsonValueKind.String) return false;
        if (!SimulatedVenue.TryQuantity(qty.GetString()!, out var quantity)) return false;
        var price = Price.Zero;
        if (type == "Limit" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(argument, "price"), out price)) return false;
        if (type == "Market" && side == "Buy" && ProtocolSession.StringOf(argument, "marketUnit") != "baseCoin") quantity = InBase(quantity, instrument);
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "Buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity, SelfTradeAllowed = true,
            Type = type == "Market" ? OrderType.Market : OrderType.Limit, PostOnly = timeInForce == "PostOnly",
            TimeInForce = type == "Market" || timeInForce == "IOC" ? TimeInForce.ImmediateOrCancel
                : timeInForce == "FOK" ? TimeInForce.FillOrKill : TimeInForce.GoodTillCancel,
        };
        return true;
    }

    /// <summary>A market buy's size is in the quote asset unless it says otherwise.</summary>
    private static Quantity InBase(Quantity quote, MarketInstrument instrument) =>
        instrument.Engine.Asks.Best is { } ask
            ? new Quantity((long)((Int128)quote.Raw * FixedPoint.Scale / ask.Price.Raw)).FloorTo(instrument.Spec.Lot)
            : default;

    private static string AverageOf(in OrderEvent happened) =>
        happened.Filled.Raw == 0 ? "" : new Price((long)(happened.FilledQuote / happened.Filled.Raw)).ToString();

    private static string TimeInForceOf(SimulatedOrder order) =>
        order.Ticket.PostOnly ? "PostOnly" : order.Ticket.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "IOC",
            TimeInForce.FillOrKill => "FOK",
            _ => "GTC",
        };

    private static string StatusOf(in OrderEvent happened) => happened.State switch
    {
        OrderState.Working => "New",
        OrderState.PartiallyFilled => "PartiallyFilled",
        OrderState.Filled => "Filled",
        _ => happened.Filled.Raw > 0 ? "PartiallyFilledCanceled" : "Cancelled",
    };

    private static string ReasonOf(CancelCause cause) => cause switch
    {
        CancelCause.PostOnly => "EC_PostOnlyWillTakeLiquidity",
        CancelCause.Unfilled => "EC_NoImmediateQtyToFill",
        CancelCause.Requested => "EC_PerCancelRequest",
        _ => "EC_NoError",
    };

    private static (int Code, string Message) Refusal(MatchReject reject) => reject switch
    {
        MatchReject.None => (0, ""),
        MatchReject.TickSize => (170134, "Order price decimal too long."),
        MatchReject.LotSize => (170137, "Order volume decimal too long."),
        MatchReject.NotionalMin => (170140, "Order value exceeded lower limit."),
        MatchReject.DuplicateClientId => (170141, "Duplicate clientOrderId"),
        _ => (170131, "Insufficient balance."),
    };
}
