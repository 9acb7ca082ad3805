using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Okx;

/// <summary>What became of one request; code "0" is accepted. A change also has the id its client gave it.</summary>
internal readonly record struct OkxOutcome(string Code, string Message, string OrderId, string ClientId, string? ChangeId = null);

/// <summary>Orders of the account in OKX's words: the same for REST, order entry and the orders channel.</summary>
internal sealed partial class OkxOrders(OkxVenue venue)
{
    private const long ClockSkewSecondsMax = 30;

    /// <summary>"0", or the code the login is refused with.</summary>
    public string CheckLogin(string apiKey, string passphrase, string timestamp, string sign, long nowNs)
    {
        var isInTime = double.TryParse(timestamp, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds - nowNs / 1e9) <= ClockSkewSecondsMax;
        var code = apiKey != venue.Options.ApiKey ? "60005"
            : !isInTime ? "60006"
            : passphrase != venue.Options.Passphrase ? "60024"
            : !SimulatedVenue.Same(Sign(timestamp + "GET/users/self/verify"), sign) ? "60007"
            : "0";
        if (code != "0") venue.Statistics.AuthenticationFailures++;
        return code;
    }

    /// <summary>"0", or the code a REST call is refused with.</summary>
    public string CheckRest(VenueHttpRequest request, long nowNs)
    {
        var timestamp = request.Header("OK-ACCESS-TIMESTAMP");
        var path = request.Query.Length == 0 ? request.Path : request.Path + "?" + request.Query;
        var isInTime = DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && Math.Abs(at.ToUnixTimeSeconds() - nowNs / 1_000_000_000) <= ClockSkewSecondsMax;
        var code = request.Header("OK-ACCESS-KEY") != venue.Options.ApiKey ? "50111"
            : !isInTime ? "50102"
            : request.Header("OK-ACCESS-PASSPHRASE") != venue.Options.Passphrase ? "50105"
            : !SimulatedVenue.Same(Sign(timestamp + request.Method + path + request.Body), request.Header("OK-ACCESS-SIGN")) ? "50113"
            : "0";
        if (code != "0") venue.Statistics.AuthenticationFailures++;
        return code;
    }

    public OkxOutcome Place(JsonElement argument, long nowNs)
    {
        var clientId = ProtocolSession.StringOf(argument, "clOrdId");
        if (FindInstrument(argument) is not { } instrument)
            return new("51001", "Instrument ID doesn't exist.", "", clientId);
        if (!TryTicket(argument, clientId, instrument, out var ticket))
            return new("51000", "Parameter error", "", clientId);
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            reject = MatchReject.None;
        }

