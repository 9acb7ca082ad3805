using System.Collections.Concurrent;
using System.Diagnostics;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Logging;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node.Control;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A real engine on a trading thread that reads prices without a pause, with orders that rest at ten venues, each behind a real order session and
/// its socket. Measured is the time from a press of the kill switch to the last cancel handed to its socket.
/// </summary>
internal sealed class CancelRig : IOrderOutbox, IDisposable
{
    public const int Venues = 10;
    public const int OrdersPerVenue = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<OrderSink> _sinks = [];
    private readonly List<ClientOrderId> _live = [];
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly TradingEngine _engine;
    private readonly KillPress _kill;
    private readonly Thread _trading;
    private volatile bool _stopping;
    private long _nowNs = 1_000_000_000;
    private int _cancels;
    private long _lastCancel;

    public CancelRig()
    {
        var table = new InstrumentTable();
        for (byte venue = 1; venue <= Venues; venue++)
        {
            table.Add(new Instrument
            {
                Venue = new VenueId(venue), Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
                Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m),
            });
        }

        for (byte venue = 1; venue <= Venues; venue++) _sinks.Add(new OrderSink(table, new VenueId(venue), Word));
        InstrumentId[] all = [.. table.All.Select(i => i.Id)];
        _engine = new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), RequireReconciliation = false,
            Strategies = [(new StrategySetup { Id = 1, Kind = "none", Instruments = all }, new OneOrderPerBook(all[0]))],
            NamedLimits =
            [
                "message-rate node 100000", "message-window node 1", "open-orders node 1000000", "duplicate-orders node none", "price-move node none",
                "price-collar node 10000", "order-notional node 1000000000", "gross-exposure node 1000000000", "position node 1000000",
                "position strategy:1 1000000", "volatility node none", "error-rate node none",
            ],
        });
        _engine.BeginSession(new SessionInfo(1, 1, _nowNs, "{}"), new NoJournal(), this);
        Order(EngineCommandKind.DisableStrategy);
        _engine.OnCommand(Command(EngineCommandKind.SetState) with { State = NodeState.Ready });
        string[] names = [.. Enumerable.Range(1, Venues).Select(v => $"venue{v}")];
        _kill = new KillPress(Word, names, 1, [], Enqueue, new LogRing(Infrastructure.Time.MonotonicClock.Instance));
        _trading = new Thread(Trade) { Name = "trading", IsBackground = true };
        _trading.Start();
        Await(() => _sinks.TrueForAll(s => s.Session.IsReady));
    }

    public KillWord Word { get; } = new();

    /// <summary>Nanoseconds from the press to the last cancel handed to its socket. What was cancelled rests again at the next call.</summary>
    public long Press()
    {
        OnTradingThread(Rest);
        Volatile.Write(ref _cancels, 0);
        var start = Stopwatch.GetTimestamp();
        var answer = _kill.Press(LimitScope.Node, "bench", "measure");
        if (!answer.Wait(Patience) || !answer.Result.Done || Volatile.Read(ref _cancels) != Venues * OrdersPerVenue)
            throw new InvalidOperationException($"{_cancels} of {Venues * OrdersPerVenue} cancels left.");
        return (long)Stopwatch.GetElapsedTime(start, Volatile.Read(ref _lastCancel)).TotalNanoseconds;
    }

    public void Dispose()
    {
        _stopping = true;
        _trading.Join();
        foreach (var sink in _sinks) sink.Dispose();
    }

    void IOrderOutbox.Place(in RiskApproved<OrderRequest> order)
    {
        if (SessionOf(order.Value.Instrument).TryPlace(order.Value, out var reason) != SendResult.Sent)
            throw new InvalidOperationException($"An order did not leave: {reason}.");
    }

    void IOrderOutbox.Cancel(in CancelRequest cancel)
    {
        if (SessionOf(cancel.Instrument).TryCancel(cancel, out _) != SendResult.Sent) return;
        Volatile.Write(ref _lastCancel, Stopwatch.GetTimestamp());
        Volatile.Write(ref _cancels, _cancels + 1);
    }

    void IOrderOutbox.Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    void IOrderOutbox.Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    private static void Await(Func<bool> condition)
    {
        if (!SpinWait.SpinUntil(condition, Patience)) throw new InvalidOperationException("The trading thread did not come to it for ten seconds.");
    }

    private Connectivity.Sessions.OrderSession SessionOf(InstrumentId instrument) => _sinks[instrument.Value - 1].Session;

    /// <summary>As the node's trading thread: prices, what sessions say, and now and then a command.</summary>
    private void Trade()
    {
        while (!_stopping)
        {
            for (var i = 1; i <= Venues; i++) Quote(new InstrumentId(i));
            foreach (var sink in _sinks) sink.Session.DoWork();
            while (_commands.TryDequeue(out var command)) command();
        }
    }

    private Task<CommandResult> Enqueue(EngineCommand command)
    {
        var answer = new TaskCompletionSource<CommandResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() => answer.SetResult(_engine.OnCommand(command with { NowNs = _nowNs })));
        return answer.Task;
    }

    private void OnTradingThread(Action action)
    {
        var done = new ManualResetEventSlim();
        _commands.Enqueue(() =>
        {
            action();
            done.Set();
        });
        if (!done.Wait(Patience)) throw new InvalidOperationException("The trading thread did not come to it for ten seconds.");
    }

    /// <summary>The venues confirm what was cancelled, the kill is taken back, and as many orders rest again.</summary>
    private void Rest()
    {
        foreach (var id in _live) Report(ExecutionKind.Cancelled, id);
        _live.Clear();
        if (Word.Any) Order(EngineCommandKind.Resume);
        Word.Set(false);
        for (var i = 0; i < Venues * OrdersPerVenue; i++)
        {
            var wish = new OrderRequest
            {
                Instrument = new InstrumentId(1 + i % Venues), Strategy = 1, Side = Side.Buy, Price = Price.From(59_000m + i),
                Quantity = Quantity.From(0.01m),
            };
            var placed = _engine.Desk.Place(wish, false, _nowNs += 10_000);
            if (!placed.IsPlaced) throw new InvalidOperationException($"Refused: {placed.Reject}");
            _live.Add(placed.ClientOrderId);
            Report(ExecutionKind.Accepted, placed.ClientOrderId);
        }
    }

    private void Order(EngineCommandKind kind)
    {
        if (_engine.OnCommand(Command(kind)) is { Done: false } refused) throw new InvalidOperationException(refused.Message);
    }

    private EngineCommand Command(EngineCommandKind kind) => new() { Kind = kind, Who = "bench", Why = "measure", Strategy = 1, NowNs = _nowNs };

    private void Report(ExecutionKind kind, ClientOrderId id)
    {
        var order = _engine.Orders.Find(id)!;
        _engine.OnReport(new ExecutionReport
        {
            Kind = kind, ClientOrderId = id, Instrument = order.Request.Instrument, Venue = order.Venue, Side = Side.Buy,
            Received = new MonotonicTime(_nowNs += 10_000),
        });
    }

    private void Quote(InstrumentId instrument)
    {
        var level = new MarketEvent
        {
            Kind = MarketEventKind.BookSnapshot, Instrument = instrument, Venue = new VenueId((byte)instrument.Value), Quantity = Quantity.From(1m),
            Received = new MonotonicTime(_nowNs += 10_000),
        };
        _engine.OnMarketEvents(
        [
            level with { Side = Side.Buy, Price = Price.From(60_000m), Flags = MarketEventFlags.FirstOfMessage | MarketEventFlags.Snapshot },
            level with { Side = Side.Sell, Price = Price.From(60_000.01m), Flags = MarketEventFlags.LastOfMessage | MarketEventFlags.Snapshot },
        ]);
    }
}
