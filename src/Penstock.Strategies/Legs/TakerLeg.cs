using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Strategies.Legs;

/// <summary>
/// One instrument of a strategy that takes on several: at most one immediate-or-cancel order at a time, and the truth about
/// what came of it, which is the position, not the order. So a leg that was refused, cut short, filled late or is UNKNOWN needs no
/// case of its own: while the order is open one waits, then looks at the position again.
/// </summary>
public sealed class TakerLeg
{
    private readonly StrategyContext _context;
    private ClientOrderId _id;

    public TakerLeg(StrategyContext context, InstrumentId instrument)
    {
        _context = context;
        Instrument = context.Instrument(instrument);
    }

    public Instrument Instrument { get; }

    /// <summary>What the strategy holds, positive is long.</summary>
    public Quantity Held => _context.Position(Instrument.Id).Quantity;

    public BookView Book => _context.Book(Instrument.Id);

    /// <summary>An order is out whose end is not known; its fills may still come.</summary>
    public bool IsOpen => _context.Find(_id) is { IsLive: true };

    /// <summary>Orders sent in a row that brought the position no nearer; the owner resets it.</summary>
    public int Failures { get; set; }

    /// <summary>The order that is out, and the failures.</summary>
    public void Archive(StateArchive state)
    {
        _id = state.Value(_id);
        Failures = state.Value(Failures);
    }

    /// <summary>The smallest order the venue takes near this price: less than this cannot be traded away.</summary>
    public Quantity Least(Price price)
    {
        var least = Math.Max(Instrument.QuantityMin.Raw, Instrument.Lot.Raw);
        if (price.IsPositive && Instrument.NotionalMin.Raw > 0) least = Math.Max(least, (long)((Instrument.NotionalMin.Raw + price.Raw - 1) / price.Raw));
        return new Quantity(least);
    }

    /// <summary>Takes at most <paramref name="quantity"/> at the best price or up to <paramref name="reach"/> worse. False when nothing was sent.</summary>
    public bool Take(Side side, Quantity quantity, Bps reach)
    {
        var book = Book;
        if (IsOpen || !book.IsTradable) return false;
        var price = side == Side.Buy ? (book.Ask.Price + reach).CeilingTo(Instrument.Tick) : (book.Bid.Price - reach).FloorTo(Instrument.Tick);
        var lots = quantity.FloorTo(Instrument.Lot);
        if (lots < Least(price)) return false;
        var result = _context.Place(new OrderRequest
        {
            Instrument = Instrument.Id, Side = side, Price = price, Quantity = lots, TimeInForce = TimeInForce.ImmediateOrCancel,
        });
        if (result.IsPlaced) _id = result.ClientOrderId;
        return result.IsPlaced;
    }
}
