using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Testing.Matching;

namespace Penstock.Testing.Protocols.Binance;

/// <summary>Orders in words that spot and futures share. Post-only is a type in one and a time in force in the other.</summary>
internal static class BinanceWords
{
    /// <summary>False for what the venue calls malformed.</summary>
    /// <param name="parameters">Of the request.</param>
    /// <param name="postOnlyType">The type that means post-only; null where none does.</param>
    /// <param name="postOnlyLifetime">The time in force that means it; null where none does.</param>
    /// <param name="ticket">What is ordered.</param>
    public static bool TryTicket(
        IReadOnlyDictionary<string, string> parameters, string? postOnlyType, string? postOnlyLifetime, out OrderTicket ticket)
    {
        ticket = default;
        var (type, side) = (parameters.GetValueOrDefault("type", ""), parameters.GetValueOrDefault("side", ""));
        if ((type is not ("LIMIT" or "MARKET") && type != postOnlyType) || side is not ("BUY" or "SELL")) return false;
        if (!SimulatedVenue.TryQuantity(parameters.GetValueOrDefault("quantity", ""), out var quantity)) return false;
        var price = Price.Zero;
        if (type != "MARKET" && !SimulatedVenue.TryPrice(parameters.GetValueOrDefault("price", ""), out price)) return false;
        var lifetime = parameters.GetValueOrDefault("timeInForce", "");
        if (type == "LIMIT" && lifetime is not ("GTC" or "IOC" or "FOK") && lifetime != postOnlyLifetime) return false;
        var clientId = parameters.GetValueOrDefault("newClientOrderId", "");
        if (clientId.Length > 36 || !clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '/' or '_' or '-')) return false;
        ticket = new OrderTicket
        {
            ClientId = clientId, Side = side == "BUY" ? Side.Buy : Side.Sell, Price = price, Quantity = quantity,
            Type = type == "MARKET" ? OrderType.Market : OrderType.Limit, SelfTradeAllowed = true,
            PostOnly = type == postOnlyType || lifetime == postOnlyLifetime,
            TimeInForce = lifetime switch
            {
                "IOC" => TimeInForce.ImmediateOrCancel,
                "FOK" => TimeInForce.FillOrKill,
                _ => TimeInForce.GoodTillCancel,
            },
        };
        return true;
    }

    /// <summary>The order by the venue's id, else by the client's.</summary>
    public static SimulatedOrder? FindOrder(SimulatedMarket market, IReadOnlyDictionary<string, string> parameters) =>
        long.TryParse(parameters.GetValueOrDefault("orderId", ""), out var id)
            ? market.FindById(id)
            : market.FindByClientId(parameters.GetValueOrDefault("origClientOrderId", ""));

    public static string SideOf(SimulatedOrder order) => order.Side == Side.Buy ? "BUY" : "SELL";

    public static string TimeInForceOf(SimulatedOrder order) => order.Ticket.TimeInForce switch
    {
        TimeInForce.ImmediateOrCancel => "IOC",
        TimeInForce.FillOrKill => "FOK",
        _ => "GTC",
    };

    public static string StatusOf(OrderState state) => state switch
    {
        OrderState.Working => "NEW",
        OrderState.PartiallyFilled => "PARTIALLY_FILLED",
        OrderState.Filled => "FILLED",
        OrderState.Expired => "EXPIRED",
        OrderState.Rejected => "REJECTED",
        _ => "CANCELED",
    };
}
