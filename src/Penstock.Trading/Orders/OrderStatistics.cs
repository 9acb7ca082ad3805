namespace Penstock.Trading.Orders;

/// <summary>What happened to orders. Written by the engine's thread.</summary>
public sealed class OrderStatistics
{
    /// <summary>Orders created (approved and journaled).</summary>
    public long Placed;
    /// <summary>Orders handed to execution.</summary>
    public long Sent;
    /// <summary>Orders the venue has confirmed in any way, each once.</summary>
    public long Acked;
    /// <summary>Fills applied to an order of ours.</summary>
    public long Fills;
    /// <summary>Orders completely filled.</summary>
    public long Filled;
    /// <summary>Orders that ended cancelled or expired.</summary>
    public long Cancelled;
    /// <summary>Orders that ended rejected, by the venue or because they never left.</summary>
    public long Rejected;
    /// <summary>Cancel requests handed to execution.</summary>
    public long CancelsSent;
    /// <summary>Cancels the venue refused, or that never left.</summary>
    public long CancelRejects;
    /// <summary>Orders whose outcome is unknown now.</summary>
    public long Unknown;
    /// <summary>Times an order became unknown.</summary>
    public long UnknownTotal;
    /// <summary>Unknown orders resolved by what the venue said.</summary>
    public long Resolved;
    /// <summary>Queries asked.</summary>
    public long Queries;
    /// <summary>Fills seen before and ignored.</summary>
    public long DuplicateFills;
    /// <summary>Fills that arrived after the order had ended without them; accounted.</summary>
    public long LateFills;
    /// <summary>Fills beyond the order's quantity; accounted.</summary>
    public long Overfills;
    /// <summary>Reports no legal transition leads to; ignored.</summary>
    public long IllegalReports;
    /// <summary>Of these, reports with figures no sum can hold: their instruments wait for a person.</summary>
    public long ReportsBeyondBounds;
    /// <summary>Reports that say less than is known already; ignored.</summary>
    public long OutdatedReports;
    /// <summary>Reports without a client order id of ours: orders entered by other means.</summary>
    public long ExternalReports;
    /// <summary>Fills with an id of our form whose order is not known; accounted to strategy 0.</summary>
    public long OrphanFills;
    /// <summary>Orders found at the venue with an id of our form that we did not know; taken over and cancelled.</summary>
    public long Adopted;
    /// <summary>Times a venue showed an order live that had ended here; cancelled once more.</summary>
    public long Reappeared;
    /// <summary>Orders for which the venue has counted more than the fills we have seen, now.</summary>
    public long FillsMissing;
    /// <summary>Changes of orders handed to execution.</summary>
    public long AmendsSent;
    /// <summary>Changes the venue confirmed.</summary>
    public long Amended;
    /// <summary>Changes the venue refused, or that never left.</summary>
    public long AmendRejects;
    /// <summary>Changes whose outcome never became known: both quantities count on.</summary>
    public long AmendsUncertain;
    /// <summary>Stop orders taken to be held by the engine.</summary>
    public long Held;
    /// <summary>Held orders whose price was reached and that were sent.</summary>
    public long HeldReleased;
    /// <summary>Orders cancelled because their date had come.</summary>
    public long ExpiredByEngine;
    /// <summary>Reduce-only orders made smaller, or cancelled, because the position is smaller.</summary>
    public long ReduceOnlyCuts;
    /// <summary>Orders placed in place of one whose venue cannot amend.</summary>
    public long Replacements;
}
