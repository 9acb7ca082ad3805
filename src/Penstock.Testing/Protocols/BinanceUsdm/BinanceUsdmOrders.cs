using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Binance;
using static Penstock.Testing.Protocols.Binance.BinanceWords;

namespace Penstock.Testing.Protocols.BinanceUsdm;

/// <summary>Orders of the account in the words of Binance futures: the same for REST, the WebSocket API and the private stream.</summary>
internal sealed class BinanceUsdmOrders(BinanceUsdmVenue venue)
{
    private static readonly BinanceError HedgeModeOff = new(400, -4061, "Order's position side does not match user's setting.");
    private static readonly BinanceError MarginInsufficient = new(400, -2019, "Margin is insufficient.");

    public BinanceError Place(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        if (parameters.GetValueOrDefault("positionSide", "BOTH") != "BOTH") return HedgeModeOff;
        if (!TryTicket(parameters, postOnlyType: null, postOnlyLifetime: "GTX", out var ticket)) return BinanceError.Malformed;
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
        if (FindOrder(venue.Market, parameters) is not { IsOpen: true } found) return BinanceError.UnknownCancel;
        order = found;
        WriteFigures(result, order, "CANCELED", order.Filled);
        result.Write($$""","updateTime":{{SimulatedVenue.Ms(nowNs)}}}""");
        return BinanceError.None;
    }

    /// <summary>
    /// Price and the whole quantity, both always. A post-only order that would take at its new price, and one whose new quantity is filled
    /// already, end by the change (venue page of PUT /fapi/v1/order).
    /// </summary>
    public BinanceError Change(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        if (FindOrder(venue.Market, parameters) is not { IsOpen: true } order || order.Instrument != instrument.Spec) return BinanceError.NoSuchOrder;
        if (parameters.GetValueOrDefault("side", "") != SideOf(order)) return BinanceError.Malformed;
        if (!SimulatedVenue.TryPrice(parameters.GetValueOrDefault("price", ""), out var price)) return BinanceError.Malformed;
        if (!SimulatedVenue.TryQuantity(parameters.GetValueOrDefault("quantity", ""), out var quantity)) return BinanceError.Malformed;
        if (price == order.Price && quantity == order.Quantity) return new(400, -5027, "No need to modify the order.");
        var reject = MatchReject.None;
        if (order.Filled.Raw > 0 && quantity <= order.Filled) venue.FinishCancel(order, nowNs);
        // The open orders hold all that rests of this one: only what it grows by is more to carry.
        else if (!venue.Account.CanCarry(instrument, order.Ticket with { Price = price, Quantity = quantity - order.Quantity }))
            return MarginInsufficient;
        else reject = venue.Market.Amend(order, price, quantity, nowNs);
        if (reject != MatchReject.None) return ErrorOf(reject);
        WriteFigures(result, order, StatusOf(order.State, order.Ticket.PostOnly && order.Filled.Raw == 0), order.Filled);
        result.Write($$""","updateTime":{{SimulatedVenue.Ms(nowNs)}}}""");
        return BinanceError.None;
    }

