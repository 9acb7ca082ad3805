using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;

namespace Penstock.Strategies;

/// <summary>
/// An order being said: <c>Buy(i, q).Limit(p).PostOnly().Send()</c>. Two stages, so that what makes no sense (a post-only market
/// order) does not compile. Nothing happens before <c>Send</c>, and its result says no more than that the order left, or which rule
/// refused it: the venue's answer comes as OnOrder. Quantities are cut to the lot, prices rounded to the tick away from the market.
/// Allocates nothing.
/// </summary>
public readonly ref struct OrderBuilder
{
    /// <summary>How much worse than the best price a market order is assumed, and where the venue wants it, allowed to trade.</summary>
    public static readonly Bps MarketSlippage = Bps.From(100m);

    private readonly StrategyContext _context;
    private readonly OrderRequest _order;

    internal OrderBuilder(StrategyContext context, InstrumentId instrument, Side side, Quantity quantity)
    {
        _context = context;
        _order = new OrderRequest { Instrument = instrument, Side = side, Quantity = quantity.FloorTo(context.Instrument(instrument).Lot) };
    }

    public LimitOrder Limit(Price price) => new(_context, _order with { Price = Rounded(_context, _order, price) });

    /// <summary>Sleeps until the market has traded at the price or beyond it, then a market order, or a limit order where one is named.</summary>
    public StopOrder Stop(Price price)
    {
        var tick = _context.Instrument(_order.Instrument).Tick;
        var stop = _order.Side == Side.Buy ? price.CeilingTo(tick) : price.FloorTo(tick);
        return new StopOrder(_context, _order with { Type = OrderType.Stop, StopPrice = stop });
    }

    /// <summary>Takes what is there. Refused by risk while the book is not tradable: without one its price is not known.</summary>
    public MarketOrder Market()
    {
        var book = _context.Book(_order.Instrument);
        var tick = book.Instrument.Tick;
        var price = _order.Side == Side.Buy ? (book.Ask.Price + MarketSlippage).CeilingTo(tick) : (book.Bid.Price - MarketSlippage).FloorTo(tick);
        return new MarketOrder(_context, _order with { Type = OrderType.Market, TimeInForce = TimeInForce.ImmediateOrCancel, Price = price });
    }

    /// <summary>To the tick that is further from the market.</summary>
    internal static Price Rounded(StrategyContext context, in OrderRequest order, Price price)
    {
        var tick = context.Instrument(order.Instrument).Tick;
        return order.Side == Side.Buy ? price.FloorTo(tick) : price.CeilingTo(tick);
    }
}

/// <summary>A stop order before it is sent: it sleeps in the engine until the market has traded at its stop price.</summary>
public readonly ref struct StopOrder
{
    private readonly StrategyContext _context;
    private readonly OrderRequest _order;

    internal StopOrder(StrategyContext context, OrderRequest order)
    {
        _context = context;
        _order = order;
    }

    /// <summary>Once awake, never worse than this price; it may then rest.</summary>
    public LimitOrder Limit(Price price) => new(_context, _order with
    {
        Type = OrderType.StopLimit, TimeInForce = TimeInForce.GoodTillCancel, Price = OrderBuilder.Rounded(_context, _order, price),
    });

    public StopOrder ReduceOnly() => new(_context, _order with { Flags = _order.Flags | OrderFlags.ReduceOnly });

    public PlaceResult Send() => _context.Place(_order);
}

/// <summary>A limit order before it is sent.</summary>
public readonly ref struct LimitOrder
{
    private readonly StrategyContext _context;
    private readonly OrderRequest _order;

    internal LimitOrder(StrategyContext context, OrderRequest order)
    {
        _context = context;
        _order = order;
    }

    /// <summary>Never takes: the venue refuses it instead.</summary>
    public LimitOrder PostOnly() => new(_context, _order with { Flags = _order.Flags | OrderFlags.PostOnly });

    public LimitOrder ReduceOnly() => new(_context, _order with { Flags = _order.Flags | OrderFlags.ReduceOnly });

    public LimitOrder ImmediateOrCancel() => new(_context, _order with { TimeInForce = TimeInForce.ImmediateOrCancel });

    public LimitOrder FillOrKill() => new(_context, _order with { TimeInForce = TimeInForce.FillOrKill });

    /// <summary>Cancelled by the engine at this engine time, if it still lives.</summary>
    public LimitOrder GoodTill(MonotonicTime expires) => new(_context, _order with { TimeInForce = TimeInForce.GoodTillDate, Expires = expires });

    /// <summary>For the day: cancelled by the engine when the instrument's session ends. Rests until cancelled where no calendar ends it.</summary>
    public LimitOrder GoodTillClose() => _context.CloseOf(_order.Instrument) is { Ns: > 0 } close ? GoodTill(close) : this;

    public PlaceResult Send() => _context.Place(_order);
}

/// <summary>A market order before it is sent.</summary>
public readonly ref struct MarketOrder
{
    private readonly StrategyContext _context;
    private readonly OrderRequest _order;

    internal MarketOrder(StrategyContext context, OrderRequest order)
    {
        _context = context;
        _order = order;
    }

    public MarketOrder ReduceOnly() => new(_context, _order with { Flags = _order.Flags | OrderFlags.ReduceOnly });

    public PlaceResult Send() => _context.Place(_order);
}
