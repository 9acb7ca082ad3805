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

    /// <summary>The other side of funding: negative is received.</summary>
    public Notional Funding;

    /// <summary>Movements of <see cref="Cash"/>. Venues round each to 1e-8: as many units may the balances be apart.</summary>
    public long Postings;

    /// <summary>The venue's balance when it was first told, less the cash change until then.</summary>
    public Notional Opening;

    public bool IsReported;

    /// <summary>Last balance the venue told, free and locked.</summary>
    public Notional Free;

    public Notional Locked;

    /// <summary>Venue's balance − ours: not zero while a fill or a balance is on its way; for long, something is wrong.</summary>
    public Notional Difference;

    /// <summary>Engine time since which there is a difference, of the session in which it appeared.</summary>
    public long DifferenceSinceNs;

    /// <summary>What rounding alone may explain.</summary>
    public readonly Notional Tolerance => Notional.OfAmount(Postings);

    public readonly bool IsWithinTolerance => Difference.Abs() <= Tolerance;

    public readonly bool IsBalanced => Cash.Raw + Market.Raw + Fees.Raw + Funding.Raw == 0;
}
