using Penstock.Connectivity;
using Penstock.Connectivity.Orders;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;

namespace Penstock.Venues.BinanceUsdm;

/// <summary>
/// The account in the ledger's terms: a contract is an asset whose balance is the position (negative when short), and the settle asset's balance is
/// the wallet less what the open positions cost: that is the same in whatever order the fills become known, which the wallet is not.
/// Tells nothing before it was told everything once.
/// </summary>
internal sealed class BinanceUsdmAccount(OrderContext context)
{
    private readonly List<Wallet> _wallets = [];
    private Position[] _positions = [];
    private bool _isComplete;

    private struct Position
    {
        public Text16 Asset;
        public long Quantity;

        /// <summary>What the open quantity cost; negative for a short. 1e-16.</summary>
        public Int128 Cost;

        public bool IsTold;
    }

    private sealed class Wallet(Text16 asset)
    {
        public readonly Text16 Asset = asset;
        public long Raw;
        public bool IsTold;
    }

    /// <summary>A new connection: what was missed since the last one is in the next whole account.</summary>
    public void Reset() => _isComplete = false;

    /// <summary>The whole account follows: what it does not name is zero.</summary>
    public void BeginWhole()
    {
        _isComplete = true;
        if (_positions.Length <= context.Instruments.Count) Array.Resize(ref _positions, context.Instruments.Count + 1);
        for (var id = 1; id < _positions.Length; id++)
            _positions[id] = new Position { Asset = context.Instruments[new InstrumentId(id)].PositionAsset(), IsTold = true };
        foreach (var wallet in _wallets) (wallet.Raw, wallet.IsTold) = (0, true);
    }

    /// <param name="asset">What contracts are settled in.</param>
    /// <param name="raw">1e-8 of it, without unrealised profit.</param>
    public void SetWallet(Text16 asset, long raw)
    {
        foreach (var wallet in _wallets)
        {
            if (!wallet.Asset.Equals(asset)) continue;
            (wallet.Raw, wallet.IsTold) = (raw, true);
            return;
        }

        _wallets.Add(new Wallet(asset) { Raw = raw, IsTold = true });
    }

    public void SetPosition(InstrumentId instrument, long quantityRaw, Int128 cost)
    {
        if (instrument.Value >= _positions.Length) return;
        ref var position = ref _positions[instrument.Value];
        (position.Quantity, position.Cost, position.IsTold) = (quantityRaw, cost, true);
    }

    /// <summary>Adds what was set since the last time.</summary>
    public void Tell(ExecutionBatch batch)
    {
        if (!_isComplete) return;
        for (var id = 1; id < _positions.Length; id++)
        {
            var instrument = context.Instruments[new InstrumentId(id)];
            if (!_positions[id].IsTold || instrument.Venue != context.Venue) continue;
            // The settle asset changes with the position even where the wallet does not.
            foreach (var wallet in _wallets)
            {
                if (wallet.Asset.Equals(instrument.PaidIn)) wallet.IsTold = true;
            }

            batch.AddBalance(context.Venue, _positions[id].Asset, _positions[id].Quantity, 0);
            _positions[id].IsTold = false;
        }

        foreach (var wallet in _wallets)
        {
            if (wallet.IsTold) batch.AddBalance(context.Venue, wallet.Asset, wallet.Raw - CostIn(wallet.Asset), 0);
            wallet.IsTold = false;
        }
    }

    private long CostIn(Text16 asset)
    {
        Int128 sum = 0;
        for (var id = 1; id < _positions.Length; id++)
        {
            var instrument = context.Instruments[new InstrumentId(id)];
            if (instrument.Venue == context.Venue && instrument.PaidIn.Equals(asset)) sum += _positions[id].Cost;
        }

        return (long)(sum / FixedPoint.Scale);
    }
}
