using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Bitfinex;

/// <summary>What became of a request: a notification of this kind about this order.</summary>
internal readonly record struct BitfinexOutcome(string Kind, SimulatedOrder? Order, string ClientId, string Symbol, string Status, string Message);

/// <summary>Orders of the account in Bitfinex's words: the same arrays for REST, notifications and channel 0.</summary>
internal sealed class BitfinexOrders(BitfinexVenue venue)
{
    private const long ClientIdMax = 1L << 45;
    private const int PostOnlyFlag = 4096;
    private const int EndedMax = 10_000;

    /// <summary>Groups of orders that may still be asked for; more than the market remembers is not needed.</summary>
    private readonly Dictionary<long, long> _groups = [];

    private readonly Queue<OrderEvent> _ended = new();
    private long _lastNonce;

    /// <summary>How orders ended, oldest first.</summary>
    public IEnumerable<OrderEvent> Ended => _ended;

    public static string TextOf(int code) => code == 10114 ? "nonce: small" : code == 10112 ? "apisig: invalid" : "apikey: invalid";

    /// <summary>0, or the code the login is refused with.</summary>
    public int CheckLogin(string apiKey, string nonce, string payload, string signature) =>
        payload == "AUTH" + nonce ? Check(apiKey, nonce, payload, signature) : Check("", nonce, payload, signature);

    /// <summary>0, or the code a REST call is refused with.</summary>
    public int CheckRest(VenueHttpRequest request)
    {
        var nonce = request.Header("bfx-nonce");
        return Check(request.Header("bfx-apikey"), nonce, "/api" + request.Path + nonce + request.Body, request.Header("bfx-signature"));
    }

    public BitfinexOutcome Place(JsonElement details, long nowNs)
    {
        var (symbol, clientId) = (ProtocolSession.StringOf(details, "symbol"), ProtocolSession.StringOf(details, "cid"));
        BitfinexOutcome Refuse(string message) => new("on-req", null, clientId, symbol, "ERROR", message);
        if (venue.Find(symbol) is not { } feed) return Refuse("symbol: invalid");
        if (!TryTicket(details, clientId, out var ticket)) return Refuse("Invalid order: not understood");
        if (venue.Market.FindByClientId(clientId) is { } earlier && DayOf(earlier.CreatedNs) == DayOf(nowNs)) return Refuse("Invalid order: duplicate cid");
        var order = venue.Place(feed.Instrument, ticket, nowNs, out var reject);
        if (reject == MatchReject.PostOnlyWouldTake)
        {
            venue.Market.AcceptAndCancel(order);
            reject = MatchReject.None;
        }

        if (reject != MatchReject.None) return Refuse(Refusal(reject, order, symbol));
        if (details.TryGetProperty("gid", out var group)) Remember(order.Id, group.GetInt64());
        return new("on-req", order, clientId, symbol, "SUCCESS", $"Submitting {TypeOf(order).ToLowerInvariant()} {SimulatedVenue.SideText(order.Side)} order for {order.Quantity} {order.Instrument.Base}.");
    }

    /// <summary>Keeps what the history of orders will say.</summary>
    public void Remember(in OrderEvent happened)
    {
        if (happened.Kind != OrderEventKind.Cancelled && happened.State != OrderState.Filled) return;
        _ended.Enqueue(happened);
        if (_ended.Count > EndedMax) _ended.Dequeue();
    }

    /// <summary>Checks; the caller finishes the cancel after the answer went out.</summary>
    public BitfinexOutcome BeginCancel(JsonElement details)
    {
        var order = Find(details, out var clientId);
        return order is { IsOpen: true }
            ? new("oc-req", order, order.ClientId, "", "SUCCESS", $"Submitted for cancellation; waiting for confirmation (ID: {order.Id}).")
            : new("oc-req", null, clientId, "", "ERROR", "Order not found.");
    }

