using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bitstamp;

/// <summary>An error as the venue writes it: `reason` is a text, or an object of texts where the form is to blame.</summary>
internal readonly record struct BitstampError(int Status, string Code, string Reason)
{
    public static readonly BitstampError None = default;

    public VenueHttpResponse Response => Code.StartsWith("API", StringComparison.Ordinal)
        ? new(Status, $$"""{"status":"error","reason":"{{Reason}}","code":"{{Code}}"}""")
        : new(Status, $$"""{"status":"error","reason":{"__all__":["{{Reason}}"]},"response_code":"{{Code}}"}""");
}

/// <summary>The account's orders, tokens and signatures in Bitstamp's words.</summary>
internal sealed class BitstampOrders(BitstampVenue venue)
{
    /// <summary>How far a request's time may be off, and how long a nonce is remembered.</summary>
    private const long WindowMs = 150_000;

    private const long TokenNs = 60_000_000_000;

    private readonly HashSet<string> _nonces = [];
    private readonly Queue<(long UnixMs, string Nonce)> _nonceTimes = new();
    private readonly Queue<(long ExpiresNs, string Token)> _tokens = new();
    private readonly HashSet<long> _replaced = [];
    private long _tokenCount;

    /// <summary>None, or why a signed call is refused. Everything that was signed is looked at, the missing content type too.</summary>
    public BitstampError Check(VenueHttpRequest request, long nowNs)
    {
        var error = Refusal(request, SimulatedVenue.Ms(nowNs));
        if (error != BitstampError.None) venue.Statistics.AuthenticationFailures++;
        return error;
    }

