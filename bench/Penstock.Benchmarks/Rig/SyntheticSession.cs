using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Infrastructure.Journal;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Strategies.MarketMaking;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A session of any length through the real engine into a real journal: market makers on several instruments quote a wandering
/// market; their orders are acknowledged, filled and cancelled. What a recovery has to read.
/// </summary>
internal sealed class SyntheticSession : IOrderOutbox
{
    public const int Instruments = 8;

    private const long StepNs = 50_000;
    private const int TimerEvery = 400;

    private static readonly VenueId Venue = new(1);

    private readonly TradingEngine _engine = Create(new SessionInfo(1, 1, 0, "{}"));
    private readonly IJournalAppender _journal;
    private readonly Queue<ExecutionReport> _answers = new(1_024);
    private readonly MarketEvent[] _events = new MarketEvent[6];
    private readonly long[] _bids = new long[Instruments + 1];
    private readonly Random _random = new(7);
    private long _nowNs = 1_000_000_000;
    private long _trades;

    public SyntheticSession(IJournalAppender journal)
    {
        _journal = journal;
        _engine.BeginSession(new SessionInfo(1, 1, _nowNs, "{}"), journal, this);
        _engine.OnSession(Venue, true, DisconnectReason.None, _nowNs);
        _engine.OnReconciled(Venue, true, _nowNs);
        _engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "bench", NowNs = _nowNs });
        for (var id = 1; id <= Instruments; id++)
        {
            _bids[id] = 1_000_00;
            Snapshot(id);
        }
    }

    public ulong StateHash => _engine.StateHash;

    public static TradingEngine Create(SessionInfo session)
    {
        var table = new InstrumentTable();
        var strategies = new List<(StrategySetup, IStrategy)>();
        for (var i = 1; i <= Instruments; i++)
        {
            table.Add(new Instrument
            {
                Venue = Venue, Symbol = $"C{i}-USDT", VenueSymbol = $"C{i}USDT", Base = Text16.From($"C{i}"), Quote = Text16.From("USDT"),
                Tick = Price.From(0.01m), Lot = Quantity.From(0.001m), QuantityMin = Quantity.From(0.002m), NotionalMin = Notional.From(1m),
            });
            var maker = new MarketMaker();
            if (maker.Configure("""{"spreadBps":2,"size":0.1,"inventoryMax":5,"requoteTicks":2}""") is { } wrong) throw new InvalidOperationException(wrong);
            strategies.Add((new StrategySetup { Id = (ushort)i, Kind = "market-making", Instruments = [new InstrumentId(i)] }, maker));
        }

        return new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), Strategies = strategies,
            Limits = new RiskLimits { MessagesMax = MessageWindow.CapacityMax, GrossExposureMax = Notional.From(100_000_000) },
        });
    }

    /// <summary>Goes on until the journal has so many records.</summary>
    public void RunTo(long records)
    {
        for (var step = 0; _journal.Sequence < records; step++)
        {
            _nowNs += StepNs;
            Move(1 + step % Instruments);
            while (_answers.TryDequeue(out var report))
            {
                report.Received = new MonotonicTime(_nowNs);
                _engine.OnReport(report);
            }

            if (step % TimerEvery == 0) _engine.OnTimer(_nowNs);
        }
    }

    public void Place(in RiskApproved<OrderRequest> order)
    {
        var request = order.Value;
        Answer(ExecutionKind.Acked, request);
        Answer(ExecutionKind.Accepted, request);
        if (_random.Next(20) != 0) return;
        Answer(ExecutionKind.Fill, request);
    }

    public void Cancel(in CancelRequest cancel)
    {
        if (_engine.Orders.Find(cancel.ClientOrderId) is { } order) Answer(ExecutionKind.Cancelled, order.Request, order.Filled);
    }

    public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
    {
    }

    public void Reconcile(VenueId venue, ExchangeTime fillsSince)
    {
    }

    /// <summary>One book message of one to six levels; every fourth moves the market.</summary>
    private void Move(int id)
    {
        if (_random.Next(4) == 0)
        {
            Level(0, id, Side.Buy, _bids[id], 0);
            Level(1, id, Side.Sell, _bids[id] + 2, 0);
            _bids[id] = Math.Clamp(_bids[id] + _random.Next(-2, 3), 900_00, 1_100_00);
            Level(2, id, Side.Buy, _bids[id], _random.Next(1, 50));
            Level(3, id, Side.Sell, _bids[id] + 2, _random.Next(1, 50));
            Send(4);
            return;
        }

        var count = _random.Next(1, _events.Length + 1);
        for (var i = 0; i < count; i++)
        {
            var side = (i & 1) == 0 ? Side.Buy : Side.Sell;
            var away = _random.Next(3, 20);
            Level(i, id, side, side == Side.Buy ? _bids[id] - away : _bids[id] + 2 + away, _random.Next(0, 50));
        }

        Send(count);
    }

    private void Snapshot(int id)
    {
        for (var i = 0; i < 6; i++)
        {
            var side = i < 3 ? Side.Buy : Side.Sell;
            Level(i, id, side, side == Side.Buy ? _bids[id] - i : _bids[id] + 2 + (i - 3), 10);
            _events[i].Kind = MarketEventKind.BookSnapshot;
        }

        Send(6);
    }

    private void Level(int at, int id, Side side, long ticks, long lots) => _events[at] = new MarketEvent
    {
        Kind = MarketEventKind.BookDelta, Instrument = new InstrumentId(id), Venue = Venue, Side = side, Price = new Price(ticks * 1_000_000),
        Quantity = new Quantity(lots * 10_000_000), Received = new MonotonicTime(_nowNs),
    };

    private void Send(int count)
    {
        _events[0].Flags |= MarketEventFlags.FirstOfMessage;
        _events[count - 1].Flags |= MarketEventFlags.LastOfMessage;
        _engine.OnMarketEvents(_events.AsSpan(0, count));
    }

    private void Answer(ExecutionKind kind, in OrderRequest order, Quantity filled = default)
    {
        var report = new ExecutionReport
        {
            Kind = kind, ClientOrderId = order.ClientOrderId, Instrument = order.Instrument, Side = order.Side, Venue = Venue, CumulativeQuantity = filled,
        };
        if (kind == ExecutionKind.Fill)
        {
            report.LastQuantity = order.Quantity;
            report.CumulativeQuantity = order.Quantity;
            report.LastPrice = order.Price;
            report.TradeId = ++_trades;
        }

        _answers.Enqueue(report);
    }
}
