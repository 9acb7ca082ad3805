namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// The rules of our gate that are in force in the bench (<see cref="Penstock.Trading.Risk.RiskGate"/>), in the peer's terms: decimals,
/// dictionaries by symbol,
/// what is in flight told by the other actors. Sums are kept, not searched; windows of prices, which ours has as well, are left out.
/// </summary>
internal sealed class PeerRisk
{
    private const decimal Tick = 0.01m;
    private const decimal Lot = 0.00001m;
    private const decimal QuantityMax = 1_000m;
    private const decimal NotionalMax = 100_000m;
    private const decimal PositionMax = 1_000_000_000m;
    private const decimal GrossMax = 1_000_000_000_000m;
    private const decimal CollarBps = 500m;
    private const int OpenOrdersMax = 10_000_000; // all orders may be asked for at once, before the first fill is back
    private const int MessagesMax = 1_000;
    private const long WindowNs = 1_000_000;

    private readonly HashSet<string> _killed = [];
    private readonly HashSet<string> _tripped = [];
    private readonly Dictionary<string, State> _states = [];
    private readonly Dictionary<string, PeerMessages.Order> _inFlight = [];
    private readonly Queue<long> _messages = new();
    private decimal _gross;

    /// <summary>What is known of one symbol.</summary>
    private sealed class State
    {
        public decimal Mid;
        public decimal Position;
        public decimal OpenBuy;
        public decimal OpenSell;
        public decimal Gross;
        public int OpenOrders;
    }

    public void OnMid(string symbol, decimal mid) => Of(symbol).Mid = mid;

    /// <summary>False when the order must not leave; else it is in flight.</summary>
    public bool Admits(PeerMessages.Order order, long nowNs)
    {
        var state = Of(order.Symbol);
        if (_killed.Contains("all") || _killed.Contains(order.Symbol) || _tripped.Contains(order.Symbol)) return false;
        if (order.Price <= 0 || order.Quantity <= 0 || order.Price % Tick != 0 || order.Quantity % Lot != 0) return false;
        if (state.Mid <= 0 || Math.Abs(order.Price - state.Mid) * 10_000 > state.Mid * CollarBps) return false;
        var notional = order.Price * order.Quantity;
        if (order.Quantity > QuantityMax || notional > NotionalMax) return false;
        var worst = (order.IsBuy ? state.Position + state.OpenBuy : state.OpenSell - state.Position) + order.Quantity;
        if (worst > PositionMax || (worst > 0 && _gross + notional > GrossMax)) return false;
        if (state.OpenOrders >= OpenOrdersMax || _inFlight.ContainsKey(order.Id)) return false;
        while (_messages.TryPeek(out var first) && nowNs - first >= WindowNs) _messages.Dequeue();
        if (_messages.Count >= MessagesMax) return false;
        _messages.Enqueue(nowNs);
        _inFlight.Add(order.Id, order);
        state.OpenOrders++;
        Open(state, order.IsBuy, order.Quantity);
        return true;
    }

    public void OnFill(PeerMessages.Fill fill)
    {
        var state = Of(fill.Order.Symbol);
        state.Position += fill.Order.IsBuy ? fill.Quantity : -fill.Quantity;
        OnEnd(fill.Order.Id);
    }

    public void OnEnd(string id)
    {
        if (!_inFlight.Remove(id, out var order)) return;
        var state = Of(order.Symbol);
        state.OpenOrders--;
        Open(state, order.IsBuy, -order.Quantity);
    }

    private void Open(State state, bool isBuy, decimal change)
    {
        if (isBuy) state.OpenBuy += change;
        else state.OpenSell += change;
        var gross = (Math.Abs(state.Position) + state.OpenBuy + state.OpenSell) * state.Mid;
        _gross += gross - state.Gross;
        state.Gross = gross;
    }

    private State Of(string symbol)
    {
        if (_states.TryGetValue(symbol, out var state)) return state;
        return _states[symbol] = new State();
    }
}
