using System.Globalization;
using System.Threading.Channels;

namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// A trading core as C# platforms build it: actors that own dictionaries and talk through channels, orders as objects with string ids and
/// decimals, an event log of text lines. Order → risk → orders → (fill) → positions, each on the pool's threads.
/// </summary>
internal sealed class ChannelActors : IDisposable
{
    private readonly Channel<Order> _risk = Channel.CreateUnbounded<Order>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<object> _orders = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<Fill> _positions = Channel.CreateUnbounded<Fill>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, decimal> _exposure = [];
    private readonly Dictionary<string, Order> _live = [];
    private readonly Dictionary<(string, string), (decimal Quantity, decimal Cost, decimal Realised)> _held = [];
    private readonly StreamWriter _log;

    public ChannelActors(string path) => _log = new StreamWriter(path);

    private sealed record Order(string Id, string Symbol, bool IsBuy, decimal Price, decimal Quantity);

    private sealed record Fill(Order Order, decimal Price, decimal Quantity, decimal Fee);

    /// <summary>Nanoseconds per order from its request to the position it led to.</summary>
    public async Task<double> RunAsync(int orders)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var risk = Task.Run(RiskAsync);
        var oms = Task.Run(OrdersAsync);
        var positions = Task.Run(() => PositionsAsync(orders));
        for (var i = 0; i < orders; i++)
            _risk.Writer.TryWrite(new Order($"o{i.ToString(CultureInfo.InvariantCulture)}", "BTC-USDT", i % 2 == 0, 100m, 0.01m));
        _risk.Writer.Complete();
        await Task.WhenAll(risk, oms, positions);
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds / orders;
    }

    public void Dispose() => _log.Dispose();

    private async Task RiskAsync()
    {
        await foreach (var order in _risk.Reader.ReadAllAsync())
        {
            var open = _exposure.GetValueOrDefault(order.Symbol);
            if (order.Price * order.Quantity > 100_000m || Math.Abs(open + order.Quantity) > 1_000_000_000m || Math.Abs(order.Price - 100m) / 100m > 0.05m) continue;
            _exposure[order.Symbol] = open + order.Quantity;
            _orders.Writer.TryWrite(order);
        }

        _orders.Writer.Complete();
    }

    private async Task OrdersAsync()
    {
        await foreach (var message in _orders.Reader.ReadAllAsync())
        {
            var order = (Order)message;
            _live[order.Id] = order;
            await _log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"NEW {order.Id} {order.Symbol} {order.IsBuy} {order.Price} {order.Quantity}"));
            // The venue fills it at once.
            var fill = new Fill(order, order.Price, order.Quantity, order.Price * order.Quantity * 0.001m);
            await _log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"FILL {order.Id} {fill.Price} {fill.Quantity} {fill.Fee}"));
            _live.Remove(order.Id);
            _positions.Writer.TryWrite(fill);
        }

        _positions.Writer.Complete();
    }

    private async Task PositionsAsync(int orders)
    {
        var seen = 0;
        await foreach (var fill in _positions.Reader.ReadAllAsync())
        {
            var key = ("s1", fill.Order.Symbol);
            var (quantity, cost, realised) = _held.GetValueOrDefault(key);
            var signed = fill.Order.IsBuy ? fill.Quantity : -fill.Quantity;
            _held[key] = (quantity + signed, cost + signed * fill.Price, realised - fill.Fee);
            seen++;
        }

        if (seen != orders) throw new InvalidOperationException($"{seen} of {orders} orders came through.");
    }
}
