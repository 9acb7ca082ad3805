using Penstock.Model.Numbers;

namespace Penstock.Trading.Positions;

/// <summary>
/// What a position earned, in the asset its instrument is paid in: the one place for everything people are shown (commands, report, back
/// test, comparison). Equal to <see cref="Position.Net"/>, taken apart.
/// </summary>
/// <param name="Realised">Of what was closed, before fees.</param>
/// <param name="Unrealised">Of what is open, at the mid; zero while no price is known.</param>
/// <param name="Fees">Paid; negative is a rebate.</param>
/// <param name="Funding">Received; negative is paid.</param>
public readonly record struct ProfitFigures(Notional Realised, Notional Unrealised, Notional Fees, Notional Funding)
{
    public Notional Net => Realised + Unrealised - Fees + Funding;

    /// <param name="midTwice">Best bid + best ask, raw.</param>
    public static ProfitFigures Of(in Position position, Int128 midTwice, Quantity contractSize) => new(
        position.Realised, position.Quantity.Raw == 0 || midTwice <= 0 ? Notional.Zero : position.Unrealised(midTwice, contractSize),
        position.FeesQuote, position.Funding);

    public static ProfitFigures operator +(ProfitFigures left, ProfitFigures right) =>
        new(left.Realised + right.Realised, left.Unrealised + right.Unrealised, left.Fees + right.Fees, left.Funding + right.Funding);
}
