using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;

namespace Penstock.EleventhVenue.Tidewater.Simulation;

/// <summary>Orders of the account in the venue's words, for the private stream and for REST.</summary>
internal sealed class TidewaterAccount(TidewaterSimulation venue)
{
    private const long ClockSkewMsMax = 5_000;

    /// <summary>0, or the code that is answered.</summary>
    public int Check(string key, string time, string signed, string sign, long nowNs)
    {
        var code = key != venue.Options.ApiKey || !SimulatedVenue.Same(Sign(time + signed), sign) ? 1001
            : !long.TryParse(time, out var ms) || Math.Abs(ms - SimulatedVenue.Ms(nowNs)) > ClockSkewMsMax ? 1002 : 0;
        if (code != 0) venue.Statistics.AuthenticationFailures++;
        return code;
    }

    public int Place(JsonElement message, long nowNs, out SimulatedOrder? order)
    {
        order = null;
        var type = ProtocolSession.StringOf(message, "type");
        if (venue.Find(ProtocolSession.StringOf(message, "symbol")) is not { } instrument || type is not ("limit" or "postOnly" or "ioc" or "fok" or "market")) return 2000;
        if (!SimulatedVenue.TryQuantity(ProtocolSession.StringOf(message, "quantity"), out var quantity)) return 2003;
        var price = Price.Zero;
        if (type != "market" && !SimulatedVenue.TryPrice(ProtocolSession.StringOf(message, "price"), out price)) return 2002;
        order = venue.Place(instrument, new OrderTicket
        {
            ClientId = ProtocolSession.StringOf(message, "id"), Side = ProtocolSession.StringOf(message, "side") == "buy" ? Side.Buy : Side.Sell,
            Price = price, Quantity = quantity, Type = type == "market" ? OrderType.Market : OrderType.Limit, PostOnly = type == "postOnly", SelfTradeAllowed = true,
            TimeInForce = type == "ioc" ? TimeInForce.ImmediateOrCancel : type == "fok" ? TimeInForce.FillOrKill : TimeInForce.GoodTillCancel,
        }, nowNs, out var reject);
        return reject switch
        {
            MatchReject.None => 0,
            MatchReject.TickSize => 2002,
            MatchReject.LotSize or MatchReject.NotionalMin => 2003,
            MatchReject.DuplicateClientId => 2005,
            MatchReject.PostOnlyWouldTake => 2006,
            _ => 2001,
        };
    }

    public SimulatedOrder? Find(string order, string id) => long.TryParse(order, out var number) ? venue.Market.FindById(number) : venue.Market.FindByClientId(id);

    /// <summary>A fill, or the order as it stood at that moment.</summary>
    /// <param name="kind">The name of the member that says which; empty in REST answers.</param>
    public void Write(Utf8Text text, in OrderEvent happened, string kind)
    {
        text.Raw("{");
        if (kind.Length > 0) text.Raw($"\"{kind}\":\"{(happened.Trade is null ? "order" : "fill")}\",");
        if (happened.Trade is { } trade) WriteFill(text, trade, happened.Filled, happened.State);
        else WriteOrder(text, in happened);
    }

    public static void WriteFill(Utf8Text text, AccountTrade trade, Quantity filled, OrderState state) =>
        text.Raw("\"trade\":").Write($$"""{{trade.TradeId}},"id":"{{trade.Order.ClientId}}","order":"{{trade.Order.Id}}","symbol":"{{trade.Order.Instrument.Symbol}}","side":"{{SimulatedVenue.SideText(trade.Order.Side)}}","price":"{{trade.Price}}","quantity":"{{trade.Quantity}}","filled":"{{filled}}","state":"{{StateOf(state)}}","maker":{{trade.IsMaker}},"fee":"{{Fixed.OfAmount(trade.Fee)}}","feeAsset":"{{trade.Order.FeeAsset}}","time":{{SimulatedVenue.Ms(trade.TimeNs)}} }""");

    public static OrderEvent StatusOf(SimulatedOrder order) => new() { Order = order, State = order.State, Filled = order.Filled, TimeNs = order.UpdatedNs };

    public void WriteBalances(Utf8Text text)
    {
        var (ledger, account) = (venue.Market.Ledger, venue.Market.Account);
        text.Raw("\"list\":[");
        foreach (var asset in ledger.Assets)
            text.Comma().Write($$"""{"asset":"{{asset}}","free":"{{Fixed.OfAmount(ledger.Free(account, asset))}}","locked":"{{Fixed.OfAmount(ledger.Locked(account, asset))}}"}""");
        text.Raw("]}");
    }

    private static void WriteOrder(Utf8Text text, in OrderEvent happened) =>
        text.Raw("\"id\":\"").Write($$"""{{happened.Order.ClientId}}","order":"{{happened.Order.Id}}","symbol":"{{happened.Order.Instrument.Symbol}}","side":"{{SimulatedVenue.SideText(happened.Order.Side)}}","state":"{{StateOf(happened.State)}}","filled":"{{happened.Filled}}","time":{{SimulatedVenue.Ms(happened.TimeNs)}} }""");

    private static string StateOf(OrderState state) => state switch
    {
        OrderState.Working => "open",
        OrderState.PartiallyFilled => "part",
        OrderState.Filled => "filled",
        _ => "cancelled",
    };

    private string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(venue.Options.Secret), Encoding.UTF8.GetBytes(text)));
}
