using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Orders;

namespace Penstock.Strategies;

/// <summary>What happened to an order of the strategy. Valid during the call only.</summary>
public readonly ref struct OrderEvent
{
    internal OrderEvent(Order order, in ExecutionReport report, ReportOutcome outcome)
    {
        Order = order;
        Kind = report.Kind;
        Outcome = outcome;
        LastPrice = report.LastPrice;
        LastQuantity = report.LastQuantity;
        Reason = report.Reason;
    }

    public Order Order { get; }

    public ExecutionKind Kind { get; }

    public ReportOutcome Outcome { get; }

    public bool IsFill => Outcome is ReportOutcome.Fill or ReportOutcome.LateFill;

    public Price LastPrice { get; }

    public Quantity LastQuantity { get; }

    public RejectReason Reason { get; }
}

/// <summary>A change in what can be trusted of a market.</summary>
/// <param name="Instrument">None for all of the venue.</param>
/// <param name="Venue">Whose feed.</param>
/// <param name="IsStale">Silent, or known to be old.</param>
/// <param name="IsGap">Something is missing; the book waits for a snapshot.</param>
public readonly record struct HealthEvent(
    Penstock.Model.Instruments.InstrumentId Instrument, Penstock.Model.Instruments.VenueId Venue, bool IsStale, bool IsGap);