    public BinanceError Status(IReadOnlyDictionary<string, string> parameters, Utf8Text result)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is null) return BinanceError.UnknownSymbol;
        if (FindOrder(venue.Market, parameters) is not { } order) return BinanceError.NoSuchOrder;
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
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","id":{{trade.TradeId}},"orderId":{{order.Id}}""")
            .Write($$""","side":"{{SideOf(order)}}","price":"{{Of(order, trade.Price)}}","qty":"{{Of(order, trade.Quantity)}}{{"\""}}""")
            .Write($$""","realizedPnl":"{{Fixed.OfAmount(venue.Account.RealisedBy(trade), 8)}}{{"\""}}""")
            .Write($$""","quoteQty":"{{Fixed.OfAmount(trade.QuoteAmount, 8)}}{{"\""}}""");
        text.Write($$""","commission":"{{Fixed.OfAmount(-trade.Fee, 8)}}","commissionAsset":"{{spec.Quote}}{{"\""}}""")
            .Write($$""","time":{{SimulatedVenue.Ms(trade.TimeNs)}},"positionSide":"BOTH","buyer":{{order.Side == Side.Buy}}""")
            .Write($$""","maker":{{trade.IsMaker}}}""");
    }

    /// <summary>The same fill sooner, with less: no fee, no state.</summary>
    public static void WriteTradeLite(Utf8Text text, AccountTrade trade, long nowNs)
    {
        var order = trade.Order;
        text.Write($$"""{"e":"TRADE_LITE","E":{{SimulatedVenue.Ms(nowNs)}},"T":{{SimulatedVenue.Ms(trade.TimeNs)}}""")
            .Write($$""","s":"{{SymbolOf(order)}}","q":"{{Of(order, order.Quantity)}}","p":"{{Of(order, order.Price)}}{{"\""}}""")
            .Write($$""","m":{{trade.IsMaker}},"c":"{{order.ClientId}}","S":"{{SideOf(order)}}","L":"{{Of(order, trade.Price)}}{{"\""}}""")
            .Write($$""","l":"{{Of(order, trade.Quantity)}}","t":{{trade.TradeId}},"i":{{order.Id}}}""");
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
            OrderEventKind.Amended => "AMENDMENT",
            _ => status,
        };
        text.Write($$"""{"e":"ORDER_TRADE_UPDATE","T":{{SimulatedVenue.Ms(happened.TimeNs)}}""")
            .Write($$""","E":{{SimulatedVenue.Ms(nowNs)}},"o":{"s":"{{SymbolOf(order)}}","c":"{{order.ClientId}}","S":"{{SideOf(order)}}{{"\""}}""")
            .Write($$""","o":"{{TypeOf(order)}}","f":"{{TimeInForceOf(order)}}","q":"{{Of(order, order.Quantity)}}{{"\""}}""")
            .Write($$""","p":"{{Of(order, order.Price)}}","ap":"{{Of(order, AverageOf(happened.FilledQuote, happened.Filled))}}","sp":"0{{"\""}}""")
            .Write($$""","x":"{{execution}}","X":"{{status}}","i":{{order.Id}}""");
        text.Write($$""","l":"{{Of(order, trade?.Quantity ?? default)}}","z":"{{Of(order, happened.Filled)}}{{"\""}}""")
            .Write($$""","L":"{{Of(order, trade?.Price ?? default)}}{{"\""}}""");
        if (trade is not null) text.Write($$""","N":"{{order.FeeAsset}}","n":"{{Fixed.OfAmount(trade.Fee, 8)}}{{"\""}}""");
        text.Write($$""","T":{{SimulatedVenue.Ms(happened.TimeNs)}},"t":{{trade?.TradeId ?? 0}},"b":"0","a":"0{{"\""}}""")
            .Write($$""","m":{{trade?.IsMaker ?? false}},"R":false,"wt":"CONTRACT_PRICE","ot":"{{TypeOf(order)}}","ps":"BOTH","cp":false""");
        text.Write($$$""","rp":"{{{Fixed.OfAmount(trade is null ? 0 : venue.Account.RealisedBy(trade), 8)}}}","pP":false,"si":0,"ss":0""");
        text.Raw(",\"V\":\"NONE\",\"pm\":\"NONE\",\"gtd\":0}}");
    }

    /// <summary>Of the other side than the position, and no larger: the shared engine cuts no orders.</summary>
    private bool Reduces(SimulatedInstrument instrument, in OrderTicket ticket)
    {
        var held = venue.Account.QuantityOf(instrument);
        return ticket.Side == Side.Sell ? held >= ticket.Quantity.Raw : -held >= ticket.Quantity.Raw;
    }

    private static void WriteFigures(Utf8Text text, SimulatedOrder order, string status, Quantity filled)
    {
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","orderId":{{order.Id}},"clientOrderId":"{{order.ClientId}}{{"\""}}""")
            .Write($$""","status":"{{status}}","price":"{{Of(order, order.Price)}}{{"\""}}""")
            .Write($$""","avgPrice":"{{Of(order, AverageOf(order.FilledQuote, order.Filled))}}","origQty":"{{Of(order, order.Quantity)}}{{"\""}}""")
            .Write($$""","executedQty":"{{Of(order, filled)}}","cumQty":"{{Of(order, filled)}}{{"\""}}""");
        text.Write($$""","cumQuote":"{{Fixed.OfAmount(order.FilledQuote, 8)}}{{"\""}}""")
            .Write($$""","timeInForce":"{{TimeInForceOf(order)}}","type":"{{TypeOf(order)}}","reduceOnly":false,"closePosition":false""")
            .Write($$""","side":"{{SideOf(order)}}","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE{{"\""}}""")
            .Write($$""","priceProtect":false,"origType":"{{TypeOf(order)}}","priceMatch":"NONE{{"\""}}""")
            .Write($$""","selfTradePreventionMode":"NONE","goodTillDate":0""");
    }

    private static Price AverageOf(Int128 value, Quantity quantity) => quantity.Raw == 0 ? Price.Zero : new Price((long)(value / quantity.Raw));

    private static Fixed Of(SimulatedOrder order, Price price) => Fixed.Of(price, order.Instrument.PriceDecimals);

    private static Fixed Of(SimulatedOrder order, Quantity quantity) => Fixed.Of(quantity, order.Instrument.QuantityDecimals);

    private static string SymbolOf(SimulatedOrder order) => BinanceUsdmVenue.Spell(order.Instrument);

    private static string TypeOf(SimulatedOrder order) => order.Ticket.Type == OrderType.Market ? "MARKET" : "LIMIT";

    private static string TimeInForceOf(SimulatedOrder order) => order.Ticket.PostOnly ? "GTX" : BinanceWords.TimeInForceOf(order);

    /// <summary>A post-only order that would have taken is not cancelled, it expires.</summary>
    private static string StatusOf(OrderState state, bool postOnlyEnded) =>
        postOnlyEnded && BinanceWords.StatusOf(state) == "CANCELED" ? "EXPIRED" : BinanceWords.StatusOf(state);

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
