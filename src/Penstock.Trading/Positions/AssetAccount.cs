using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Positions;

/// <summary>
/// One asset on one venue in the double-entry ledger: what the account gained, what the market gave for it and what went
/// into fees. Every posting touches two of them, so their sum is always zero.
/// </summary>
public struct AssetAccount
{
    public VenueId Venue;

    public Text16 Asset;

    /// <summary>Change of our balance since the session's opening, by fills and fees.</summary>
    public Notional Cash;

    /// <summary>The other side of every trade.</summary>
    public Notional Market;

    /// <summary>Fees paid.</summary>
    public Notional Fees;

    /// <summary>The venue's balance when it was first told, less the cash change until then.</summary>
    public Notional Opening;

    public bool IsReported;

    /// <summary>Last balance the venue told, free and locked.</summary>
    public Notional Free;

    public Notional Locked;

    /// <summary>Venue's balance − ours: not zero while a fill or a balance is on its way; for long, something is wrong.</summary>
    public Notional Difference;

    public readonly bool IsBalanced => Cash.Raw + Market.Raw + Fees.Raw == 0;
}
