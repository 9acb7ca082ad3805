using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Recovery;

namespace Penstock.Trading.Positions;

/// <summary>
/// Fees in a third asset (BNB). The ledger has them exactly, in that asset; a profit needs them in the position's currency, and for that they
/// are worth what the asset stood at when they were paid.
/// </summary>
public sealed partial class PositionKeeper
{
    // By strategy and instrument, as the positions, in what the instrument is paid in.
    private readonly Notional[] _otherFees;

    /// <summary>Fees paid in third assets, at the mids of then; negative is a rebate.</summary>
    public Notional OtherFees(int strategy, InstrumentId instrument) => _otherFees[Index(strategy, instrument)];

    /// <summary>Everything the position earned, all fees taken off, the open quantity at the mid.</summary>
    public Notional NetOf(int strategy, InstrumentId instrument, Int128 midTwice) =>
        Of(strategy, instrument).Net(midTwice, _instruments[instrument].ContractSize) - OtherFees(strategy, instrument);

    /// <summary>As <see cref="NetOf"/>, taken apart.</summary>
    public ProfitFigures ProfitOf(int strategy, InstrumentId instrument, Int128 midTwice) =>
        ProfitFigures.Of(Of(strategy, instrument), midTwice, _instruments[instrument].ContractSize, OtherFees(strategy, instrument));

    internal bool IsOtherFee(in ExecutionReport fill) => fill.FeeRaw != 0 && KindOf(fill) == FeeKind.Other;

    /// <summary>One such fee.</summary>
    /// <param name="strategy">Whose.</param>
    /// <param name="fill">With the fee.</param>
    /// <param name="midTwice">Of the fee's asset in what the instrument is paid in; not positive where nobody knows: then it is only counted.</param>
    internal void AddOtherFee(int strategy, in ExecutionReport fill, Int128 midTwice)
    {
        if (midTwice <= 0)
        {
            Statistics.FeesUncounted++;
            return;
        }

        _otherFees[Index(strategy, fill.Instrument)] += new Notional(fill.FeeRaw * midTwice / 2);
    }

    internal void AddOtherFees(ref StateHasher hash)
    {
        for (var i = 0; i < _otherFees.Length; i++)
        {
            if (_otherFees[i].Raw == 0) continue;
            hash.Add(i);
            hash.Add(_otherFees[i].Raw);
        }
    }
}
