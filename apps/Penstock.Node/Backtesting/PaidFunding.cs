using Penstock.Model.Orders;

namespace Penstock.Node.Backtesting;

/// <summary>A funding payment as the recorded account got it.</summary>
/// <param name="Report">As the venue told it.</param>
/// <param name="PositionRaw">What the recorded account held then, raw 1e-8.</param>
internal readonly record struct PaidFunding(FundingReport Report, long PositionRaw)
{
    /// <summary>
    /// What an account with another position would have got: a payment is a rate times the position. Null where the recorded account held
    /// nothing any more when it was told: then nobody knows the rate.
    /// </summary>
    public FundingReport? For(long positionRaw)
    {
        if (PositionRaw == 0) return null;
        var amount = (Int128)Report.AmountRaw * positionRaw / PositionRaw;
        return Report with { AmountRaw = (long)Int128.Clamp(amount, long.MinValue, long.MaxValue) };
    }
}
