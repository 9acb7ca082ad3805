using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Kraken;

/// <summary>Orders of the account in Kraken's words. After an order's first message updates are sparse, as on the real channel.</summary>
internal sealed class KrakenOrders(KrakenVenue venue)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private const string RateExceeded = "EOrder:Rate limit exceeded";

    public delegate void EventWriter(Utf8Text text, in OrderEvent happened);

    public KrakenRateCounters Rates { get; } = new();

    /// <summary>Empty, or the error.</summary>
    public string Place(JsonElement parameters, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        if (venue.Find(ProtocolSession.StringOf(parameters, "symbol")) is not { } instrument) return "EGeneral:Invalid arguments:symbol";
        if (!Rates.TryPlace(instrument.Spec, nowNs)) return RateExceeded;
        if (!TryTicket(parameters, out var ticket)) return "EGeneral:Invalid arguments";
        order = venue.Place(instrument, ticket, nowNs, out var reject);
        return ErrorOf(reject);
    }

    /// <summary>Empty, or the error. The quantity is the new total; one that is filled already cancels the rest.</summary>
    public string Amend(JsonElement parameters, long nowNs)
    {
        string Of(string name) => ProtocolSession.StringOf(parameters, name);
        var (textId, clientId) = (Of("order_id"), Of("cl_ord_id"));
        if (textId.Length > 0 == clientId.Length > 0) return "EGeneral:Invalid arguments";
        var order = textId.Length > 0 ? FindByTextId(textId) : venue.Market.FindByClientId(clientId);
        if (order is not { IsOpen: true }) return "EOrder:Unknown order";
        if (!Rates.TryAmend(order, nowNs)) return RateExceeded;
        var (price, quantity) = (order.Price, order.Quantity);
        if (Of("limit_price") is { Length: > 0 } newPrice && !SimulatedVenue.TryPrice(newPrice, out price)
            || Of("order_qty") is { Length: > 0 } newQuantity && !SimulatedVenue.TryQuantity(newQuantity, out quantity))
            return "EGeneral:Invalid arguments";
        if (quantity <= order.Filled)
        {
            Rates.CountCancel(order, nowNs);
            venue.FinishCancel(order, nowNs);
            return "";
        }

        // Of this change alone: what the order said when it was placed does not count.
        var postOnly = parameters.TryGetProperty("post_only", out var wanted) && wanted.GetBoolean();
        return ErrorOf(venue.Market.Amend(order, price, quantity, nowNs, postOnly));
    }

    public SimulatedOrder? FindByTextId(string textId)
    {
        long id = 0;
        if (textId.Length != 19 || textId[0] != 'O') return null;
        foreach (var c in textId.AsSpan(1))
        {
            if (c == '-') continue;
            var digit = Alphabet.IndexOf(c);
            if (digit < 0) return null;
            id = unchecked(id * 36 + digit);
        }

        return venue.Market.FindById(id);
    }

    public static string IdOf(SimulatedOrder order) => TextId('O', order.Id);

    public static string TradeIdOf(AccountTrade trade) =>
        TextId('T', (trade.Order.Id / 1_000_000_000 * 1_000_000_000 + trade.TradeId) * 2 + (trade.IsMaker ? 1 : 0));

    /// <summary>OABCDE-12345-FGHIJ: the number in base 36.</summary>
    public static string TextId(char prefix, long id)
    {
        Span<char> text = stackalloc char[19];
        for (var i = text.Length - 1; i > 0; i--)
        {
            if (i is 6 or 12)
            {
                text[i] = '-';
                continue;
            }

            text[i] = Alphabet[(int)(id % 36)];
            id /= 36;
        }

        text[0] = prefix;
        return new string(text);
    }

    public static void WritePending(Utf8Text text, in OrderEvent happened) =>
        WriteWhole(text, happened.Order, "pending_new", "pending_new", happened.TimeNs, default, 0);

    public static void WriteOpen(Utf8Text text, SimulatedOrder order) =>
        WriteWhole(text, order, order.Filled.Raw > 0 ? "trade" : "new", StatusOf(order.State), order.UpdatedNs, order.Filled, order.FilledQuote);

    public static void WriteNew(Utf8Text text, in OrderEvent happened) =>
        text.Write($$"""{"order_id":"{{IdOf(happened.Order)}}","exec_type":"new","order_status":"new","timestamp":"{{new IsoTime(happened.TimeNs)}}"}""");

    /// <summary>Price and total from now on; neither pair nor side, and our id where the order has one.</summary>
    public static void WriteAmended(Utf8Text text, in OrderEvent happened)
    {
        var order = happened.Order;
        text.Write($$"""{"timestamp":"{{new IsoTime(happened.TimeNs)}}","exec_type":"amended","order_status":"{{StatusOf(happened.State)}}","cum_qty":{{happened.Filled}},"reason":"User requested","amended":true,"order_qty":{{order.Quantity}},"limit_price":{{order.Price}},"limit_price_type":"static{{"\""}}""");
        if (order.ClientId.Length > 0) text.Raw(",\"cl_ord_id\":\"" + order.ClientId + "\"");
        text.Raw(",\"order_id\":\"" + IdOf(order) + "\"}");
    }

    public static void WriteTrade(Utf8Text text, in OrderEvent happened)
    {
        var (order, trade) = (happened.Order, happened.Trade!);
        text.Write($$"""{"order_id":"{{IdOf(order)}}","exec_id":"{{TradeIdOf(trade)}}","exec_type":"trade","trade_id":{{trade.TradeId}},"symbol":"{{KrakenVenue.Spell(order.Instrument)}}","side":"{{SimulatedVenue.SideText(order.Side)}}","last_qty":{{trade.Quantity}},"last_price":{{trade.Price}},"liquidity_ind":"{{(trade.IsMaker ? "m" : "t")}}","cost":{{new Notional(trade.QuoteAmount).ToString()}},"order_status":"{{StatusOf(happened.State)}}","order_type":"{{TypeOf(order)}}","fees":[{"asset":"{{order.FeeAsset}}","qty":{{Fixed.OfAmount(trade.Fee)}}}],"fee_usd_equiv":{{Fixed.OfAmount(trade.Fee)}},"timestamp":"{{new IsoTime(happened.TimeNs)}}","cum_qty":{{happened.Filled}},"cum_cost":{{new Notional(happened.FilledQuote).ToString()}}}""");
    }

    public static void WriteFilled(Utf8Text text, in OrderEvent happened) => WriteEnd(text, happened, "filled", "");

    public static void WriteCanceled(Utf8Text text, in OrderEvent happened) =>
        WriteEnd(text, happened, "canceled", happened.Cause == CancelCause.Requested ? "User requested" : "Unfilled remainder");

    public static string StatusOf(OrderState state) => state switch
    {
        OrderState.Working => "new",
        OrderState.PartiallyFilled => "partially_filled",
        OrderState.Filled => "filled",
        _ => "canceled",
    };

    public static string TypeOf(SimulatedOrder order) => order.Ticket.Type == OrderType.Market ? "market" : "limit";

    private static string ErrorOf(MatchReject reject) => reject switch
    {
        MatchReject.None => "",
        MatchReject.TickSize => "EOrder:Tick size check failed",
        MatchReject.LotSize => "EOrder:Order minimum not met",
        MatchReject.NotionalMin => "EOrder:Cost minimum not met",
        MatchReject.PostOnlyWouldTake => "EOrder:Post only order",
        MatchReject.DuplicateClientId => "EOrder:Duplicate cl_ord_id",
        _ => "EOrder:Insufficient funds",
    };

    private static void WriteEnd(Utf8Text text, in OrderEvent happened, string type, string reason)
    {
        text.Write($$"""{"order_id":"{{IdOf(happened.Order)}}","exec_type":"{{type}}","order_status":"{{type}}","timestamp":"{{new IsoTime(happened.TimeNs)}}","cum_qty":{{happened.Filled}},"cum_cost":{{new Notional(happened.FilledQuote).ToString()}}""");
        if (reason.Length > 0) text.Raw(",\"reason\":\"" + reason + "\"");
        text.Raw("}");
    }

    private static void WriteWhole(
        Utf8Text text, SimulatedOrder order, string type, string status, long timeNs, Quantity filled, Int128 filledQuote)
    {
        text.Write($$"""{"order_id":"{{IdOf(order)}}","symbol":"{{KrakenVenue.Spell(order.Instrument)}}","order_qty":{{order.Quantity}},"cum_qty":{{filled}},"cum_cost":{{new Notional(filledQuote).ToString()}},"time_in_force":"{{LifetimeOf(order)}}","exec_type":"{{type}}","side":"{{SimulatedVenue.SideText(order.Side)}}","order_type":"{{TypeOf(order)}}","order_userref":0,"limit_price_type":"static","limit_price":{{order.Price}},"stop_price":0.0,"order_status":"{{status}}","post_only":{{order.Ticket.PostOnly}},"fee_usd_equiv":0.0,"fee_ccy_pref":"fciq","timestamp":"{{new IsoTime(timeNs)}}{{"\""}}""");
        if (order.ClientId.Length > 0) text.Raw(",\"cl_ord_id\":\"" + order.ClientId + "\"");
        text.Raw("}");
    }

    private static string LifetimeOf(SimulatedOrder order) => order.Ticket.TimeInForce switch
    {
        TimeInForce.ImmediateOrCancel => "IOC",
        TimeInForce.FillOrKill => "FOK",
        _ => "GTC",
    };

    private static bool TryTicket(JsonElement parameters, out OrderTicket ticket)
    {
        ticket = default;
        var type = ProtocolSession.StringOf(parameters, "order_type");
        var side = ProtocolSession.StringOf(parameters, "side");
        if (type is not ("limit" or "market") || side is not ("buy" or "sell")) return false;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(parameters, "order_qty"), out var quantity)) return false;
        var price = Price.Zero;
        if (type == "limit" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(parameters, "limit_price"), out price)) return false;
        var clientId = ProtocolSession.StringOf(parameters, "cl_ord_id");
        if (clientId.Length > 36 || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "buy" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = type == "market" ? OrderType.Market : OrderType.Limit, SelfTradeAllowed = false,
            PostOnly = parameters.TryGetProperty("post_only", out var postOnly) && postOnly.GetBoolean(),
            TimeInForce = ProtocolSession.StringOf(parameters, "time_in_force").ToUpperInvariant() switch
            {
                "IOC" => TimeInForce.ImmediateOrCancel,
                "FOK" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }
}
