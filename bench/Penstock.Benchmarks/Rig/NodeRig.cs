using Penstock.Connectivity.Feeds;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// The node's way from a decoded frame to an approved order, wired as Pipeline.cs wires it and stepped by one thread:
/// ingest → ring → reader → engine (books, strategy, risk, journal) → outbox. Sockets, if any, are the caller's.
/// </summary>
internal sealed class NodeRig : IDisposable
{
    private const int RingCapacity = 1 << 14;
    private const int EventsPerRead = 512;

    private static readonly RiskLimits Limits = new()
    {
        OrderQuantityMax = Quantity.From(1_000), OrderNotionalMax = Notional.From(100_000_000), PositionMax = Quantity.From(1_000_000),
        GrossExposureMax = Notional.From(90_000_000_000), CollarBps = 5_000, OpenOrdersMax = 1_000_000,
        MessagesMax = MessageWindow.CapacityMax, MessageWindowMs = 10,
    };

    private readonly BroadcastRing<MarketEvent> _ring;
    private readonly RingReader<MarketEvent> _reader;
    private readonly MarketEvent[] _buffer = new MarketEvent[EventsPerRead];
    private readonly OneOrderPerBook _strategy;
    private readonly string _ringPath;

    /// <param name="table">One instrument.</param>
    /// <param name="protocol">Of its feed.</param>
    /// <param name="control">The feed's session.</param>
    /// <param name="wire">Told when the strategy asks for an order.</param>
    public NodeRig(InstrumentTable table, IFeedProtocol protocol, IFeedControl control, OrderToWire? wire = null)
    {
        var instrument = table[new InstrumentId(1)];
        Instrument = instrument;
        _ringPath = Path.Combine(RingFolder, $"penstock-bench-{Environment.ProcessId}-{Guid.CreateVersion7():N}.ring");
        _ring = BroadcastRing<MarketEvent>.Create(_ringPath, RingCapacity);
        _reader = _ring.CreateReader();
        Ingest = new FeedIngest(
            new IngestSetup
            {
                Venue = instrument.Venue, Protocol = protocol, Instruments = table, Rule = BinanceBookSync.Spot, Control = control, Publisher = new Publisher(_ring),
            }, [instrument]);
        _strategy = new OneOrderPerBook(instrument.Id, wire);
        Engine = new TradingEngine(new TradingEngineSetup
        {
            Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), Limits = Limits, RequireReconciliation = false,
            // The strategy repeats itself by design.
            NamedLimits = ["duplicate-orders node none", "repeated-fills node none", "volatility node none", "price-move node none", "daily-loss node none"],
            Strategies = [(new StrategySetup { Id = 1, Kind = "one-order-per-book", Instruments = [instrument.Id] }, _strategy)],
        });
    }

    public Instrument Instrument { get; }

    public FeedIngest Ingest { get; }

    public TradingEngine Engine { get; }

    /// <summary>Books on which risk refused the strategy's order.</summary>
    public long Refused => _strategy.Refused;

    private static string RingFolder => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>One instrument with Binance's numbers.</summary>
    public static InstrumentTable Market()
    {
        var table = new InstrumentTable();
        table.Add(new Instrument
        {
            Venue = new VenueId(1), Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
            Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m),
        });
        return table;
    }

    public void Begin(IJournalAppender journal, IOrderOutbox outbox, long nowNs) => Engine.BeginSession(new SessionInfo(1, 1, nowNs, "{}"), journal, outbox);

    /// <summary>From here on the strategy's orders go out.</summary>
    public void BecomeReady(long nowNs) =>
        Engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "bench", NowNs = nowNs });

    public void LoadBook(IMonotonicClock clock) => Ingest.OnSnapshot(Instrument.Id, succeeded: true, DepthReplay.Snapshot(), clock.NowNs);

    /// <summary>What is in the ring goes to the engine. Returns the events.</summary>
    public int ReadRing()
    {
        var count = _reader.Read(_buffer, out var lost);
        if (lost > 0) throw new InvalidOperationException($"The reader lost {lost} events on the producer's own thread.");
        if (count > 0) Engine.OnMarketEvents(_buffer.AsSpan(0, count));
        return count;
    }

    public void Heartbeat(long nowNs) => _ring.Heartbeat(nowNs);

    public void Dispose()
    {
        _reader.Dispose();
        _ring.Dispose();
        File.Delete(_ringPath);
    }

    private sealed class Publisher(BroadcastRing<MarketEvent> ring) : IEventPublisher
    {
        private long _sequence;

        public void Publish(Span<MarketEvent> events)
        {
            foreach (ref var e in events) e.Sequence = ++_sequence;
            ring.Publish(events);
        }
    }
}
