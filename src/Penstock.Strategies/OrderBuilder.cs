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

    public LimitOrder Limit(Price price)
    {
        var tick = _context.Instrument(_order.Instrument).Tick;
        return new LimitOrder(_context, _order with { Price = _order.Side == Side.Buy ? price.FloorTo(tick) : price.CeilingTo(tick) });
    }

    /// <summary>Takes what is there. Refused by risk while the book is not tradable: without one its price is not known.</summary>
    public MarketOrder Market()
    {
        var book = _context.Book(_order.Instrument);
        var tick = book.Instrument.Tick;
        var price = _order.Side == Side.Buy ? (book.Ask.Price + MarketSlippage).CeilingTo(tick) : (book.Bid.Price - MarketSlippage).FloorTo(tick);
        return new MarketOrder(_context, _order with { Type = OrderType.Market, TimeInForce = TimeInForce.ImmediateOrCancel, Price = price });
    }
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
