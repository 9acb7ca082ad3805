using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;
using static Penstock.Testing.Protocols.Binance.BinanceWords;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>Orders of the account in Binance's words: the same for REST, the WebSocket API and the user stream.</summary>
internal sealed class BinanceOrders(BinanceVenue venue)
{
    private readonly Dictionary<long, string> _cancelIds = [];
    private long _executions;
    private long _cancels;

    public BinanceError Place(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs)
    {
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is not { } instrument) return BinanceError.UnknownSymbol;
        if (!TryTicket(parameters, postOnlyType: "LIMIT_MAKER", postOnlyLifetime: null, out var ticket)) return BinanceError.Malformed;
        var order = venue.Place(instrument, ticket, nowNs, out var reject);
        if (reject != MatchReject.None) return ErrorOf(reject);
        WritePlaced(result, order, parameters.GetValueOrDefault("newOrderRespType", "FULL"), nowNs);
        return BinanceError.None;
    }

    /// <summary>Checks and acknowledges; the caller finishes the cancel after the answer went out.</summary>
    public BinanceError BeginCancel(IReadOnlyDictionary<string, string> parameters, Utf8Text result, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        if (venue.Find(parameters.GetValueOrDefault("symbol", "")) is null) return BinanceError.UnknownSymbol;
        if (FindOrder(venue.Market, parameters) is not { IsOpen: true } found) return BinanceError.UnknownCancel;
        order = found;
        var cancelId = parameters.GetValueOrDefault("newClientOrderId", "") is { Length: > 0 } given ? given : "cancel" + ++_cancels;
        _cancelIds[order.Id] = cancelId;
        result.Write($$"""{"symbol":"{{SymbolOf(order)}}","origClientOrderId":"{{order.ClientId}}","orderId":{{order.Id}},"orderListId":-1,"clientOrderId":"{{cancelId}}","transactTime":{{SimulatedVenue.Ms(nowNs)}}""");
        WriteFigures(result, order, "CANCELED");
        result.Raw("}");
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
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","clientOrderId":"{{order.ClientId}}","orderId":{{order.Id}},"orderListId":-1""");
        WriteFigures(text, order, StatusOf(order.State));
        text.Write($$""","stopPrice":"0.00000000","icebergQty":"0.00000000","time":{{SimulatedVenue.Ms(order.CreatedNs)}},"updateTime":{{SimulatedVenue.Ms(order.UpdatedNs)}},"isWorking":true}""");
    }

    public void WriteTrade(Utf8Text text, AccountTrade trade) =>
        text.Write($$"""{"symbol":"{{SymbolOf(trade.Order)}}","id":{{trade.TradeId}},"orderId":{{trade.Order.Id}},"orderListId":-1,"price":"{{Fixed.Of(trade.Price, 8)}}","qty":"{{Fixed.Of(trade.Quantity, 8)}}","quoteQty":"{{Fixed.OfAmount(trade.QuoteAmount, 8)}}","commission":"{{Fixed.OfAmount(trade.Fee, 8)}}","commissionAsset":"{{trade.Order.FeeAsset}}","time":{{SimulatedVenue.Ms(trade.TimeNs)}},"isBuyer":{{trade.Order.Side == Side.Buy}},"isMaker":{{trade.IsMaker}},"isBestMatch":true}""");

    /// <summary>An executionReport in the user stream's envelope.</summary>
    public void WriteReport(Utf8Text text, in OrderEvent happened, long nowNs)
    {
        var order = happened.Order;
        var isCancel = happened is { Kind: OrderEventKind.Cancelled, Cause: CancelCause.Requested };
        var cancelId = "";
        if (isCancel && !_cancelIds.Remove(order.Id, out cancelId!)) cancelId = "venue";
        var execution = happened.Kind switch
        {
            OrderEventKind.Accepted => "NEW",
            OrderEventKind.Trade => "TRADE",
            _ => StatusOf(happened.State),
        };
        var trade = happened.Trade;
        text.Write($$"""{"subscriptionId":0,"event":{"e":"executionReport","E":{{SimulatedVenue.Ms(nowNs)}},"s":"{{SymbolOf(order)}}","c":"{{(isCancel ? cancelId : order.ClientId)}}","S":"{{SideOf(order)}}","o":"{{TypeOf(order)}}","f":"{{TimeInForceOf(order)}}","q":"{{Fixed.Of(order.Quantity, 8)}}","p":"{{Fixed.Of(order.Price, 8)}}","P":"0.00000000","F":"0.00000000","g":-1""");
        text.Write($$""","C":"{{(isCancel ? order.ClientId : "")}}","x":"{{execution}}","X":"{{StatusOf(happened.State)}}","r":"NONE","i":{{order.Id}}""");
        text.Write($$""","l":"{{Fixed.Of(trade?.Quantity ?? default, 8)}}","z":"{{Fixed.Of(happened.Filled, 8)}}","L":"{{Fixed.Of(trade?.Price ?? default, 8)}}","n":"{{Fixed.OfAmount(trade?.Fee ?? 0, 8)}}","N":{{(trade is null ? "null" : "\"" + order.FeeAsset + "\"")}}""");
        text.Write($$""","T":{{SimulatedVenue.Ms(happened.TimeNs)}},"t":{{trade?.TradeId ?? -1}},"I":{{++_executions}},"w":{{happened.State is OrderState.Working or OrderState.PartiallyFilled}},"m":{{trade?.IsMaker ?? false}},"M":false,"O":{{SimulatedVenue.Ms(order.CreatedNs)}}""");
        text.Write($$$""","Z":"{{{Fixed.OfAmount(happened.FilledQuote, 8)}}}","Y":"{{{Fixed.OfAmount(trade?.QuoteAmount ?? 0, 8)}}}","Q":"0.00000000","W":{{{SimulatedVenue.Ms(order.CreatedNs)}}},"V":"NONE"}}""");
    }

    public void WriteAccountPosition(Utf8Text text, long nowNs)
    {
        text.Write($$"""{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":{{SimulatedVenue.Ms(nowNs)}},"u":{{SimulatedVenue.Ms(nowNs)}},"B":[""");
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        foreach (var asset in ledger.Assets)
            text.Comma().Write($$"""{"a":"{{asset}}","f":"{{Fixed.OfAmount(ledger.Free(account, asset), 8)}}","l":"{{Fixed.OfAmount(ledger.Locked(account, asset), 8)}}"}""");
        text.Raw("]}}");
    }

    private void WritePlaced(Utf8Text text, SimulatedOrder order, string responseType, long nowNs)
    {
        text.Write($$"""{"symbol":"{{SymbolOf(order)}}","orderId":{{order.Id}},"orderListId":-1,"clientOrderId":"{{order.ClientId}}","transactTime":{{SimulatedVenue.Ms(nowNs)}}""");
        if (responseType == "ACK")
        {
            text.Raw("}");
            return;
        }

        WriteFigures(text, order, StatusOf(order.State));
        if (responseType == "FULL")
        {
            text.Raw(",\"fills\":[");
            foreach (var happened in venue.Market.Unpublished)
            {
                if (happened.Trade is { } trade && happened.Order == order)
                    text.Comma().Write($$"""{"price":"{{Fixed.Of(trade.Price, 8)}}","qty":"{{Fixed.Of(trade.Quantity, 8)}}","commission":"{{Fixed.OfAmount(trade.Fee, 8)}}","commissionAsset":"{{order.FeeAsset}}","tradeId":{{trade.TradeId}}}""");
            }

            text.Raw("]");
        }

        text.Raw("}");
    }

    private static void WriteFigures(Utf8Text text, SimulatedOrder order, string status) =>
        text.Write($$""","price":"{{Fixed.Of(order.Price, 8)}}","origQty":"{{Fixed.Of(order.Quantity, 8)}}","executedQty":"{{Fixed.Of(order.Filled, 8)}}","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"{{Fixed.OfAmount(order.FilledQuote, 8)}}","status":"{{status}}","timeInForce":"{{TimeInForceOf(order)}}","type":"{{TypeOf(order)}}","side":"{{SideOf(order)}}","selfTradePreventionMode":"NONE","workingTime":{{SimulatedVenue.Ms(order.CreatedNs)}}""");

    private static string SymbolOf(SimulatedOrder order) => order.Instrument.Symbol.Replace("-", "");

    private static string TypeOf(SimulatedOrder order) =>
        order.Ticket.PostOnly ? "LIMIT_MAKER" : order.Ticket.Type == OrderType.Market ? "MARKET" : "LIMIT";

    private static BinanceError ErrorOf(MatchReject reject) => reject switch
    {
        MatchReject.TickSize => new(400, -1013, "Filter failure: PRICE_FILTER"),
        MatchReject.LotSize => new(400, -1013, "Filter failure: LOT_SIZE"),
        MatchReject.NotionalMin => new(400, -1013, "Filter failure: NOTIONAL"),
        MatchReject.PostOnlyWouldTake => new(400, -2010, "Order would immediately match and take."),
        MatchReject.DuplicateClientId => new(400, -2010, "Duplicate order sent."),
        MatchReject.UnknownInstrument => BinanceError.UnknownSymbol,
        MatchReject.Malformed => BinanceError.Malformed,
        _ => new(400, -2010, "Account has insufficient balance for requested action."),
    };
}
