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
    private readonly Position[] _contracts;
    private readonly AssetAccount[] _contractAccounts;

    // By account: what the open contracts settled in it cost, and whether its venue tells positions. Derived, so in no snapshot.
    private readonly Notional[] _openCosts;
    private readonly bool[] _isToldAtCost;
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
        _contractAccounts = new AssetAccount[count];
        _openCosts = new Notional[_accounts.Length];
        _isToldAtCost = new bool[_accounts.Length];
        _contracts = new Position[count];
        _otherFees = new Notional[_positions.Length];
        foreach (var instrument in instruments.All)
        {
            // A contract moves one account only: that of the asset it is settled in.
            var isSpot = instrument.Kind == InstrumentKind.Spot;
            _baseAccounts[instrument.Id.Value] = AccountOf(instrument.Venue, isSpot ? instrument.Base : instrument.PaidIn, adds: true);
            if (!isSpot) _contractAccounts[instrument.Id.Value] = new AssetAccount { Venue = instrument.Venue, Asset = instrument.PositionAsset() };
            _quoteAccounts[instrument.Id.Value] = AccountOf(instrument.Venue, instrument.PaidIn, adds: true);
        }
    }

    public int Strategies { get; }

    public PositionStatistics Statistics { get; } = new();

    /// <summary>In order of first appearance.</summary>
    public ReadOnlySpan<AssetAccount> Accounts => _accounts.AsSpan(0, _accountCount);

    /// <summary>
    /// By instrument id: a contract as an asset of its own, whose balance is the position, compared with what the venue says of it. Empty for spot.
    /// </summary>
    public ReadOnlySpan<AssetAccount> ContractAccounts => _contractAccounts;

    /// <summary>Every posting so far had two equal sides.</summary>
    public bool IsBalanced
    {
        get
        {
            foreach (ref readonly var account in Accounts)
            {
                if (!account.IsBalanced) return false;
            }

            foreach (ref readonly var account in ContractAccounts)
            {
                if (!account.IsBalanced) return false;
            }

            return true;
        }
    }

    public ref readonly Position Of(int strategy, InstrumentId instrument) => ref _positions[Index(strategy, instrument)];

    /// <summary>Over all strategies.</summary>
    public Quantity Total(InstrumentId instrument) => new(_totals[instrument.Value]);

    /// <summary>Of the base asset; of a contract, of the contract.</summary>
    public ref readonly AssetAccount BaseAccount(InstrumentId instrument) => ref _instruments[instrument].Kind == InstrumentKind.Spot
        ? ref _accounts[_baseAccounts[instrument.Value]] : ref _contractAccounts[instrument.Value];

    public ref readonly AssetAccount QuoteAccount(InstrumentId instrument) => ref _accounts[_quoteAccounts[instrument.Value]];

    /// <summary>
    /// The venue's one position in a contract, all strategies netted, at average cost: what it realises is what moves the settle balance.
    /// </summary>
    public ref readonly Position Contract(InstrumentId instrument) => ref _contracts[instrument.Value];

    /// <summary>
    /// What the venue's balance should be: opening and cash, where the venue tells its contracts less what the open ones cost. What was realised
    /// depends on the order of fills, which a lost one changes; this does not.
    /// </summary>
    /// <param name="account">Its place in <see cref="Accounts"/>.</param>
    public Notional Expected(int account) => 
        _accounts[account].Opening + _accounts[account].Cash - (_isToldAtCost[account] ? _openCosts[account] : Notional.Zero);

    /// <summary>One fill: the position of the strategy, and the ledger postings. Allocates nothing.</summary>
    public void Apply(int strategy, in ExecutionReport fill)
    {
        var feeKind = KindOf(fill);
        var instrument = _instruments[fill.Instrument];
        ref var position = ref _positions[Index(strategy, fill.Instrument)];
        var before = position.Quantity.Raw;
        position.Apply(fill.Side, fill.LastPrice, fill.LastQuantity, instrument.ContractSize, feeKind, fill.FeeRaw);
        _totals[fill.Instrument.Value] += position.Quantity.Raw - before;
        Statistics.Fills++;
        if (instrument.Kind == InstrumentKind.Spot) PostSpot(fill);
        else PostContract(fill, instrument.ContractSize, feeKind);
        PostFee(fill, feeKind);
    }

    /// <summary>
    /// A funding payment: the settle balance moves, and each strategy gets the share of its position in the venue's; what rounding leaves,
    /// and all of it where the position is gone, is strategy 0's. False when it is no instrument of ours.
    /// </summary>
    public bool Apply(in FundingReport funding)
    {
        if (!_instruments.Contains(funding.Instrument))
        {
            Statistics.FundingIgnored++;
            return false;
        }

        Statistics.Fundings++;
        var amount = Notional.OfAmount(funding.AmountRaw);
        ref var account = ref _accounts[_quoteAccounts[funding.Instrument.Value]];
        account.Cash += amount;
        account.Funding -= amount;
        account.Postings++;
        var total = _totals[funding.Instrument.Value];
        var left = amount;
        for (var strategy = 1; total != 0 && strategy <= Strategies; strategy++)
        {
            ref var position = ref _positions[Index(strategy, funding.Instrument)];
            if (position.Quantity.Raw == 0) continue;
            var share = new Notional((Int128)funding.AmountRaw * position.Quantity.Raw / total * FixedPoint.Scale);
            position.Funding += share;
            left -= share;
        }

        _positions[Index(0, funding.Instrument)].Funding += left;
        return true;
    }

    /// <summary>
    /// Compares with what the venue says: of the asset that contracts are settled in, the wallet less what the open ones cost. The first balance is
    /// the opening one; later ones should equal opening plus cash.
    /// A difference is shown, never booked away: it may be a fill on its way, or the truth we missed.
    /// </summary>
    public void Reconcile(in BalanceReport balance, long nowNs = 0)
    {
        Statistics.Balances++;
        var contract = ContractOf(balance.Venue, balance.Asset);
        if (contract > 0)
        {
            _isToldAtCost[_quoteAccounts[contract]] = true;
            Compare(ref _contractAccounts[contract], balance, Notional.Zero, nowNs);
            return;
        }

        var index = AccountOf(balance.Venue, balance.Asset, adds: false);
        if (index < 0) Statistics.BalancesIgnored++;
        else Compare(ref _accounts[index], balance, _isToldAtCost[index] ? _openCosts[index] : Notional.Zero, nowNs);
    }

    private void Compare(ref AssetAccount account, in BalanceReport balance, Notional openCost, long nowNs)
    {
        account.Free = Notional.OfAmount(balance.FreeRaw);
        account.Locked = Notional.OfAmount(balance.LockedRaw);
        var total = account.Free + account.Locked;
        if (!account.IsReported)
        {
            account.IsReported = true;
            account.Opening = total - account.Cash + openCost;
        }

        var had = account.Difference.Raw != 0;
        account.Difference = total - account.Opening - account.Cash + openCost;
        if (account.Difference.Raw == 0) return;
        if (!had) account.DifferenceSinceNs = nowNs;
        Statistics.BalanceDifferences++;
    }

    /// <summary>The contract of that name; zero where it is none.</summary>
    private int ContractOf(VenueId venue, in Text16 asset)
    {
        for (var id = 1; id < _contractAccounts.Length; id++)
        {
            if (_contractAccounts[id].Venue == venue && _contractAccounts[id].Asset.Equals(asset)) return id;
        }

        return 0;
    }

    private void PostSpot(in ExecutionReport fill)
    {
        var value = Notional.Of(fill.LastPrice, fill.LastQuantity);
        var amount = Notional.OfAmount(fill.LastQuantity.Raw);
        var isBuy = fill.Side == Side.Buy;
        Post(ref _accounts[_baseAccounts[fill.Instrument.Value]], isBuy ? amount : -amount);
        Post(ref _accounts[_quoteAccounts[fill.Instrument.Value]], isBuy ? -value : value);
    }

    private void PostContract(in ExecutionReport fill, Quantity contractSize, FeeKind feeKind)
    {
        ref var contract = ref _contracts[fill.Instrument.Value];
        var (before, cost) = (contract.Realised, contract.Cost);
        contract.Apply(fill.Side, fill.LastPrice, fill.LastQuantity, contractSize, feeKind == FeeKind.Base ? FeeKind.None : feeKind, fill.FeeRaw);
        var quantity = Notional.OfAmount(fill.LastQuantity.Raw);
        Post(ref _contractAccounts[fill.Instrument.Value], fill.Side == Side.Buy ? quantity : -quantity);
        _openCosts[_quoteAccounts[fill.Instrument.Value]] += contract.Cost - cost;
        var realised = contract.Realised - before;
        if (realised.Raw != 0) Post(ref _accounts[_quoteAccounts[fill.Instrument.Value]], realised);
    }

    private FeeKind KindOf(in ExecutionReport fill)
    {
        if (fill.FeeRaw == 0) return FeeKind.None;
        var instrument = _instruments[fill.Instrument];
        return fill.FeeAsset.Equals(instrument.PaidIn) ? FeeKind.Quote
            : instrument.Kind == InstrumentKind.Spot && fill.FeeAsset.Equals(instrument.Base) ? FeeKind.Base
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
        _accounts[index].Postings++;
    }

    private static void Post(ref AssetAccount account, Notional amount)
    {
        account.Cash += amount;
        account.Market -= amount;
        account.Postings++;
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
