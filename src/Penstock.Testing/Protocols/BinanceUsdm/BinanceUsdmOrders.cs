using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Binance;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>Orders of the account in the words of Binance futures: the same for REST, the WebSocket API and the private stream.</summary>
internal sealed class BinanceUsdmOrders(BinanceUsdmVenue venue)
{
    /// <summary>The shared engine changes no orders: every change is refused.</summary>
    public static readonly BinanceError NoChanges = new(400, -1020, "This operation is not supported.");

    private static readonly BinanceError HedgeModeOff = new(400, -4061, "Order's position side does not match user's setting.");
    private static readonly BinanceError MarginInsufficient = new(400, -2019, "Margin is insufficient.");

    public BinanceError Place(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        if (parameters.GetValueOrDefault("positionSide", "BOTH") != "BOTH") return HedgeModeOff;
        if (!TryTicket(parameters, out var ticket)) return BinanceError.Malformed;
        if (parameters.GetValueOrDefault("reduceOnly", "false") == "true" && !Reduces(instrument.Spec, ticket))
            return new(400, -2022, "ReduceOnly Order is rejected.");
        if (!venue.Account.CanCarry(instrument, ticket)) return MarginInsufficient;
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        // A post-only order that would take is accepted, and expires at once.
        if (reject == MatchReject.PostOnlyWouldTake) venue.Market.AcceptAndCancel(order);
        else if (reject != MatchReject.None) return ErrorOf(reject);
        WriteFigures(result, order, "NEW", Quantity.Zero);
        result.Write($$""","updateTime":{{SimulatedVenue.Ms(nowNs)}}}""");
        return BinanceError.None;
    }

