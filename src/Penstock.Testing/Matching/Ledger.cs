namespace Penstock.Testing.Matching;

/// <summary>
/// Who owns what, by double entry: every booking takes from one account and gives to another, deposits come from the
/// account <see cref="Outside"/>, so the sum over all accounts of every asset is zero at any time, to the last unit.
/// Amounts are 1e-16 units (price × quantity is exact there). One thread.
/// </summary>
public sealed class Ledger
{
    /// <summary>Where deposits come from; may be negative.</summary>
    public const int Outside = 0;

    /// <summary>Where fees go.</summary>
    public const int Fees = 1;

    private readonly List<Holder> _accounts = [];
    private readonly List<string> _assets = [];

    public Ledger()
    {
        OpenAccount("outside", isUnlimited: true);
        OpenAccount("fees", isUnlimited: true);
    }

    public IReadOnlyList<string> Assets => _assets;

    public int AccountCount => _accounts.Count;

    /// <param name="name">For people.</param>
    /// <param name="isUnlimited">True for the seeded flow: never refused for lack of funds, may be negative.</param>
    /// <returns>The account's number.</returns>
    public int OpenAccount(string name, bool isUnlimited)
    {
        _accounts.Add(new Holder(name, isUnlimited));
        return _accounts.Count - 1;
    }

    public string NameOf(int account) => _accounts[account].Name;

    public bool IsUnlimited(int account) => _accounts[account].IsUnlimited;

    public Int128 Free(int account, string asset) => _accounts[account].Balance(AssetIndex(asset)).Free;

    public Int128 Locked(int account, string asset) => _accounts[account].Balance(AssetIndex(asset)).Locked;

    /// <summary>Sum over all accounts: zero unless the engine is wrong.</summary>
    public Int128 Total(string asset)
    {
        Int128 total = 0;
        var index = AssetIndex(asset);
        foreach (var account in _accounts)
        {
            ref var balance = ref account.Balance(index);
            total += balance.Free + balance.Locked;
        }

        return total;
    }

    public void Deposit(int account, string asset, Int128 amount) => Transfer(Outside, account, asset, amount);

    /// <summary>Moves free funds.</summary>
    public void Transfer(int from, int to, string asset, Int128 amount)
    {
        var index = AssetIndex(asset);
        _accounts[from].Balance(index).Free -= amount;
        _accounts[to].Balance(index).Free += amount;
    }

    /// <summary>Sets funds aside for an order; false when there are not enough.</summary>
    public bool TryLock(int account, string asset, Int128 amount)
    {
        ref var balance = ref _accounts[account].Balance(AssetIndex(asset));
        if (balance.Free < amount && !_accounts[account].IsUnlimited) return false;
        balance.Free -= amount;
        balance.Locked += amount;
        return true;
    }

    public void Unlock(int account, string asset, Int128 amount)
    {
        ref var balance = ref _accounts[account].Balance(AssetIndex(asset));
        balance.Free += amount;
        balance.Locked -= amount;
    }

    private int AssetIndex(string asset)
    {
        var index = _assets.IndexOf(asset);
        if (index >= 0) return index;
        _assets.Add(asset);
        return _assets.Count - 1;
    }

    private struct Holding
    {
        public Int128 Free;
        public Int128 Locked;
    }

    private sealed class Holder(string name, bool isUnlimited)
    {
        private Holding[] _byAsset = new Holding[4];

        public string Name { get; } = name;

        public bool IsUnlimited { get; } = isUnlimited;

        public ref Holding Balance(int asset)
        {
            if (asset >= _byAsset.Length) Array.Resize(ref _byAsset, Math.Max(asset + 1, _byAsset.Length * 2));
            return ref _byAsset[asset];
        }
    }
}