        var (code, message) = Refusal(reject);
        return new(code, message, code == "0" ? order.Id.ToString() : "", clientId);
    }

    /// <summary>Checks; the caller finishes the cancel after the answer went out.</summary>
    public OkxOutcome BeginCancel(JsonElement argument, out SimulatedOrder? order)
    {
        var (orderId, clientId) = (ProtocolSession.StringOf(argument, "ordId"), ProtocolSession.StringOf(argument, "clOrdId"));
        order = Find(orderId, clientId);
        if (FindInstrument(argument) is null) order = null;
        if (order is { IsOpen: true }) return new("0", "", order.Id.ToString(), order.ClientId);
        order = null;
        return new("51400", "Cancellation failed as the order has been filled, canceled or does not exist.", orderId, clientId);
    }

    public SimulatedOrder? Find(string orderId, string clientId) =>
        long.TryParse(orderId, out var id) ? venue.Market.FindById(id) : venue.Market.FindByClientId(clientId);

    /// <summary>The members of an answer after its id and op, without the closing brace.</summary>
    public static void WriteOutcome(Utf8Text text, OkxOutcome outcome, long nowNs)
    {
        var isOk = outcome.Code == "0";
        text.Raw("\"data\":[");
        text.Write($$"""{"clOrdId":"{{outcome.ClientId}}","ordId":"{{outcome.OrderId}}","{{(outcome.ChangeId is null ? "tag" : "reqId")}}":"{{outcome.ChangeId}}","ts":"{{SimulatedVenue.Ms(nowNs)}}","sCode":"{{outcome.Code}}","sMsg":"{{outcome.Message}}","subCode":""}""");
        text.Raw(isOk ? "],\"code\":\"0\",\"msg\":\"\"" : "],\"code\":\"1\",\"msg\":\"All operations failed\"");
        text.Write($$""","inTime":"{{nowNs / 1_000}}","outTime":"{{nowNs / 1_000}}{{"\""}}""");
    }

    /// <summary>An order as REST and the orders channel write it.</summary>
    public static void WriteOrder(Utf8Text text, in OrderEvent happened, string more = "")
    {
        var order = happened.Order;
        var trade = happened.Trade;
        var isBuy = order.Side == Side.Buy;
        text.Write($$"""{"instType":"SPOT","instId":"{{order.Instrument.Symbol}}","ordId":"{{order.Id}}","clOrdId":"{{order.ClientId}}","tag":"","ccy":"","tdMode":"cash","tgtCcy":"","posSide":"net","side":"{{(isBuy ? "buy" : "sell")}}","ordType":"{{TypeOf(order)}}","px":"{{(order.Ticket.Type == OrderType.Market ? "" : order.Price.ToString())}}","sz":"{{order.Quantity}}","state":"{{StateOf(happened.State)}}","category":"normal","lever":"0","pnl":"0","reduceOnly":"false","source":"","stpMode":"cancel_maker","attachAlgoOrds":[]""");
        text.Write($$""","accFillSz":"{{happened.Filled}}","avgPx":"{{AverageOf(happened)}}","fee":"{{Fixed.OfAmount(-happened.FeePaid)}}","feeCcy":"{{order.FeeAsset}}","rebate":"0","rebateCcy":"{{(isBuy ? order.Instrument.Quote : order.Instrument.Base)}}","fillPx":"{{trade?.Price.ToString()}}","fillSz":"{{(trade is null ? "0" : trade.Quantity.ToString())}}","fillTime":"{{(trade is null ? "" : SimulatedVenue.Ms(trade.TimeNs).ToString())}}","tradeId":"{{trade?.TradeId.ToString()}}","execType":"{{(trade is null ? "" : trade.IsMaker ? "M" : "T")}}{{"\""}}""");
        if (trade is not null)
            text.Write($$""","fillFee":"{{Fixed.OfAmount(-trade.Fee)}}","fillFeeCcy":"{{order.FeeAsset}}{{"\""}}""");
        text.Write($$""","cancelSource":"{{CancelSourceOf(happened)}}","cTime":"{{SimulatedVenue.Ms(order.CreatedNs)}}","uTime":"{{SimulatedVenue.Ms(happened.TimeNs)}}"{{more}}}""");
    }

    public static OrderEvent StatusOf(SimulatedOrder order) => new()
    {
        Order = order, State = order.State, Filled = order.Filled, FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
        TimeNs = order.UpdatedNs,
    };

    public static void WriteFill(Utf8Text text, AccountTrade trade) =>
        text.Write($$"""{"instType":"SPOT","instId":"{{trade.Order.Instrument.Symbol}}","tradeId":"{{trade.TradeId}}","ordId":"{{trade.Order.Id}}","clOrdId":"{{trade.Order.ClientId}}","billId":"{{trade.TimeNs}}","tag":"","fillPx":"{{trade.Price}}","fillSz":"{{trade.Quantity}}","side":"{{SimulatedVenue.SideText(trade.Order.Side)}}","posSide":"net","execType":"{{(trade.IsMaker ? "M" : "T")}}","feeCcy":"{{trade.Order.FeeAsset}}","fee":"{{Fixed.OfAmount(-trade.Fee)}}","fillTime":"{{SimulatedVenue.Ms(trade.TimeNs)}}","ts":"{{SimulatedVenue.Ms(trade.TimeNs)}}"}""");

    public void WritePush(Utf8Text text, in OrderEvent happened)
    {
        text.Raw("""{"arg":{"channel":"orders","instType":"ANY","uid":"1"},"data":[""");
        WriteOrder(text, AsChanged(happened), ChangeMembers(happened));
        text.Raw("]}");
    }

    public void WriteAccountPush(Utf8Text text, long nowNs)
    {
        text.Raw("""{"arg":{"channel":"account","uid":"1"},"data":[""");
        WriteBalances(text, nowNs);
        text.Raw("]}");
    }

    public void WriteBalances(Utf8Text text, long nowNs)
    {
        text.Write($$"""{"uTime":"{{SimulatedVenue.Ms(nowNs)}}","totalEq":"","details":[""");
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        foreach (var asset in ledger.Assets)
        {
            var (free, locked) = (ledger.Free(account, asset), ledger.Locked(account, asset));
            text.Comma().Write($$"""{"ccy":"{{asset}}","cashBal":"{{Fixed.OfAmount(free + locked)}}","eq":"{{Fixed.OfAmount(free + locked)}}","availBal":"{{Fixed.OfAmount(free)}}","availEq":"","frozenBal":"{{Fixed.OfAmount(locked)}}","ordFrozen":"{{Fixed.OfAmount(locked)}}","uTime":"{{SimulatedVenue.Ms(nowNs)}}"}""");
        }

        text.Raw("]}");
    }

    private string Sign(string prehash) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(prehash)));

    private MarketInstrument? FindInstrument(JsonElement argument) =>
        long.TryParse(ProtocolSession.StringOf(argument, "instIdCode"), out var code)
            ? venue.Find(code)
            : venue.Find(ProtocolSession.StringOf(argument, "instId"));

    private static bool TryTicket(JsonElement argument, string clientId, MarketInstrument instrument, out OrderTicket ticket)
    {
        ticket = default;
        var type = ProtocolSession.StringOf(argument, "ordType");
        var side = ProtocolSession.StringOf(argument, "side");
        if (type is not ("limit" or "market" or "post_only" or "fok" or "ioc") || side is not ("buy" or "sell")) return false;
        if (ProtocolSession.StringOf(argument, "tdMode") != "cash") return false;
        if (clientId.Length > 32 || !clientId.All(char.IsAsciiLetterOrDigit)) return false;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(argument, "sz"), out var quantity)) return false;
        var price = Price.Zero;
        if (type != "market" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(argument, "px"), out price)) return false;
        if (type == "market" && side == "buy" && ProtocolSession.StringOf(argument, "tgtCcy") != "base_ccy")
            quantity = InBase(quantity, instrument);
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = type == "market" ? OrderType.Market : OrderType.Limit, PostOnly = type == "post_only", SelfTradeAllowed = true,
            TimeInForce = type switch
            {
                "ioc" => TimeInForce.ImmediateOrCancel,
                "fok" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
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

    private static string TypeOf(SimulatedOrder order) =>
        order.Ticket.PostOnly ? "post_only"
        : order.Ticket.Type == OrderType.Market ? "market"
        : order.Ticket.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "ioc",
            TimeInForce.FillOrKill => "fok",
            _ => "limit",
        };

    private static string StateOf(OrderState state) => state switch
    {
        OrderState.Working => "live",
        OrderState.PartiallyFilled => "partially_filled",
        OrderState.Filled => "filled",
        _ => "canceled",
    };

    private static string CancelSourceOf(in OrderEvent happened) => happened.Cause switch
    {
        CancelCause.Requested => "1",
        CancelCause.Unfilled => "14",
        CancelCause.SelfTrade => "32",
        CancelCause.PostOnly => "31",
        _ => "",
    };

    private static (string Code, string Message) Refusal(MatchReject reject) => reject switch
    {
        MatchReject.None => ("0", ""),
        MatchReject.PostOnlyWouldTake => (PostOnlyUnchanged, "Modification failed as the order price did not meet the requirement for Post Only."),
        MatchReject.TickSize => ("51000", "Parameter px error"),
        MatchReject.LotSize => ("51121", "Order quantity must be a multiple of the lot size."),
        MatchReject.NotionalMin => ("51020", "Your order should meet or exceed the minimum order amount."),
        MatchReject.DuplicateClientId => ("51016", "Duplicated client order ID"),
        _ => ("51008", "Order failed. Insufficient balance in account"),
    };
}