    /// <summary>The amount, signed like the order, is what shall be left of it.</summary>
    public BitfinexOutcome Amend(JsonElement details, long nowNs)
    {
        var outcome = BeginCancel(details) with { Kind = "ou-req" };
        if (outcome.Order is not { IsOpen: true } order) return outcome;
        BitfinexOutcome Refuse(string message) => outcome with { Status = "ERROR", Message = message };
        var (price, quantity) = (order.Price, order.Quantity);
        if (ProtocolSession.StringOf(details, "price") is { Length: > 0 } newPrice && !SimulatedVenue.TryPrice(newPrice, out price)) return Refuse("price: invalid");
        if (ProtocolSession.StringOf(details, "amount") is { Length: > 0 } amount)
        {
            if (amount.StartsWith('-') != (order.Side == Side.Sell) || !SimulatedVenue.TryQuantity(amount.TrimStart('-'), out var left)) return Refuse("amount: invalid");
            quantity = order.Filled + left;
        }

        var reject = venue.Market.Amend(order, price, quantity, nowNs);
        return reject == MatchReject.None ? outcome with { Message = $"Submitting update to {TypeOf(order).ToLowerInvariant()} {SimulatedVenue.SideText(order.Side)} order." }
            : Refuse(Refusal(reject, order, "t" + BitfinexVenue.PairOf(order.Instrument)));
    }

    public List<SimulatedOrder> FindMany(JsonElement details)
    {
        var open = venue.Market.OpenOrders();
        if (ProtocolSession.StringOf(details, "all") == "1") return open;
        var groups = details.TryGetProperty("gid", out var given) ? given.EnumerateArray().Select(g => g.GetInt64()).ToHashSet() : [];
        var ids = details.TryGetProperty("id", out var named) ? named.EnumerateArray().Select(i => i.GetInt64()).ToHashSet() : [];
        return [.. open.Where(o => ids.Contains(o.Id) || (_groups.TryGetValue(o.Id, out var group) && groups.Contains(group)))];
    }

    public static OrderEvent StatusOf(SimulatedOrder order) => new()
    {
        Order = order, State = order.State, Filled = order.Filled, FilledQuote = order.FilledQuote, FeePaid = order.FeePaid,
        TimeNs = order.UpdatedNs,
    };

    /// <summary>An order as every interface writes it: 32 places, most of them null.</summary>
    public void WriteOrder(Utf8Text text, in OrderEvent happened)
    {
        var order = happened.Order;
        var sign = order.Side == Side.Buy ? 1 : -1;
        var left = happened.State == OrderState.Filled ? 0 : (order.Quantity - happened.Filled).Raw;
        text.Write($"[{order.Id},{(_groups.TryGetValue(order.Id, out var group) ? group.ToString(CultureInfo.InvariantCulture) : "null")},{(order.ClientId.Length > 0 ? order.ClientId : "null")},\"t{BitfinexVenue.PairOf(order.Instrument)}\",{SimulatedVenue.Ms(order.CreatedNs)},{SimulatedVenue.Ms(Math.Max(happened.TimeNs, order.CreatedNs))},");
        text.Number(sign * left).Raw(",").Number(sign * order.Quantity.Raw);
        text.Write($",\"{TypeOf(order)}\",null,null,null,{(order.Ticket.PostOnly ? PostOnlyFlag : 0)},\"{StateText(happened)}\",null,null,");
        text.Number(order.Price.Raw).Raw(",").Number(AverageOf(happened).Raw);
        text.Raw(",0,0,null,null,null,0,0,null,null,null,\"API>BFX\",null,null,").Raw(order.Ticket.PostOnly ? "{\"$F7\":1}]" : "null]");
    }

