namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// Positions at average cost, profit and loss against the day's limit, and a double-entry ledger by venue and asset
/// (<see cref="Penstock.Trading.Positions.PositionKeeper"/>), in the peer's terms.
/// </summary>
internal sealed class PeerLedger
{
    private const decimal DailyLossMax = 1_000_000_000m;
    private const string Strategy = "s1";
    private const string Venue = "v1";

    private readonly Dictionary<(string Strategy, string Symbol), Position> _positions = [];
    private readonly Dictionary<(string Venue, string Asset), Account> _accounts = [];
    private readonly HashSet<long> _fills = [];
    private readonly Queue<long> _oldest = new();
    private decimal _profit;

    private sealed class Position
    {
        public decimal Quantity;
        public decimal Cost;
        public decimal Realised;
        public decimal Fees;
        public decimal Value;
    }

    private sealed class Account
    {
        public decimal Cash;
        public decimal Market;
        public decimal Fees;
    }

    public void Apply(PeerMessages.Fill fill)
    {
        if (!_fills.Add(fill.Trade)) return;
        _oldest.Enqueue(fill.Trade);
        if (_oldest.Count > 65_536) _fills.Remove(_oldest.Dequeue());
        var signed = fill.Order.IsBuy ? fill.Quantity : -fill.Quantity;
        Revalue(Take(fill, signed), fill.Price);
        var cut = fill.Order.Symbol.IndexOf('-', StringComparison.Ordinal);
        Post(fill.Order.Symbol[..cut], signed);
        var quote = Post(fill.Order.Symbol[(cut + 1)..], -signed * fill.Price);
        quote.Cash -= fill.Fee;
        quote.Fees += fill.Fee;
        if (-_profit > DailyLossMax) throw new InvalidOperationException("The day's loss is beyond its limit.");
    }

    private Position Take(PeerMessages.Fill fill, decimal signed)
    {
        var key = (Strategy, fill.Order.Symbol);
        if (!_positions.TryGetValue(key, out var position)) _positions[key] = position = new Position();
        var held = position.Quantity;
        var closed = held == 0 || held > 0 == signed > 0 ? 0 : Math.Min(Math.Abs(signed), Math.Abs(held));
        if (closed > 0)
        {
            var released = position.Cost * closed / Math.Abs(held);
            position.Cost -= released;
            position.Realised += (held > 0 ? closed : -closed) * fill.Price - released;
        }

        position.Cost += (signed > 0 ? signed - closed : signed + closed) * fill.Price;
        position.Quantity += signed;
        position.Fees += fill.Fee;
        return position;
    }

    private void Revalue(Position position, decimal price)
    {
        var value = position.Realised - position.Fees + position.Quantity * price - position.Cost;
        _profit += value - position.Value;
        position.Value = value;
    }

    private Account Post(string asset, decimal amount)
    {
        var key = (Venue, asset);
        if (!_accounts.TryGetValue(key, out var account)) _accounts[key] = account = new Account();
        account.Cash += amount;
        account.Market -= amount;
        return account;
    }
}