    /// <summary>Checks and acknowledges; the caller finishes the cancel after the answer went out.</summary>
    public BinanceError BeginCancel(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is null) return BinanceError.UnknownSymbol;
        if (FindOrder(parameters) is not { IsOpen: true } found) return BinanceError.UnknownCancel;
        order = found;
        WriteFigures(result, order, "CANCELED", order.Filled);
        result.Write($$""","updateTime":{{SimulatedVenue.Ms(nowNs)}}}""");
        return BinanceError.None;
    }

    public BinanceError Status(IReadOnlyDictionary<string, string> parameters, Utf8Text result)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is null) return BinanceError.UnknownSymbol;
        if (FindOrder(parameters) is not { } order) return BinanceError.NoSuchOrder;
        WriteOrder(result, order);
        return BinanceError.None;
    }

    public void WriteOrder(Utf8Text text, SimulatedOrder order)
    {
        WriteFigures(text, order, StatusOf(order.State, order.Ticket.PostOnly && order.Filled.Raw == 0), order.Filled);
        text.Write($$""","time":{{SimulatedVenue.Ms(order.CreatedNs)}},"updateTime":{{SimulatedVenue.Ms(order.UpdatedNs)}}}""");
    }

    /// <summary>What was paid is negative here, and positive on the stream.</summary>
    public void WriteTrade(Utf8Text text, AccountTrade trade)
    {
        var (order, spec) = (trade.Order, trade.Order.Instrument);
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","id":{{trade.TradeId}},"orderId":{{order.Id}},"side":"{{SideOf(order)}}","price":"{{Of(order, trade.Price)}}","qty":"{{Of(order, trade.Quantity)}}","realizedPnl":"{{Fixed.OfAmount(venue.Account.RealisedBy(trade), 8)}}","quoteQty":"{{Fixed.OfAmount(trade.QuoteAmount, 8)}}{{"\""}}""");
        text.Write($$""","commission":"{{Fixed.OfAmount(-trade.Fee, 8)}}","commissionAsset":"{{spec.Quote}}","time":{{SimulatedVenue.Ms(trade.TimeNs)}},"positionSide":"BOTH","buyer":{{order.Side == Side.Buy}},"maker":{{trade.IsMaker}}}""");
    }

    /// <summary>The same fill sooner, with less: no fee, no state.</summary>
    public static void WriteTradeLite(Utf8Text text, AccountTrade trade, long nowNs)
    {
        var order = trade.Order;
        text.Write($$"""{"e":"TRADE_LITE","E":{{SimulatedVenue.Ms(nowNs)}},"T":{{SimulatedVenue.Ms(trade.TimeNs)}},"s":"{{SymbolOf(order)}}","q":"{{Of(order, order.Quantity)}}","p":"{{Of(order, order.Price)}}","m":{{trade.IsMaker}},"c":"{{order.ClientId}}","S":"{{SideOf(order)}}","L":"{{Of(order, trade.Price)}}","l":"{{Of(order, trade.Quantity)}}","t":{{trade.TradeId}},"i":{{order.Id}}}""");
    }

    /// <summary>An ORDER_TRADE_UPDATE; a fee is named only where there is one.</summary>
    public void WriteReport(Utf8Text text, in OrderEvent happened, long nowNs)
    {
        var (order, trade) = (happened.Order, happened.Trade);
        var status = StatusOf(happened.State, happened.Cause == CancelCause.PostOnly);
        var execution = happened.Kind switch
        {
            OrderEventKind.Accepted => "NEW",
            OrderEventKind.Trade => "TRADE",
            _ => status,
        };
        text.Write($$"""{"e":"ORDER_TRADE_UPDATE","T":{{SimulatedVenue.Ms(happened.TimeNs)}},"E":{{SimulatedVenue.Ms(nowNs)}},"o":{"s":"{{SymbolOf(order)}}","c":"{{order.ClientId}}","S":"{{SideOf(order)}}","o":"{{TypeOf(order)}}","f":"{{TimeInForceOf(order)}}","q":"{{Of(order, order.Quantity)}}","p":"{{Of(order, order.Price)}}","ap":"{{Of(order, AverageOf(happened.FilledQuote, happened.Filled))}}","sp":"0","x":"{{execution}}","X":"{{status}}","i":{{order.Id}}""");
        text.Write($$""","l":"{{Of(order, trade?.Quantity ?? default)}}","z":"{{Of(order, happened.Filled)}}","L":"{{Of(order, trade?.Price ?? default)}}{{"\""}}""");
        if (trade is not null) text.Write($$""","N":"{{order.FeeAsset}}","n":"{{Fixed.OfAmount(trade.Fee, 8)}}{{"\""}}""");
        text.Write($$""","T":{{SimulatedVenue.Ms(happened.TimeNs)}},"t":{{trade?.TradeId ?? 0}},"b":"0","a":"0","m":{{trade?.IsMaker ?? false}},"R":false,"wt":"CONTRACT_PRICE","ot":"{{TypeOf(order)}}","ps":"BOTH","cp":false""");
        text.Write($$$""","rp":"{{{Fixed.OfAmount(trade is null ? 0 : venue.Account.RealisedBy(trade), 8)}}}","pP":false,"si":0,"ss":0,"V":"NONE","pm":"NONE","gtd":0}}""");
    }

    private SimulatedOrder? FindOrder(IReadOnlyDictionary<string, string> parameters) =>
        long.TryParse(parameters.GetValueOrDefault("orderId", ""), out var id)
            ? venue.Market.FindById(id)
            : venue.Market.FindByClientId(parameters.GetValueOrDefault("origClientOrderId", ""));

    /// <summary>Of the other side than the position, and no larger: the shared engine cuts no orders.</summary>
    private bool Reduces(SimulatedInstrument instrument, in OrderTicket ticket)
    {
        var held = venue.Account.QuantityOf(instrument);
        return ticket.Side == Side.Sell ? held >= ticket.Quantity.Raw : -held >= ticket.Quantity.Raw;
    }

    private static bool TryTicket(IReadOnlyDictionary<string, string> parameters, out OrderTicket ticket)
    {
        ticket = default;
        var (type, side) = (parameters.GetValueOrDefault("type", ""), parameters.GetValueOrDefault("side", ""));
        if (type is not ("LIMIT" or "MARKET") || side is not ("BUY" or "SELL")) return false;
        if (!SimulatedVenue.TryQuantity(parameters.GetValueOrDefault("quantity", ""), out var quantity)) return false;
        var price = Price.Zero;
        if (type == "LIMIT" && !SimulatedVenue.TryPrice(parameters.GetValueOrDefault("price", ""), out price)) return false;
        var lifetime = parameters.GetValueOrDefault("timeInForce", "");
        if (type == "LIMIT" && lifetime is not ("GTC" or "IOC" or "FOK" or "GTX")) return false;
        var clientId = parameters.GetValueOrDefault("newClientOrderId", "");
        if (clientId.Length > 36 || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '/' or '_' or '-')) return false;
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "BUY" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = type == "MARKET" ? OrderType.Market : OrderType.Limit, PostOnly = lifetime == "GTX", SelfTradeAllowed = true,
            TimeInForce = lifetime switch
            {
                "IOC" => TimeInForce.ImmediateOrCancel,
                "FOK" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    private static void WriteFigures(Utf8Text text, SimulatedOrder order, string status, Quantity filled)
    {
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","orderId":{{order.Id}},"clientOrderId":"{{order.ClientId}}","status":"{{status}}","price":"{{Of(order, order.Price)}}","avgPrice":"{{Of(order, AverageOf(order.FilledQuote, order.Filled))}}","origQty":"{{Of(order, order.Quantity)}}","executedQty":"{{Of(order, filled)}}","cumQty":"{{Of(order, filled)}}{{"\""}}""");
        text.Write($$""","cumQuote":"{{Fixed.OfAmount(order.FilledQuote, 8)}}","timeInForce":"{{TimeInForceOf(order)}}","type":"{{TypeOf(order)}}","reduceOnly":false,"closePosition":false,"side":"{{SideOf(order)}}","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"{{TypeOf(order)}}","priceMatch":"NONE","selfTradePreventionMode":"NONE","goodTillDate":0""");
    }

    private static Price AverageOf(Int128 value, Quantity quantity) => quantity.Raw == 0 ? Price.Zero : new Price((long)(value / quantity.Raw));

    private static Fixed Of(SimulatedOrder order, Price price) => Fixed.Of(price, order.Instrument.PriceDecimals);

    private static Fixed Of(SimulatedOrder order, Quantity quantity) => Fixed.Of(quantity, order.Instrument.QuantityDecimals);

    private static string SymbolOf(SimulatedOrder order) => BinanceUsdmVenue.Spell(order.Instrument);

    private static string SideOf(SimulatedOrder order) => order.Side == Side.Buy ? "BUY" : "SELL";

    private static string TypeOf(SimulatedOrder order) => order.Ticket.Type == OrderType.Market ? "MARKET" : "LIMIT";

    private static string TimeInForceOf(SimulatedOrder order) => order.Ticket.PostOnly ? "GTX" : order.Ticket.TimeInForce switch
    {
        TimeInForce.ImmediateOrCancel => "IOC",
        TimeInForce.FillOrKill => "FOK",
        _ => "GTC",
    };

    private static string StatusOf(OrderState state, bool postOnlyEnded) => state switch
    {
        OrderState.Working => "NEW",
        OrderState.PartiallyFilled => "PARTIALLY_FILLED",
        OrderState.Filled => "FILLED",
        OrderState.Expired => "EXPIRED",
        OrderState.Rejected => "REJECTED",
        _ => postOnlyEnded ? "EXPIRED" : "CANCELED",
    };

    private static BinanceError ErrorOf(MatchReject reject) => reject switch
    {
        MatchReject.TickSize => new(400, -4014, "Price not increased by tick size."),
        MatchReject.LotSize => new(400, -4023, "Qty not increased by step size."),
        MatchReject.NotionalMin => new(400, -4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
        MatchReject.DuplicateClientId => new(400, -4116, "ClientOrderId is duplicated."),
        MatchReject.UnknownInstrument => BinanceError.UnknownSymbol,
        MatchReject.Malformed => BinanceError.Malformed,
        _ => MarginInsufficient,
    };
}
