using Penstock.Model.Numbers;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols;

namespace Penstock.Testing.Hosting;

/// <summary>What the account owns of one asset.</summary>
public sealed record SimulatedBalance(string Asset, decimal Free, decimal Locked);

/// <summary>One order of the account as the venue knows it.</summary>
public sealed record SimulatedOrderView(
    long Id, string ClientId, string Symbol, string Side, decimal Price, decimal Quantity, decimal Filled, string State)
{
    internal static SimulatedOrderView Of(SimulatedOrder order) => new(
        order.Id, order.ClientId, order.Instrument.Symbol, order.Side.ToString(), order.Price.ToDecimal(), order.Quantity.ToDecimal(),
        order.Filled.ToDecimal(), order.State.ToString());
}

/// <summary>One fill of the account.</summary>
public sealed record SimulatedFill(
    long TradeId, long OrderId, string ClientId, string Symbol, string Side, decimal Price, decimal Quantity, bool IsMaker,
    decimal Fee, string FeeAsset, long TimeNs)
{
    internal static SimulatedFill Of(AccountTrade trade) => new(
        trade.TradeId, trade.Order.Id, trade.Order.ClientId, trade.Order.Instrument.Symbol, trade.Order.Side.ToString(),
        trade.Price.ToDecimal(), trade.Quantity.ToDecimal(), trade.IsMaker, new Notional(trade.Fee).ToDecimal(), trade.Order.FeeAsset,
        trade.TimeNs);
}

/// <summary>The venue's truth about the account at one moment.</summary>
public sealed record SimulatedAccount(
    IReadOnlyList<SimulatedBalance> Balances, IReadOnlyList<SimulatedOrderView> OpenOrders, IReadOnlyList<SimulatedFill> Trades);

/// <summary>One level of a simulated venue's book.</summary>
public readonly record struct SimulatedLevel(Price Price, Quantity Quantity);

/// <summary>The venue's own book, best first.</summary>
public sealed record SimulatedBook(IReadOnlyList<SimulatedLevel> Bids, IReadOnlyList<SimulatedLevel> Asks)
{
    internal static List<SimulatedLevel> Levels(BookSide side)
    {
        var levels = new List<SimulatedLevel>(side.Count);
        for (var rank = 0; rank < side.Count; rank++) levels.Add(new SimulatedLevel(side[rank].Price, side[rank].Quantity));
        return levels;
    }
}