    public string IssueToken(long nowNs)
    {
        var token = Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes($"{venue.Options.ApiKey} {++_tokenCount}")))[..32];
        _tokens.Enqueue((nowNs + TokenNs, token));
        return token;
    }

    public bool IsToken(string token, long nowNs)
    {
        while (_tokens.TryPeek(out var oldest) && oldest.ExpiresNs <= nowNs) _tokens.Dequeue();
        return _tokens.Any(t => t.Token == token);
    }

    /// <summary>/buy/btcusdt/, /sell/market/btcusdt/: what follows the version in the path.</summary>
    public BitstampError Place(string[] path, List<KeyValuePair<string, string>> form, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        var isMarket = path.Length == 3;
        if (venue.Find(path[^1]) is not { } instrument) return new(404, "404.003", "Invalid currency pair.");
        var error = ReadTicket(path[0] == "buy" ? Side.Buy : Side.Sell, isMarket, form, out var ticket);
        if (error != BitstampError.None) return error;
        order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            return BitstampError.None;
        }

        return RefusalOf(reject);
    }

    public SimulatedOrder? Find(List<KeyValuePair<string, string>> form, string clientKey = "client_order_id") =>
        long.TryParse(VenueHttpRequest.Find(form, "id"), out var id)
            ? venue.Market.FindById(id) : venue.Market.FindByClientId(VenueHttpRequest.Find(form, clientKey));

    public static void WritePlaced(Utf8Text text, SimulatedOrder order) =>
        text.Write($$"""{"id":"{{order.Id}}","market":"{{NameOf(order.Instrument)}}","datetime":"{{Time(order.CreatedNs)}}","type":"{{TypeOf(order)}}","price":"{{order.Price}}","amount":"{{Fixed.Of(order.Quantity, 8)}}","client_order_id":"{{order.ClientId}}"}""");

    public static void WriteCancelled(Utf8Text text, SimulatedOrder order) =>
        text.Write($$"""{"id":{{order.Id}},"amount":"{{Fixed.Of(order.Remaining, 8)}}","price":"{{order.Price}}","type":{{TypeOf(order)}},"market":"{{NameOf(order.Instrument)}}"}""");

    public void WriteStatus(Utf8Text text, SimulatedOrder order)
    {
        var status = order.IsOpen ? "Open" : order.State switch
        {
            OrderState.Filled => "Finished",
            OrderState.Expired => "Expired",
            _ => "Canceled",
        };
        text.Write($$"""{"id":{{order.Id}},"datetime":"{{Time(order.CreatedNs)}}","type":"{{TypeOf(order)}}","status":"{{status}}","market":"{{NameOf(order.Instrument)}}","transactions":[""");
        var (baseCode, quoteCode) = Codes(order.Instrument);
        foreach (var trade in venue.Market.Trades)
        {
            if (trade.Order != order) continue;
            text.Comma().Write($$"""{"tid":{{trade.TradeId}},"price":"{{trade.Price}}","{{quoteCode}}":"{{Fixed.OfAmount(trade.QuoteAmount)}}","{{baseCode}}":"{{Fixed.Of(trade.Quantity, 8)}}","fee":"{{Fixed.OfAmount(trade.Fee)}}","datetime":"{{Time(trade.TimeNs)}}","type":2}""");
        }

        text.Write($$"""],"amount_remaining":"{{Fixed.Of(order.Remaining, 8)}}","client_order_id":"{{order.ClientId}}"}""");
    }

    public static void WriteOpen(Utf8Text text, SimulatedOrder order) =>
        text.Write($$"""{"id":"{{order.Id}}","datetime":"{{Time(order.CreatedNs)}}","type":"{{TypeOf(order)}}","subtype":"0","price":"{{order.Price}}","amount":"{{Fixed.Of(order.Remaining, 8)}}","amount_at_create":"{{Fixed.Of(order.Quantity, 8)}}","market":"{{NameOf(order.Instrument)}}","client_order_id":"{{order.ClientId}}"}""");

    /// <summary>What was given away has a minus; the price stands under both codes, as a number.</summary>
    public static void WriteTransaction(Utf8Text text, AccountTrade trade)
    {
        var (baseCode, quoteCode) = Codes(trade.Order.Instrument);
        var (baseSign, quoteSign) = trade.Order.Side == Side.Buy ? ("", "-") : ("-", "");
        text.Write($$"""{"id":{{trade.TradeId}},"datetime":"{{Time(trade.TimeNs)}}","type":"2","{{baseCode}}":"{{baseSign}}{{Fixed.Of(trade.Quantity, 8)}}","{{quoteCode}}":"{{quoteSign}}{{Fixed.OfAmount(trade.QuoteAmount)}}","{{baseCode}}_{{quoteCode}}":{{trade.Price}},"fee":"{{Fixed.OfAmount(trade.Fee)}}","order_id":{{trade.Order.Id}}}""");
    }

    /// <summary>Its end will be told as a replacement.</summary>
    public void MarkReplaced(SimulatedOrder order) => _replaced.Add(order.Id);

    public void WriteOrderPush(Utf8Text text, in OrderEvent happened, string channel)
    {
        var order = happened.Order;
        var us = happened.TimeNs / 1_000;
        var remaining = order.Quantity - happened.Filled;
        var happening = happened.Kind == OrderEventKind.Accepted ? "order_created"
            : happened.Kind == OrderEventKind.Cancelled && _replaced.Remove(order.Id) ? "order_replaced"
            : happened.Kind == OrderEventKind.Cancelled || remaining.Raw == 0 ? "order_deleted" : "order_changed";
        text.Write($$"""{"data":{"id":{{order.Id}},"id_str":"{{order.Id}}","order_type":{{TypeOf(order)}},"datetime":"{{us / 1_000_000}}","microtimestamp":"{{us}}","amount":{{remaining}},"amount_str":"{{Fixed.Of(remaining, 8)}}","amount_traded":"{{happened.Filled}}","amount_at_create":"{{Fixed.Of(order.Quantity, 8)}}","price":{{order.Price}},"price_str":"{{order.Price}}","trade_account_id":0,"client_order_id":"{{order.ClientId}}"},"channel":"{{channel}}","event":"{{happening}}"}""");
    }

    public static void WriteFillPush(Utf8Text text, AccountTrade trade, string channel) =>
        text.Write($$"""{"data":{"id":{{trade.TradeId}},"amount":"{{Fixed.Of(trade.Quantity, 8)}}","price":"{{trade.Price}}","microtimestamp":"{{trade.TimeNs / 1_000}}","fee":"{{Fixed.OfAmount(trade.Fee)}}","order_id":{{trade.Order.Id}},"client_order_id":"{{trade.Order.ClientId}}","trade_account_id":0,"side":"{{SimulatedVenue.SideText(trade.Order.Side)}}"},"channel":"{{channel}}","event":"trade"}""");

    public static string NameOf(SimulatedInstrument spec) => spec.Base + "/" + spec.Quote;

    private BitstampError Refusal(VenueHttpRequest request, long nowMs)
    {
        var nonce = request.Header("X-Auth-Nonce");
        var timestamp = request.Header("X-Auth-Timestamp");
        var contentType = request.Header("Content-Type");
        if (request.Header("X-Auth") != "BITSTAMP " + venue.Options.ApiKey) return new(403, "API0001", "API key not found");
        if (request.Header("X-Auth-Version") != "v2" || !Guid.TryParseExact(nonce, "D", out _)) return new(403, "API0004", "Invalid nonce");
        if (!long.TryParse(timestamp, out var sentMs) || Math.Abs(sentMs - nowMs) > WindowMs) return new(403, "API0017", "Invalid timestamp");
        if (request.Body.Length > 0 && contentType != "application/x-www-form-urlencoded") return new(400, "API0020", "Content-Type header is not valid");
        var query = request.Query.Length > 0 ? "?" + request.Query : "";
        var text = $"BITSTAMP {venue.Options.ApiKey}{request.Method}www.bitstamp.net{request.Path}{query}{contentType}{nonce}{timestamp}v2{request.Body}";
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(text)));
        if (!SimulatedVenue.Same(expected, request.Header("X-Auth-Signature"))) return new(403, "API0005", "Invalid signature");
        while (_nonceTimes.TryPeek(out var oldest) && oldest.UnixMs < nowMs - WindowMs) _nonces.Remove(_nonceTimes.Dequeue().Nonce);
        if (!_nonces.Add(nonce)) return new(403, "API0004", "Invalid nonce");
        _nonceTimes.Enqueue((nowMs, nonce));
        return BitstampError.None;
    }

    private static BitstampError ReadTicket(Side side, bool isMarket, List<KeyValuePair<string, string>> form, out OrderTicket ticket)
    {
        ticket = default;
        var price = Price.Zero;
        if (!SimulatedVenue.TryQuantity(VenueHttpRequest.Find(form, "amount"), out var quantity)) return new(400, "400.005", "Enter a number.");
        if (!isMarket && !SimulatedVenue.TryPrice(VenueHttpRequest.Find(form, "price"), out price)) return new(400, "400.006", "Enter a number.");
        var (ioc, fok, moc) = (IsSet(form, "ioc_order"), IsSet(form, "fok_order"), IsSet(form, "moc_order"));
        if ((ioc ? 1 : 0) + (fok ? 1 : 0) + (moc ? 1 : 0) > 1) return new(400, "400.004", "Only one order option may be set.");
        ticket = new OrderTicket
        {
            ClientId = VenueHttpRequest.Find(form, "client_order_id"), Side = side, Price = price, Quantity = quantity, PostOnly = moc,
            Type = isMarket ? OrderType.Market : OrderType.Limit, SelfTradeAllowed = true,
            TimeInForce = ioc ? TimeInForce.ImmediateOrCancel : fok ? TimeInForce.FillOrKill : TimeInForce.GoodTillCancel,
        };
        return BitstampError.None;
    }

    /// <summary>Capitalised, or it is not set.</summary>
    private static bool IsSet(List<KeyValuePair<string, string>> form, string name) => VenueHttpRequest.Find(form, name) == "True";

    private static BitstampError RefusalOf(MatchReject reject) => reject switch
    {
        MatchReject.None => BitstampError.None,
        MatchReject.TickSize => new(400, "400.021", "Ensure that there are no more decimal places in price."),
        MatchReject.LotSize => new(400, "400.005", "Ensure that there are no more than 8 decimal places."),
        MatchReject.NotionalMin => new(400, "400.046", "Minimum order size is 1.00 USDT."),
        MatchReject.DuplicateClientId => new(400, "400.019", "Order with this client order ID already exists."),
        _ => new(400, "400.009", "You need more to open that order. You have only less available. Check your account balance for details."),
    };

    private static (string Base, string Quote) Codes(SimulatedInstrument spec) => (spec.Base.ToLowerInvariant(), spec.Quote.ToLowerInvariant());

    private static int TypeOf(SimulatedOrder order) => order.Side == Side.Buy ? 0 : 1;

    private static IsoTime Time(long unixNs) => new(unixNs, "yyyy-MM-dd HH:mm:ss.ffffff");
}