    public static void WriteTrade(Utf8Text text, AccountTrade trade, bool hasFee)
    {
        var order = trade.Order;
        text.Write($"[{IdOf(trade)},\"t{BitfinexVenue.PairOf(order.Instrument)}\",{SimulatedVenue.Ms(trade.TimeNs)},{order.Id},");
        text.Number(order.Side == Side.Buy ? trade.Quantity.Raw : -trade.Quantity.Raw).Raw(",").Number(trade.Price.Raw);
        text.Write($",\"{TypeOf(order)}\",").Number(order.Price.Raw).Raw(trade.IsMaker ? ",1," : ",-1,");
        if (hasFee) text.Write($"{Fixed.OfAmount(-trade.Fee)},\"{BitfinexVenue.Spell(order.FeeAsset)}\"");
        else text.Raw("null,null");
        text.Write($",{(order.ClientId.Length > 0 ? order.ClientId : "null")}]");
    }

    /// <summary>Trade ids are one row over all markets of the venue.</summary>
    private static long IdOf(AccountTrade trade) => trade.Order.Instrument.VenueCode * 1_000_000_000 + trade.TradeId;

    /// <param name="isComputed">What is available stands in snapshots; an update leaves it out until it is asked for.</param>
    public void WriteWallet(Utf8Text text, string asset, bool isComputed)
    {
        var free = Fixed.OfAmount(venue.Market.Ledger.Free(venue.Market.Account, asset));
        text.Write($"[\"exchange\",\"{BitfinexVenue.Spell(asset)}\",{Fixed.OfAmount(venue.TotalOf(asset))},0,");
        if (isComputed) text.Write($"{free}");
        else text.Raw("null");
        text.Raw(",null,null]");
    }

    /// <summary>Seconds and a list of orders by REST, milliseconds and one order otherwise: the venue does both.</summary>
    public void WriteNotification(Utf8Text text, in BitfinexOutcome outcome, long nowNs, bool isRest)
    {
        text.Write($"[{(isRest ? nowNs / 1_000_000_000 : SimulatedVenue.Ms(nowNs))},\"{outcome.Kind}\",null,null,{(isRest ? "[" : "")}");
        if (outcome.Order is { } order) WriteOrder(text, StatusOf(order));
        else text.Write($"[null,null,{(outcome.ClientId.Length > 0 ? outcome.ClientId : "null")},\"{outcome.Symbol}\"]");
        text.Write($"{(isRest ? "]" : "")},null,\"{outcome.Status}\",\"{outcome.Message}\"]");
    }

