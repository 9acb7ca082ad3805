using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Strategies;

/// <summary>One position, in decimals, for people and JSON.</summary>
public sealed record PositionView(
    int Strategy, string Symbol, byte Venue, decimal Quantity, decimal AveragePrice, decimal Realised, decimal Unrealised,
    decimal FeesQuote, decimal FeesBase, decimal Turnover, long Fills);

/// <summary>One order.</summary>
public sealed record OrderView(
    string Id, string VenueOrderId, int Strategy, string Symbol, byte Venue, string Side, decimal Price, decimal Quantity,
    decimal Filled, decimal AveragePrice, string State, string Reason, bool CancelPending);

/// <summary>One asset on one venue.</summary>
public sealed record BalanceView(byte Venue, string Asset, decimal Change, decimal Fees, decimal Free, decimal Locked, decimal Difference);

/// <summary>The engine's state as a person asks for it. Allocates: between events and on demand only, engine's thread.</summary>
public static class EngineViews
{
    public static IReadOnlyList<PositionView> Positions(TradingEngine engine)
    {
        var views = new List<PositionView>();
        foreach (var instrument in engine.Instruments.All)
        {
            for (var strategy = 0; strategy <= engine.Positions.Strategies; strategy++)
            {
                ref readonly var position = ref engine.Positions.Of(strategy, instrument.Id);
                if (position.Fills == 0) continue;
                views.Add(new PositionView(
                    strategy, instrument.Symbol, instrument.Venue.Value, position.Quantity.ToDecimal(), position.AveragePrice.ToDecimal(),
                    position.Realised.ToDecimal(), position.Unrealised(engine.Desk.MidTwice(instrument.Id)).ToDecimal(),
                    position.FeesQuote.ToDecimal(), position.FeesBase.ToDecimal(), position.Turnover.ToDecimal(), position.Fills));
            }
        }

        return views;
    }

    public static IReadOnlyList<OrderView> LiveOrders(TradingEngine engine)
    {
        var views = new List<OrderView>();
        for (var order = engine.Orders.Live.First; order is not null; order = OrderList.After(order))
            views.Add(Of(order, engine.Instruments[order.Instrument]));
        return views;
    }

    public static IReadOnlyList<BalanceView> Balances(TradingEngine engine)
    {
        var views = new List<BalanceView>();
        foreach (ref readonly var account in engine.Positions.Accounts)
        {
            views.Add(new BalanceView(
                account.Venue.Value, account.Asset.ToString(), account.Cash.ToDecimal(), account.Fees.ToDecimal(),
                account.Free.ToDecimal(), account.Locked.ToDecimal(), account.Difference.ToDecimal()));
        }

        return views;
    }

    /// <summary>One order, live or ended and still remembered; null when there is none of that id.</summary>
    public static OrderView? Order(TradingEngine engine, ClientOrderId id) =>
        engine.Orders.Find(id) is { } order ? Of(order, engine.Instruments[order.Instrument]) : null;

    private static OrderView Of(Order order, Instrument instrument) => new(
        order.ClientOrderId.ToString(), order.VenueOrderId.ToString(), order.Request.Strategy, instrument.Symbol, instrument.Venue.Value,
        order.Side == Side.Buy ? "buy" : "sell", order.Request.Price.ToDecimal(), order.Request.Quantity.ToDecimal(), order.Filled.ToDecimal(),
        order.AveragePrice.ToDecimal(), order.State.ToString(), order.Reason.ToString(), order.IsCancelPending);
}
