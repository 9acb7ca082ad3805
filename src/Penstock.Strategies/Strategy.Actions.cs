using Penstock.MarketData.Bars;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies.Indicators;

namespace Penstock.Strategies;

/// <summary>What a strategy does: subscriptions, orders, declared quotes. What it is told stands in the other file.</summary>
public abstract partial class Strategy<TConfig>
{
    /// <summary>The first instrument the strategy was given: the only one of most.</summary>
    protected InstrumentId Instrument => Context.Instruments[0];

    /// <summary>Bars of the instrument from now on, and indicators to keep up with them. For OnStart.</summary>
    /// <param name="instrument">One of the strategy's.</param>
    /// <param name="interval">Length of a bar.</param>
    /// <param name="indicators">Updated with each bar before OnBar.</param>
    protected void SubscribeBars(InstrumentId instrument, TimeSpan interval, params ReadOnlySpan<Indicator> indicators) =>
        (_bars ??= new BarSubscriptions((in Bar bar, TimeSpan length) => OnBar(bar, length))).Add(instrument, interval, indicators);

    /// <summary>
    /// Calls <paramref name="action"/> every so often in engine time, first after one interval; at the engine's own step, 20 ms in a node. For OnStart.
    /// </summary>
    protected void Every(TimeSpan interval, Action action) => (_timers ??= new IntervalTimers()).Add(interval, action, Now);

    /// <summary>What this strategy holds of the instrument; positive is long.</summary>
    protected Quantity Held(InstrumentId instrument) => Context.Position(instrument).Quantity;

    protected OrderBuilder Buy(InstrumentId instrument, Quantity quantity) => new(Context, instrument, Side.Buy, quantity);

    protected OrderBuilder Sell(InstrumentId instrument, Quantity quantity) => new(Context, instrument, Side.Sell, quantity);

    /// <summary>Trades until the strategy holds <paramref name="target"/> of the instrument: one market order for the difference, or none.</summary>
    protected void GoTo(InstrumentId instrument, Quantity target)
    {
        var missing = target.Raw - Held(instrument).Raw;
        var quantity = new Quantity(Math.Abs(missing)).FloorTo(Context.Instrument(instrument).Lot);
        if (!quantity.IsPositive) return;
        if (missing > 0) Buy(instrument, quantity).Market().Send();
        else Sell(instrument, quantity).Market().Send();
    }

    protected QuoteSlot Bid(InstrumentId instrument) => Context.Quote(instrument, Side.Buy);

    protected QuoteSlot Ask(InstrumentId instrument) => Context.Quote(instrument, Side.Sell);
}