    private int Check(string apiKey, string nonce, string signed, string signature)
    {
        var expected = Convert.ToHexStringLower(HMACSHA384.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(signed)));
        var code = apiKey != venue.Options.ApiKey ? 10100
            : !SimulatedVenue.Same(expected, signature) ? 10112
            : !long.TryParse(nonce, out var number) || number <= _lastNonce ? 10114
            : 0;
        if (code != 0) venue.Statistics.AuthenticationFailures++;
        else _lastNonce = long.Parse(nonce, CultureInfo.InvariantCulture);
        return code;
    }

    private SimulatedOrder? Find(JsonElement details, out string clientId)
    {
        clientId = ProtocolSession.StringOf(details, "cid");
        if (details.TryGetProperty("id", out var id)) return venue.Market.FindById(id.GetInt64());
        // Ours is found by its day only.
        return venue.Market.FindByClientId(clientId) is { } order
            && ProtocolSession.StringOf(details, "cid_date") == DayOf(order.CreatedNs) ? order : null;
    }

    private static bool TryTicket(JsonElement details, string clientId, out OrderTicket ticket)
    {
        ticket = default;
        var type = ProtocolSession.StringOf(details, "type");
        var amount = ProtocolSession.StringOf(details, "amount");
        if (type is not ("EXCHANGE LIMIT" or "EXCHANGE MARKET" or "EXCHANGE IOC" or "EXCHANGE FOK")) return false;
        if (details.GetProperty("amount").ValueKind != JsonValueKind.String) return false;
        if (clientId.Length > 0 && (!long.TryParse(clientId, out var number) || number is < 0 or > ClientIdMax)) return false;
        var isSell = amount.StartsWith('-');
        if (!SimulatedVenue.TryQuantity(isSell ? amount[1..] : amount, out var quantity) || !quantity.IsPositive) return false;
        var price = Price.Zero;
        if (type != "EXCHANGE MARKET" && (!SimulatedVenue.TryPrice(ProtocolSession.StringOf(details, "price"), out price) || Cut(price) != price)) return false;
        long.TryParse(ProtocolSession.StringOf(details, "flags"), out var flags);
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = isSell ? Side.Sell : Side.Buy, Price = price, Quantity = quantity, SelfTradeAllowed = true,
            Type = type == "EXCHANGE MARKET" ? OrderType.Market : OrderType.Limit, PostOnly = (flags & PostOnlyFlag) != 0,
            TimeInForce = type switch
            {
                "EXCHANGE IOC" => TimeInForce.ImmediateOrCancel,
                "EXCHANGE FOK" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    /// <summary>Five significant digits. The real venue cuts the rest off; here a client that relies on that is told.</summary>
    private static Price Cut(Price price)
    {
        long step = 1;
        while (price.Raw / step >= 100_000) step *= 10;
        return new Price(price.Raw / step * step);
    }

    private void Remember(long orderId, long group)
    {
        if (_groups.Count >= SimulatedMarket.HistoryMax) _groups.Clear();
        _groups[orderId] = group;
    }

    private static string DayOf(long unixNs) => DateTime.UnixEpoch.AddTicks(unixNs / 100).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Price AverageOf(in OrderEvent happened) =>
        happened.Filled.Raw == 0 ? Price.Zero : new Price((long)(happened.FilledQuote / happened.Filled.Raw));

    private static string TypeOf(SimulatedOrder order) =>
        order.Ticket.Type == OrderType.Market ? "EXCHANGE MARKET"
        : order.Ticket.TimeInForce switch
        {
            TimeInForce.ImmediateOrCancel => "EXCHANGE IOC",
            TimeInForce.FillOrKill => "EXCHANGE FOK",
            _ => "EXCHANGE LIMIT",
        };

    private static string StateText(in OrderEvent happened)
    {
        var (order, sign) = (happened.Order, happened.Order.Side == Side.Buy ? "" : "-");
        var partial = $"PARTIALLY FILLED @ {AverageOf(happened)}({sign}{happened.Filled})";
        return happened.State switch
        {
            OrderState.Working => "ACTIVE",
            OrderState.PartiallyFilled => partial,
            OrderState.Filled => $"EXECUTED @ {AverageOf(happened)}({sign}{happened.Filled})" + (happened.Trade is { } last && last.Quantity != happened.Filled ? ": was " + partial : ""),
            _ => CancelText(happened, order) + (happened.Filled.Raw > 0 ? " was: " + partial : ""),
        };
    }

    private static string CancelText(in OrderEvent happened, SimulatedOrder order) =>
        happened.Cause == CancelCause.PostOnly ? "POSTONLY CANCELED"
        : order.Ticket.TimeInForce == TimeInForce.ImmediateOrCancel && order.Ticket.Type == OrderType.Limit ? "IOC CANCELED"
        : order.Ticket.TimeInForce == TimeInForce.FillOrKill ? "FILLORKILL CANCELED"
        : "CANCELED";

    private static string Refusal(MatchReject reject, SimulatedOrder order, string symbol) => reject switch
    {
        MatchReject.TickSize => "price: invalid",
        MatchReject.LotSize or MatchReject.NotionalMin => $"Invalid order: minimum size for {symbol[1..]} is {order.Instrument.QuantityMin}",
        MatchReject.DuplicateClientId => "Invalid order: duplicate cid",
        _ => $"Invalid order: not enough exchange balance for {order.Quantity} {symbol[1..]} at {order.Price}",
    };
}
