using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Orders;

/// <summary>What live orders may still do, per strategy and venue: beside the order manager's sums per instrument. The engine's thread.</summary>
public sealed class InFlightSums
{
    private readonly int _stride;
    private readonly long[] _buy;
    private readonly long[] _sell;
    private readonly int[] _ordersOfStrategy;
    private readonly int[] _ordersOfVenue = new int[byte.MaxValue + 1];

    internal InFlightSums(int instruments, int strategies)
    {
        _stride = instruments + 1;
        _buy = new long[(strategies + 1) * _stride];
        _sell = new long[(strategies + 1) * _stride];
        _ordersOfStrategy = new int[strategies + 1];
    }

    /// <summary>Strategy 0 are adopted orders, and those of strategies not known here.</summary>
    public Quantity Buy(int strategy, InstrumentId instrument) => new(_buy[Known(strategy) * _stride + instrument.Value]);

    public Quantity Sell(int strategy, InstrumentId instrument) => new(_sell[Known(strategy) * _stride + instrument.Value]);

    public int OrdersOf(int strategy) => _ordersOfStrategy[Known(strategy)];

    public int OrdersOf(VenueId venue) => _ordersOfVenue[venue.Value];

    internal void Add(Order order, long quantityChange, int ordersChange)
    {
        var strategy = Known(order.Request.Strategy);
        var sums = order.Side == Side.Buy ? _buy : _sell;
        sums[strategy * _stride + order.Instrument.Value] += quantityChange;
        _ordersOfStrategy[strategy] += ordersChange;
        _ordersOfVenue[order.Venue.Value] += ordersChange;
    }

    private int Known(int strategy) => (uint)strategy < (uint)_ordersOfStrategy.Length ? strategy : 0;
}
