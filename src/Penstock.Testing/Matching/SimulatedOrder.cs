using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Testing.Matching;

/// <summary>An order of a simulated venue. Changed by its engine only; everybody else reads.</summary>
public sealed class SimulatedOrder
{
    internal SimulatedOrder(long id, SimulatedInstrument instrument, in OrderTicket ticket, long nowNs)
    {
        Id = id;
        Instrument = instrument;
        Ticket = ticket;
        CreatedNs = UpdatedNs = nowNs;
    }

    public long Id { get; }

    public SimulatedInstrument Instrument { get; }

    /// <summary>As placed, or as last amended.</summary>
    public OrderTicket Ticket { get; internal set; }

    /// <summary>Working, PartiallyFilled, Filled, Cancelled, Expired or Rejected.</summary>
    public OrderState State { get; internal set; }

    public Quantity Filled { get; internal set; }

    /// <summary>Sum of price × quantity of its trades, 1e-16.</summary>
    public Int128 FilledQuote { get; internal set; }

    /// <summary>Fees paid so far in <see cref="FeeAsset"/>, 1e-16.</summary>
    public Int128 FeePaid { get; internal set; }

    public string FeeAsset { get; internal set; } = "";

    /// <summary>Unix nanoseconds of the venue's clock.</summary>
    public long CreatedNs { get; }

    public long UpdatedNs { get; internal set; }

    /// <summary>When price or quantity were last changed; zero while they are as placed.</summary>
    public long AmendedNs { get; internal set; }

    public string ClientId => Ticket.ClientId ?? "";

    public Side Side => Ticket.Side;

    public Price Price => Ticket.Price;

    public Quantity Quantity => Ticket.Quantity;

    public Quantity Remaining => Quantity - Filled;

    public bool IsOpen => State is OrderState.Working or OrderState.PartiallyFilled;

    /// <summary>What is still held for it in the account, 1e-16 of the asset it pays with.</summary>
    internal Int128 Held { get; set; }

    internal PriceLevel? Level { get; set; }

    internal SimulatedOrder? Next { get; set; }

    internal SimulatedOrder? Previous { get; set; }
}
