using Penstock.Infrastructure.Snapshots;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Trading.Recovery;

namespace Penstock.Trading.Positions;

public sealed partial class PositionKeeper
{
    /// <summary>A difference of the instrument's two assets becomes part of their opening: a person has approved it. Positions stay.</summary>
    internal void TakeVenuesBalances(InstrumentId instrument)
    {
        Take(ref _accounts[_baseAccounts[instrument.Value]]);
        Take(ref _accounts[_quoteAccounts[instrument.Value]]);
        Take(ref _contractAccounts[instrument.Value]);
    }

    private static void Take(ref AssetAccount account)
    {
        account.Opening += account.Difference;
        account.Difference = Notional.Zero;
    }

    /// <summary>What venues said of contracts; a state in which none did has the hash it had before there were such accounts.</summary>
    internal void AddContracts(ref StateHasher hash)
    {
        foreach (ref readonly var account in ContractAccounts)
        {
            if (!account.IsReported) continue;
            hash.Add(account.Opening.Raw);
            hash.Add(account.Cash.Raw);
        }
    }

    internal void Archive(StateArchive state)
    {
        state.Values(_positions.AsSpan());
        state.Values(_totals.AsSpan());
        state.Values(_contracts.AsSpan());
        var accounts = state.List<AssetAccount>(Accounts);
        if (accounts.Length > _accounts.Length)
            throw new InvalidDataException($"{accounts.Length} accounts were saved, there is room for {_accounts.Length}.");
        accounts.CopyTo(_accounts, 0);
        _accountCount = accounts.Length;
        state.Counters(Statistics);
        if (state.Version >= 2) state.Values(_contractAccounts.AsSpan());
        if (state.Version >= 3) state.Values(_otherFees.AsSpan());
        if (!state.IsLoading) return;
        Array.Clear(_openCosts);
        Array.Clear(_isToldAtCost);
        for (var id = 1; id < _contracts.Length; id++)
        {
            _openCosts[_quoteAccounts[id]] += _contracts[id].Cost;
            _isToldAtCost[_quoteAccounts[id]] |= _contractAccounts[id].IsReported;
        }
    }
}

public sealed partial class ProfitTracker
{
    internal void Archive(StateArchive state)
    {
        state.Values(_values.AsSpan());
        state.Values(_ofStrategy.AsSpan());
        state.Values(_atDayStart.AsSpan());
        state.Values(_isTraded.AsSpan());
        (_total, _totalAtDayStart) = (state.Value(_total), state.Value(_totalAtDayStart));
        Day = state.Value(Day);
    }
}
