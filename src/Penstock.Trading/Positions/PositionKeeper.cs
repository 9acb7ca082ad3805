using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;

namespace Penstock.Trading.Positions;

/// <summary>
/// Positions per strategy and instrument, and a double-entry ledger per venue and asset (R83, R100, P9). Strategy 0 is the
/// account of nobody: fills of orders we have no record of. Allocated at start; the engine's thread only.
/// </summary>
public sealed partial class PositionKeeper
{
    /// <summary>Fee assets that are no instrument's base or quote, beyond which fees are only counted.</summary>
    private const int OtherAssetsMax = 64;

    private readonly InstrumentTable _instruments;
    private readonly Position[] _positions;
    private readonly long[] _totals;
    private readonly int[] _baseAccounts;
    private readonly int[] _quoteAccounts;
    private readonly AssetAccount[] _accounts;
    private int _accountCount;

    public PositionKeeper(InstrumentTable instruments, int strategies)
    {
        _instruments = instruments;
        Strategies = strategies;
        var count = instruments.Count + 1;
        _positions = new Position[(strategies + 1) * count];
        _totals = new long[count];
        _baseAccounts = new int[count];
        _quoteAccounts = new int[count];
        _accounts = new AssetAccount[instruments.Count * 2 + OtherAssetsMax];
        foreach (var instrument in instruments.All)
        {
            _baseAccounts[instrument.Id.Value] = AccountOf(instrument.Venue, instrument.Base, adds: true);
            _quoteAccounts[instrument.Id.Value] = AccountOf(instrument.Venue, instrument.Quote, adds: true);
        }
    }

    public int Strategies { get; }

    public PositionStatistics Statistics { get; } = new();

    /// <summary>In order of first appearance.</summary>
    public ReadOnlySpan<AssetAccount> Accounts => _accounts.AsSpan(0, _accountCount);

    /// <summary>Every posting so far had two equal sides.</summary>
    public bool IsBalanced
    {
        get
        {
            foreach (ref readonly var account in Accounts)
            {
                if (!account.IsBalanced) return false;
            }

            return true;
        }
    }

    public ref readonly Position Of(int strategy, InstrumentId instrument) => ref _positions[Index(strategy, instrument)];

    /// <summary>Over all strategies.</summary>
    public Quantity Total(InstrumentId instrument) => new(_totals[instrument.Value]);

    public ref readonly AssetAccount BaseAccount(InstrumentId instrument) => ref _accounts[_baseAccounts[instrument.Value]];

    public ref readonly AssetAccount QuoteAccount(InstrumentId instrument) => ref _accounts[_quoteAccounts[instrument.Value]];

    /// <summary>One fill: the position of the strategy, and four or six ledger postings. Allocates nothing.</summary>
    public void Apply(int strategy, in ExecutionReport fill)
    {
        var feeKind = KindOf(fill);
        ref var position = ref _positions[Index(strategy, fill.Instrument)];
        var before = position.Quantity.Raw;
        position.Apply(fill.Side, fill.LastPrice, fill.LastQuantity, feeKind, fill.FeeRaw);
        _totals[fill.Instrument.Value] += position.Quantity.Raw - before;
        Statistics.Fills++;

        var value = Notional.Of(fill.LastPrice, fill.LastQuantity);
        var amount = Notional.OfAmount(fill.LastQuantity.Raw);
        var isBuy = fill.Side == Side.Buy;
        Post(_baseAccounts[fill.Instrument.Value], isBuy ? amount : -amount);
        Post(_quoteAccounts[fill.Instrument.Value], isBuy ? -value : value);
        PostFee(fill, feeKind);
    }

    /// <summary>
    /// Compares with what the venue says. The first balance is the opening one; later ones should equal opening plus cash.
    /// A difference is shown, never booked away: it may be a fill on its way, or the truth we missed.
    /// </summary>
    public void Reconcile(in BalanceReport balance)
    {
        Statistics.Balances++;
        var index = AccountOf(balance.Venue, balance.Asset, adds: false);
        if (index < 0)
        {
            Statistics.BalancesIgnored++;
            return;
        }

        ref var account = ref _accounts[index];
        account.Free = Notional.OfAmount(balance.FreeRaw);
        account.Locked = Notional.OfAmount(balance.LockedRaw);
        var total = account.Free + account.Locked;
        if (!account.IsReported)
        {
            account.IsReported = true;
            account.Opening = total - account.Cash;
        }

        account.Difference = total - account.Opening - account.Cash;
        if (account.Difference.Raw != 0) Statistics.BalanceDifferences++;
    }

    private FeeKind KindOf(in ExecutionReport fill)
    {
        if (fill.FeeRaw == 0) return FeeKind.None;
        var instrument = _instruments[fill.Instrument];
        return fill.FeeAsset.Equals(instrument.Quote) ? FeeKind.Quote
            : fill.FeeAsset.Equals(instrument.Base) ? FeeKind.Base
            : FeeKind.Other;
    }

    private void PostFee(in ExecutionReport fill, FeeKind kind)
    {
        if (kind == FeeKind.None) return;
        var index = kind switch
        {
            FeeKind.Quote => _quoteAccounts[fill.Instrument.Value],
            FeeKind.Base => _baseAccounts[fill.Instrument.Value],
            _ => AccountOf(fill.Venue, fill.FeeAsset, adds: true),
        };
        if (kind == FeeKind.Other) Statistics.FeesInOtherAsset++;
        if (index < 0)
        {
            Statistics.FeesWithoutAccount++;
            return;
        }

        var fee = Notional.OfAmount(fill.FeeRaw);
        _accounts[index].Cash -= fee;
        _accounts[index].Fees += fee;
    }

    private void Post(int account, Notional amount)
    {
        _accounts[account].Cash += amount;
        _accounts[account].Market -= amount;
    }

    private int AccountOf(VenueId venue, in Text16 asset, bool adds)
    {
        for (var i = 0; i < _accountCount; i++)
        {
            if (_accounts[i].Venue == venue && _accounts[i].Asset.Equals(asset)) return i;
        }

        if (!adds || _accountCount == _accounts.Length) return -1;
        _accounts[_accountCount] = new AssetAccount { Venue = venue, Asset = asset };
        return _accountCount++;
    }

    private int Index(int strategy, InstrumentId instrument) => strategy * (_instruments.Count + 1) + instrument.Value;
}
