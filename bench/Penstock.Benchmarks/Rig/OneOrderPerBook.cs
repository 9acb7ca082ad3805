using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;

namespace Penstock.Benchmarks.Rig;

/// <summary>The smallest strategy that trades on every book: one immediate-or-cancel order, buying and selling in turn.</summary>
internal sealed class OneOrderPerBook(InstrumentId instrument, OrderToWire? wire = null) : IStrategy
{
    private readonly Quantity _quantity = Quantity.From(0.01m);
    private StrategyContext _context = null!;
    private bool _sell;

    /// <summary>Books on which no order could be placed.</summary>
    public long Refused { get; private set; }

    public string? Configure(string json) => null;

    public void Start(StrategyContext context) => _context = context;

    public void OnBook(in BookView book)
    {
        if (!book.IsTradable) return;
        _sell = !_sell;
        wire?.Begin();
        var result = _context.Place(new OrderRequest
        {
            Instrument = instrument, Side = _sell ? Side.Sell : Side.Buy, Price = _sell ? book.Ask.Price : book.Bid.Price, Quantity = _quantity,
            TimeInForce = TimeInForce.ImmediateOrCancel,
        });
        if (!result.IsPlaced) Refused++;
    }

    public void OnTrade(in MarketEvent trade)
    {
    }

    public void OnOrder(in OrderEvent order)
    {
    }

    public void OnTimer(MonotonicTime now)
    {
    }

    public void OnHealth(in HealthEvent health)
    {
    }

    public void OnStop()
    {
    }
}
