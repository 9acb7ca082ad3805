using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Penstock.Benchmarks.Baselines;

/// <summary>
/// A trading core as C# platforms build it: actors that own dictionaries and talk through channels, messages as objects with string ids and
/// decimals, an event log of text lines. Markets → book → strategy → risk → orders → positions, each on the pool's threads. The work is that of ours:
/// what came in and what was decided is logged, and like ours the log has each line out of the process before the order goes on: else it would
/// lose what ours keeps when the process dies.
/// </summary>
internal sealed class ChannelActors(string log) : IDisposable
{
    public const string Symbol = "BTC-USDT";

    /// <summary>Time between orders as ours has it, ns: what the windows of message rates are fed with.</summary>
    private const long StepNs = 100_000;

    private readonly Channel<PeerMessages.DepthUpdate> _markets = Channel.CreateBounded<PeerMessages.DepthUpdate>(new BoundedChannelOptions(1_024) { SingleReader = true });
    private readonly Channel<object> _strategy = Unbounded<object>();
    private readonly Channel<object> _risk = Unbounded<object>();
    private readonly Channel<object> _orders = Unbounded<object>();
    private readonly Channel<PeerMessages.Fill> _positions = Unbounded<PeerMessages.Fill>();
    private readonly PeerRisk _gate = new();
    private readonly PeerLedger _ledger = new();
    private readonly Dictionary<string, PeerMessages.Order> _live = [];
    private readonly StreamWriter _log = new(log) { AutoFlush = true };
    private readonly StreamWriter _marketLog = new(log + ".markets") { AutoFlush = true };
    private bool _fillsAtOnce;
    private long _trades;

    /// <summary>Requests that reached the orders actor.</summary>
    public long Requests { get; private set; }

    /// <summary>Nanoseconds per order from its request to the position it led to.</summary>
    public async Task<double> OrdersAsync(int orders)
    {
        _fillsAtOnce = true;
        _gate.OnMid(Symbol, 100m);
        var start = Stopwatch.GetTimestamp();
        var actors = Task.WhenAll(Task.Run(RiskAsync), Task.Run(OmsAsync), Task.Run(() => PositionsAsync(orders)));
        for (var i = 0; i < orders; i++)
            _risk.Writer.TryWrite(new PeerMessages.Order($"o{i.ToString(CultureInfo.InvariantCulture)}", Symbol, i % 2 == 0, 100m, 0.01m));
        _risk.Writer.Complete();
        await actors;
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / orders;
    }

    /// <summary>Nanoseconds per order when each is asked for once the last one's position is known, as a strategy that waits for its answer does.</summary>
    public async Task<double> OneByOneAsync(int orders)
    {
        _fillsAtOnce = true;
        _gate.OnMid(Symbol, 100m);
        _ = Task.WhenAll(Task.Run(RiskAsync), Task.Run(OmsAsync));
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < orders; i++)
        {
            _risk.Writer.TryWrite(new PeerMessages.Order($"o{i.ToString(CultureInfo.InvariantCulture)}", Symbol, i % 2 == 0, 100m, 0.01m));
            _ledger.Apply(await _positions.Reader.ReadAsync());
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        _risk.Writer.Complete();
        await _positions.Reader.Completion;
        return elapsed.TotalNanoseconds / orders;
    }

    /// <summary>Nanoseconds per depth message, until the last of them is through, the strategy's orders accepted and cancelled as they come.</summary>
    public async Task<double> MarketsAsync(PeerMessages.Levels[] walk, int messages)
    {
        var book = new PeerBook();
        var maker = new PeerMaker(order => _risk.Writer.TryWrite(order));
        var start = Stopwatch.GetTimestamp();
        var actors = Task.WhenAll(Task.Run(() => BooksAsync(book)), Task.Run(() => StrategyAsync(maker)), Task.Run(RiskAsync), Task.Run(OmsAsync), Task.Run(() => PositionsAsync(0)));
        for (var i = 0; i < messages; i++)
        {
            var levels = walk[i % walk.Length];
            await _markets.Writer.WriteAsync(new PeerMessages.DepthUpdate(Symbol, i, [.. levels.Bids], [.. levels.Asks]));
        }

        _markets.Writer.Complete();
        await actors;
        if (maker.Books != messages) throw new InvalidOperationException($"{maker.Books} of {messages} books came through.");
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / messages;
    }

