using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;
using Penstock.Trading.Positions;

namespace Penstock.Strategies;

/// <summary>One position, in decimals, for people and JSON. Amounts are in <c>Currency</c>, the asset the instrument is paid in.</summary>
public sealed record PositionView(
    int Strategy, string Symbol, byte Venue, decimal Quantity, decimal AveragePrice, decimal Realised, decimal Unrealised,
    decimal FeesQuote, decimal FeesBase, decimal Turnover, long Fills)
{
    public decimal Funding { get; init; }

    /// <summary>Realised and unrealised, less fees, with funding.</summary>
    public decimal Net { get; init; }

    public string Currency { get; init; } = "";
}

/// <summary>One instrument over all strategies; the profit in the asset it is paid in.</summary>
public readonly record struct InstrumentTotals(Quantity Quantity, ProfitFigures Profit, Notional Turnover, long Fills);

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
                if (position.Fills == 0 && position.Funding.Raw == 0) continue;
                var profit = engine.Positions.ProfitOf(strategy, instrument.Id, engine.Desk.MidTwice(instrument.Id));
                views.Add(new PositionView(
                    strategy, instrument.Symbol, instrument.Venue.Value, position.Quantity.ToDecimal(),
                    position.AveragePriceOf(instrument.ContractSize).ToDecimal(),
                    profit.Realised.ToDecimal(), profit.Unrealised.ToDecimal(), profit.Fees.ToDecimal(), position.FeesBase.ToDecimal(),
                    position.Turnover.ToDecimal(), position.Fills)
                {
                    Funding = profit.Funding.ToDecimal(), Net = profit.Net.ToDecimal(), Currency = instrument.PaidIn.ToString(),
                });
            }
        }

        return views;
    }

    /// <summary>Strategy 0, which has what belongs to no strategy, included.</summary>
    public static InstrumentTotals Totals(TradingEngine engine, Instrument instrument)
    {
        var totals = default(InstrumentTotals);
        for (var strategy = 0; strategy <= engine.Positions.Strategies; strategy++)
        {
            ref readonly var position = ref engine.Positions.Of(strategy, instrument.Id);
            if (position.Fills == 0 && position.Funding.Raw == 0) continue;
            var profit = engine.Positions.ProfitOf(strategy, instrument.Id, engine.Desk.MidTwice(instrument.Id));
            totals = new InstrumentTotals(
                totals.Quantity + position.Quantity, totals.Profit + profit, totals.Turnover + position.Turnover, totals.Fills + position.Fills);
        }

        return totals;
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
