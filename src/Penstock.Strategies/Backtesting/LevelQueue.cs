namespace Penstock.Strategies.Backtesting;

/// <summary>
/// One price on one side where orders of ours rest: a queue in which others stand before, between and behind them. The recording
/// shows only the sum of the others, so where they stand is the model's guess.
/// <code>
///   front                                                   back
///   | others | ours 1 | others | ours 2 | others              |
///   |<-Ahead1>|       |        |
///   |<------- Ahead2 (others only) ---->|
/// </code>
/// Never fills more than a trade brought, never counts the same change twice when the trade and the book tell of it one after the other.
/// </summary>
internal sealed class LevelQueue
{
    /// <summary>What stands ahead at a book that cannot be looked at: everything, until the book is there and says how much that is.</summary>
    public const long Unknown = long.MaxValue;

    private readonly List<RestingOrder> _orders = new(4);
    private long _displayed;
    private long _tradedSinceUpdate;

    public bool IsEmpty => _orders.Count == 0;

    /// <summary>In time order.</summary>
    public IReadOnlyList<RestingOrder> Orders => _orders;

    public long PriceRaw { get; private set; }

    public void Begin(long priceRaw, long displayedRaw)
    {
        PriceRaw = priceRaw;
        _displayed = displayedRaw;
        _tradedSinceUpdate = 0;
    }

    /// <summary>Joins at the back: all that is displayed is ahead.</summary>
    public void Join(RestingOrder order)
    {
        order.AheadRaw = _orders.Count == 0 ? _displayed : Math.Max(_displayed, _orders[^1].AheadRaw);
        order.ExplainedRaw = 0;
        _orders.Add(order);
    }

    public void Remove(RestingOrder order) => _orders.Remove(order);

    /// <summary>
    /// A trade of that size at this price. Others ahead are served first; what is left serves our orders, in order.
    /// </summary>
    /// <returns>What is left for nobody here.</returns>
    public long Trade(long quantityRaw, List<(RestingOrder Order, long QuantityRaw)> fills)
    {
        _tradedSinceUpdate += quantityRaw;
        var left = quantityRaw;
        long served = 0; // others that this trade has taken from the queue so far
        foreach (var order in _orders)
        {
            // The book told of (a part of) this trade before the trade itself came.
            var known = Math.Min(order.ExplainedRaw, quantityRaw);
            order.ExplainedRaw -= known;
            var others = Math.Min(left, Math.Max(0, order.AheadRaw + known - served));
            left -= others;
            served += others;
            order.AheadRaw = Math.Max(0, order.AheadRaw + known - served);
            if (left <= 0 || order.AheadRaw > 0) continue;
            var filled = Math.Min(left, order.LeavesRaw);
            left -= filled;
            if (filled > 0) fills.Add((order, filled));
        }

        return left;
    }

    /// <summary>A trade at a worse price: nobody stands here any more but us.</summary>
    public long TradeThrough(long quantityRaw, List<(RestingOrder Order, long QuantityRaw)> fills)
    {
        foreach (var order in _orders)
        {
            order.AheadRaw = order.ExplainedRaw = 0;
            var filled = Math.Min(quantityRaw, order.LeavesRaw);
            if (filled <= 0) continue;
            quantityRaw -= filled;
            fills.Add((order, filled));
        }

        return quantityRaw;
    }

    /// <summary>The book now shows that much at this price (ours is not in it).</summary>
    public void Show(long displayedRaw, QueueModel model)
    {
        var gone = Math.Max(0, _displayed - displayedRaw - _tradedSinceUpdate);
        foreach (var order in _orders)
        {
            var before = order.AheadRaw;
            var ahead = model switch
            {
                QueueModel.Optimistic => before - gone,
                QueueModel.Proportional when _displayed > 0 => before - (long)((Int128)gone * Math.Min(before, _displayed) / _displayed),
                _ => before,
            };
            // No more can be ahead than is there at all.
            order.AheadRaw = Math.Max(0, Math.Min(ahead, displayedRaw));
            // A trade told after this update must not bring us forward by the same quantity again.
            order.ExplainedRaw = before > Unknown / 2 ? 0 : before - order.AheadRaw;
        }

        _displayed = displayedRaw;
        _tradedSinceUpdate = 0;
    }
}
