using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Htx;

/// <summary>Orders of the account in HTX's words: the same for REST, the order socket and the private channels.</summary>
internal sealed class HtxOrders(HtxVenue venue)
{
    private const string Host = "api.huobi.pro";
    private const long ClockSkewSecondsMax = 300;

    /// <summary>The login of a socket: version 2.1, over its path.</summary>
    public bool CheckLogin(string path, JsonElement parameters, long nowNs)
    {
        string Of(string name) => ProtocolSession.StringOf(parameters, name);
        var signed = $"GET\n{Host}\n{path}\naccessKey={Uri.EscapeDataString(Of("accessKey"))}&signatureMethod=HmacSHA256&signatureVersion=2.1&timestamp={Uri.EscapeDataString(Of("timestamp"))}";
        return Count(Of("authType") == "api" && Of("signatureMethod") == "HmacSHA256" && Of("signatureVersion") == "2.1"
            && Of("accessKey") == venue.Options.ApiKey && IsInTime(Of("timestamp"), nowNs) && SimulatedVenue.Same(Sign(signed), Of("signature")));
    }

    /// <summary>A REST call: version 2, over the query as it was sent, which has to be sorted.</summary>
    public bool CheckRest(VenueHttpRequest request, long nowNs)
    {
        var pairs = request.Query.Split('&');
        var parameters = VenueHttpRequest.Parse(request.Query);
        string Of(string name) => VenueHttpRequest.Find(parameters, name);
        var sorted = pairs.Where(p => !p.StartsWith("Signature=", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var signed = $"{request.Method}\n{Host}\n{request.Path}\n{string.Join('&', sorted)}";
        // '+' in a query is a space: a signature that was not encoded is another one.
        var given = Uri.UnescapeDataString((Array.Find(pairs, p => p.StartsWith("Signature=", StringComparison.Ordinal)) ?? "Signature=")["Signature=".Length..].Replace('+', ' '));
        return Count(Of("SignatureMethod") == "HmacSHA256" && Of("SignatureVersion") == "2" && Of("AccessKeyId") == venue.Options.ApiKey
            && IsInTime(Of("Timestamp"), nowNs) && SimulatedVenue.Same(Sign(signed), given));
    }

    /// <summary>Empty, or the code the order is refused with.</summary>
    public string Place(JsonElement parameters, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        if (ProtocolSession.StringOf(parameters, "account-id") != HtxVenue.AccountId.ToString(CultureInfo.InvariantCulture)) return "account-account-id-inexistent";
        if (venue.Find(ProtocolSession.StringOf(parameters, "symbol")) is not { } instrument) return "base-symbol-error";
        if (!TryTicket(parameters, instrument, out var ticket)) return "bad-request";
        order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            reject = MatchReject.None;
        }

        return CodeOf(reject);
    }

    /// <summary>Why one order of a cancel could not be cancelled.</summary>
    public static string Missed(string name, string given, SimulatedOrder? order)
    {
        var (code, message) = order is null ? ("not-found", "the order is not found") : ("order-orderstate-error", "Incorrect order state");
        var state = order is null ? 0 : order.State == OrderState.Filled ? 6 : 7;
        return $$"""{"err-msg":"{{message}}","order-state":{{state}},"{{name[..^1]}}":"{{given}}","err-code":"{{code}}"}""";
    }

    public static string MessageOf(string code) => code.Replace('-', ' ');

    /// <summary>A push of `orders#*`.</summary>
    public static void WriteState(Utf8Text text, in OrderEvent happened)
    {
        var order = happened.Order;
        text.Write($$"""{"action":"push","ch":"orders#*","data":{"symbol":"{{HtxVenue.Spell(order.Instrument)}}","accountId":{{HtxVenue.AccountId}},"orderId":{{order.Id}},"clientOrderId":"{{order.ClientId}}","orderSource":"spot-api","type":"{{TypeOf(order)}}","orderSize":"{{order.Quantity}}","orderPrice":"{{order.Price}}","orderStatus":"{{StateOf(happened.State, happened.Filled)}}",""");
        if (happened.Trade is { } trade)
            text.Raw("\"eventType\":\"trade\"").Write($$""","tradePrice":"{{trade.Price}}","tradeVolume":"{{trade.Quantity}}","tradeId":{{trade.TradeId}},"tradeTime":{{SimulatedVenue.Ms(trade.TimeNs)}},"aggressor":{{!trade.IsMaker}},"remainAmt":"{{order.Quantity - happened.Filled}}","execAmt":"{{happened.Filled}}{{"\""}}""");
        else if (happened.Kind == OrderEventKind.Cancelled)
            text.Raw("\"eventType\":\"cancellation\"").Write($$""","canceledSourceDesc":"{{SourceOf(happened.Cause)}}","lastActTime":{{SimulatedVenue.Ms(happened.TimeNs)}},"remainAmt":"{{order.Quantity - happened.Filled}}","execAmt":"{{happened.Filled}}{{"\""}}""");
        else
            text.Raw("\"eventType\":\"creation\",\"orderCreateTime\":").Write($"{SimulatedVenue.Ms(order.CreatedNs)}");
        text.Raw("}}");
    }

    /// <summary>A push of `trade.clearing#*#0`, which has no action.</summary>
    public static void WriteClearing(Utf8Text text, in OrderEvent happened)
    {
        var (order, trade) = (happened.Order, happened.Trade!);
        text.Write($$"""{"ch":"trade.clearing#*#0","data":{"eventType":"trade","symbol":"{{HtxVenue.Spell(order.Instrument)}}","orderId":{{order.Id}},"tradePrice":"{{trade.Price}}","tradeVolume":"{{trade.Quantity}}","orderSide":"{{SimulatedVenue.SideText(order.Side)}}","orderType":"{{TypeOf(order)}}","aggressor":{{!trade.IsMaker}},"tradeId":{{trade.TradeId}},"tradeTime":{{SimulatedVenue.Ms(trade.TimeNs)}},"transactFee":"{{Fixed.OfAmount(trade.Fee)}}","feeCurrency":"{{order.FeeAsset.ToLowerInvariant()}}","feeDeduct":"0","feeDeductType":"","accountId":{{HtxVenue.AccountId}},"source":"spot-api","orderPrice":"{{order.Price}}","orderSize":"{{order.Quantity}}","clientOrderId":"{{order.ClientId}}","orderCreateTime":{{SimulatedVenue.Ms(order.CreatedNs)}},"orderStatus":"{{StateOf(happened.State, happened.Filled)}}{{"\""}}""");
        text.Raw("}}");
    }

    /// <summary>An order as REST writes it; a single one calls its figures "field".</summary>
    public static void WriteOrder(Utf8Text text, SimulatedOrder order, string prefix) =>
        text.Write($$"""{"id":{{order.Id}},"symbol":"{{HtxVenue.Spell(order.Instrument)}}","account-id":{{HtxVenue.AccountId}},"client-order-id":"{{order.ClientId}}","amount":"{{Fixed.Of(order.Quantity, 8)}}","price":"{{Fixed.Of(order.Price, 8)}}","created-at":{{SimulatedVenue.Ms(order.CreatedNs)}},"type":"{{TypeOf(order)}}","{{prefix}}-amount":"{{order.Filled}}","{{prefix}}-cash-amount":"{{Fixed.OfAmount(order.FilledQuote)}}","{{prefix}}-fees":"{{Fixed.OfAmount(order.FeePaid)}}","source":"spot-api","state":"{{StateOf(order.State, order.Filled)}}"}""");

    public static void WriteFill(Utf8Text text, AccountTrade trade) =>
        text.Write($$"""{"symbol":"{{HtxVenue.Spell(trade.Order.Instrument)}}","fee-currency":"{{trade.Order.FeeAsset.ToLowerInvariant()}}","source":"spot-api","price":"{{trade.Price}}","created-at":{{SimulatedVenue.Ms(trade.TimeNs)}},"role":"{{(trade.IsMaker ? "maker" : "taker")}}","order-id":{{trade.Order.Id}},"match-id":{{trade.TradeId}},"trade-id":{{trade.TradeId}},"filled-amount":"{{trade.Quantity}}","filled-fees":"{{Fixed.OfAmount(trade.Fee)}}","filled-points":"0.0","fee-deduct-currency":"","fee-deduct-state":"done","id":{{trade.TradeId}},"type":"{{TypeOf(trade.Order)}}"}""");

    private string Sign(string text) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(text)));

    private bool Count(bool isGenuine)
    {
        if (!isGenuine) venue.Statistics.AuthenticationFailures++;
        return isGenuine;
    }

    private static bool IsInTime(string timestamp, long nowNs) =>
        DateTimeOffset.TryParseExact(timestamp, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && Math.Abs(at.ToUnixTimeSeconds() - nowNs / 1_000_000_000) <= ClockSkewSecondsMax;

    private static bool TryTicket(JsonElement parameters, MarketInstrument instrument, out OrderTicket ticket)
    {
        ticket = default;
        var kind = ProtocolSession.StringOf(parameters, "type").Split('-', 2);
        var clientId = ProtocolSession.StringOf(parameters, "client-order-id");
        if (kind.Length != 2 || kind[0] is not ("buy" or "sell") || kind[1] is not ("limit" or "market" or "ioc" or "limit-maker" or "limit-fok")) return false;
        if (clientId.Length > 64 || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) return false;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(parameters, "amount"), out var quantity)) return false;
        var price = Price.Zero;
        if (kind[1] != "market" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(parameters, "price"), out price)) return false;
        if (kind is ["buy", "market"]) quantity = InBase(quantity, instrument);
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = kind[0] == "buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = kind[1] == "market" ? OrderType.Market : OrderType.Limit, PostOnly = kind[1] == "limit-maker", SelfTradeAllowed = true,
            TimeInForce = kind[1] switch
            {
                "ioc" => TimeInForce.ImmediateOrCancel,
                "limit-fok" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    /// <summary>A market buy's amount is in the quote asset.</summary>
    private static Quantity InBase(Quantity quote, MarketInstrument instrument) =>
        instrument.Engine.Asks.Best is { } ask
            ? new Quantity((long)((Int128)quote.Raw * FixedPoint.Scale / ask.Price.Raw)).FloorTo(instrument.Spec.Lot)
            : default;

    private static string TypeOf(SimulatedOrder order) => SimulatedVenue.SideText(order.Side) + "-" + (
        order.Ticket.PostOnly ? "limit-maker"
        : order.Ticket.Type == OrderType.Market ? "market"
        : order.Ticket.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "ioc",
            TimeInForce.FillOrKill => "limit-fok",
            _ => "limit",
        });

    private static string StateOf(OrderState state, Quantity filled) => state switch
    {
        OrderState.Working => "submitted",
        OrderState.PartiallyFilled => "partial-filled",
        OrderState.Filled => "filled",
        _ => filled.Raw > 0 ? "partial-canceled" : "canceled",
    };

    private static string SourceOf(CancelCause cause) => cause switch
    {
        CancelCause.Requested => "api",
        CancelCause.Unfilled => "ioc",
        CancelCause.SelfTrade => "self_match_prevent",
        CancelCause.PostOnly => "limit_maker",
        _ => "admin",
    };

    private static string CodeOf(MatchReject reject) => reject switch
    {
        MatchReject.None => "",
        MatchReject.TickSize => "order-orderprice-precision-error",
        MatchReject.LotSize => "order-orderamount-precision-error",
        MatchReject.NotionalMin => "order-value-min-error",
        MatchReject.DuplicateClientId => "invalid-client-order-id",
        _ => "order-accountbalance-error",
    };
}
