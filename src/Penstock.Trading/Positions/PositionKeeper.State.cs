using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Trading.Positions;

public sealed partial class PositionKeeper
{
    /// <summary>A difference of the instrument's two assets becomes part of their opening: a person has approved it. Positions stay.</summary>
    internal void TakeVenuesBalances(InstrumentId instrument)
    {
        foreach (var index in (ReadOnlySpan<int>)[_baseAccounts[instrument.Value], _quoteAccounts[instrument.Value]])
        {
            _accounts[index].Opening += _accounts[index].Difference;
            _accounts[index].Difference = Notional.Zero;
        }
    }

    internal void Archive(StateArchive state)
    {
        state.Values(_positions.AsSpan());
        state.Values(_totals.AsSpan());
        var accounts = state.List<AssetAccount>(Accounts);
        if (accounts.Length > _accounts.Length)
            throw new InvalidDataException($"{accounts.Length} accounts were saved, there is room for {_accounts.Length}.");
        accounts.CopyTo(_accounts, 0);
        _accountCount = accounts.Length;
        state.Counters(Statistics);
    }
}