    public void Dispose()
    {
        _log.Dispose();
        _marketLog.Dispose();
    }

    private static Channel<T> Unbounded<T>() => Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });

    private async Task BooksAsync(PeerBook book)
    {
        await foreach (var update in _markets.Reader.ReadAllAsync())
        {
            await _marketLog.WriteLineAsync(JsonSerializer.Serialize(update, PeerJson.Default.DepthUpdate));
            book.Apply(update);
            var top = book.Top();
            if (top.Bids.Length > 0 && top.Asks.Length > 0)
                _risk.Writer.TryWrite(new PeerMessages.Mid(Symbol, (top.Bids[0].Price + top.Asks[0].Price) / 2));
            _strategy.Writer.TryWrite(top);
        }

        _strategy.Writer.TryWrite(PeerMessages.End.Instance);
    }

    private async Task StrategyAsync(PeerMaker maker)
    {
        await foreach (var message in _strategy.Reader.ReadAllAsync())
        {
            if (message is PeerMessages.End) break;
            maker.On(message);
        }

        _risk.Writer.Complete();
    }

    private async Task RiskAsync()
    {
        var nowNs = 0L;
        await foreach (var message in _risk.Reader.ReadAllAsync())
        {
            switch (message)
            {
                case PeerMessages.Mid mid:
                    _gate.OnMid(mid.Symbol, mid.Price);
                    break;
                case PeerMessages.Fill fill:
                    _gate.OnFill(fill);
                    break;
                case PeerMessages.Answer { IsLive: false } end:
                    _gate.OnEnd(end.Id);
                    break;
                case PeerMessages.Order order when !_gate.Admits(order, nowNs += StepNs):
                    var refused = new InvalidOperationException($"The peer's risk refused {order}.");
                    _orders.Writer.TryComplete(refused);
                    _positions.Writer.TryComplete(refused);
                    throw refused;
                default:
                    _orders.Writer.TryWrite(message);
                    break;
            }
        }

        _orders.Writer.Complete();
    }

    private async Task OmsAsync()
    {
        await foreach (var message in _orders.Reader.ReadAllAsync())
        {
            Requests++;
            if (message is PeerMessages.Order order) await PlaceAsync(order);
            else await CancelAsync((PeerMessages.Cancel)message);
        }

        _positions.Writer.Complete();
    }

    private async Task PlaceAsync(PeerMessages.Order order)
    {
        _live[order.Id] = order;
        await _log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"NEW {order.Id} {order.Symbol} {order.IsBuy} {order.Price} {order.Quantity}"));
        if (!_fillsAtOnce)
        {
            _strategy.Writer.TryWrite(new PeerMessages.Answer(order.Id, IsLive: true));
            return;
        }

        var fill = new PeerMessages.Fill(order, ++_trades, order.Price, order.Quantity, order.Price * order.Quantity * 0.001m);
        await _log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"FILL {order.Id} {fill.Price} {fill.Quantity} {fill.Fee}"));
        _live.Remove(order.Id);
        _risk.Writer.TryWrite(fill);
        _positions.Writer.TryWrite(fill);
    }

    private async Task CancelAsync(PeerMessages.Cancel cancel)
    {
        _live.Remove(cancel.Id);
        await _log.WriteLineAsync($"CANCELLED {cancel.Id}");
        var answer = new PeerMessages.Answer(cancel.Id, IsLive: false);
        _risk.Writer.TryWrite(answer);
        _strategy.Writer.TryWrite(answer);
    }

    private async Task PositionsAsync(int expected)
    {
        var seen = 0;
        await foreach (var fill in _positions.Reader.ReadAllAsync())
        {
            _ledger.Apply(fill);
            seen++;
        }

        if (seen != expected) throw new InvalidOperationException($"{seen} of {expected} orders came through.");
    }
}

/// <summary>Source-generated, as who cares for speed writes JSON.</summary>
[JsonSerializable(typeof(PeerMessages.DepthUpdate))]
internal sealed partial class PeerJson : JsonSerializerContext;
