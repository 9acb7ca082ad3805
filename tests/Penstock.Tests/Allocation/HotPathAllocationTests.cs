using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Penstock.Connectivity;
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
using Penstock.Model.Orders;
using Penstock.Strategies;
using Penstock.Trading;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using Penstock.Venues.Binance;

namespace Penstock.Tests.Allocation;

/// <summary>
/// Goal: nothing on the hot path allocates, ever. Method: a million depth messages go through decode, ingest, ring, book,
/// strategy and risk on one thread; every eighth book makes an order, which its report ends. The parts are joined here
/// as the node joins them.
/// </summary>
public sealed class HotPathAllocationTests
{
    private const int Messages = 1_000_000;
    private const int WarmUpMessages = 50_000;
    private const int BooksPerOrder = 8;
    private const int IdDigits = 12;
    private const long FirstId = 100_000_000_000;

    private static readonly VenueId Venue = new(1);

    [Fact]
    [Trait("requirement", "R36")]
    public void A_million_messages_from_bytes_to_orders_allocate_nothing()
    {
        using var world = new World();
        world.Run(WarmUpMessages);
        var sent = world.Orders;

        var before = GC.GetAllocatedBytesForCurrentThread();
        world.Run(Messages);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(Messages / BooksPerOrder, world.Orders - sent);
        Assert.Equal(WarmUpMessages + Messages, world.Applied);
    }

    private sealed class World : IOrderOutbox, IFeedControl, IEventPublisher, IStrategy, IJournalAppender, IDisposable
    {
        private readonly ManualClock _clock = new();
        private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        private readonly BroadcastRing<MarketEvent> _ring;
        private readonly RingReader<MarketEvent> _reader;
        private readonly MarketEvent[] _buffer = new MarketEvent[512];
        private readonly FeedIngest _ingest;
        private readonly TradingEngine _engine;
        private readonly byte[][] _messages = [.. Enumerable.Range(0, 200).Select(Message)];
        private readonly int _firstIdAt;
        private readonly int _lastIdAt;
        private StrategyContext _context = null!;
        private ExecutionReport _report;
        private bool _hasReport;
        private long _sequence;
        private long _id = FirstId;
        private int _books;
        private int _next;

        public World()
        {
            _firstIdAt = _messages[0].AsSpan().IndexOf("\"U\":"u8) + 4;
            _lastIdAt = _messages[0].AsSpan().IndexOf("\"u\":"u8) + 4;
            var table = new InstrumentTable();
            var instrument = table.Add(new Instrument
            {
                Venue = Venue, Symbol = "BTC-USDT", VenueSymbol = "BTCUSDT", Base = Text16.From("BTC"), Quote = Text16.From("USDT"),
                Tick = Price.From(0.01m), Lot = Quantity.From(0.00001m),
            });
            _ring = BroadcastRing<MarketEvent>.Create(_path, 4096);
            _reader = _ring.CreateReader();
            _ingest = new FeedIngest(
                new IngestSetup
                {
                    Venue = Venue, Protocol = new BinanceVenue().CreateFeed(new FeedContext(Venue, table)), Instruments = table, Rule = BinanceBookSync.Spot,
                    Control = this, Publisher = this,
                }, [instrument]);
            _engine = new TradingEngine(new TradingEngineSetup
            {
                Instruments = table, Books = new BookKeeperSource(new BookKeeper(table)), RequireReconciliation = false,
                Limits = new RiskLimits { MessagesMax = 10_000, MessageWindowMs = 1 },
                // The strategy repeats itself by design.
                NamedLimits = ["duplicate-orders node none"],
                Strategies = [(new StrategySetup { Id = 1, Kind = "test", Instruments = [instrument.Id] }, this)],
            });
            _engine.BeginSession(new SessionInfo(1, 1, _clock.NowNs, "{}"), this, this);
            _engine.OnCommand(new EngineCommand { Kind = EngineCommandKind.SetState, State = NodeState.Ready, Who = "test", NowNs = _clock.NowNs });
            _ingest.OnConnected(1, _clock.NowNs);
            _ingest.OnSnapshot(instrument.Id, succeeded: true,
                Encoding.ASCII.GetBytes($"{{\"lastUpdateId\":{FirstId},\"bids\":[[\"60990.00\",\"1\"]],\"asks\":[[\"61010.00\",\"1\"]]}}"), _clock.NowNs);
        }

        public long Orders { get; private set; }

        public long Applied => _ingest.Statistics.Deltas;

        public long Sequence { get; private set; }

        public void Run(int messages)
        {
            for (var i = 0; i < messages; i++)
            {
                _clock.AdvanceNs(50_000);
                _ingest.OnFrame(NextMessage(), _clock.NowNs);
                _ingest.OnReadComplete(_clock.NowNs);
                _ingest.Step(_clock.NowNs);
                var count = _reader.Read(_buffer, out _);
                _engine.OnMarketEvents(_buffer.AsSpan(0, count));
                if (_hasReport) _engine.OnReport(_report);
                _hasReport = false;
                if (i % 400 == 0) _engine.OnTimer(_clock.NowNs);
            }
        }

        public void Publish(Span<MarketEvent> events)
        {
            foreach (ref var e in events) e.Sequence = ++_sequence;
            _ring.Publish(events);
        }

        public void Place(in RiskApproved<OrderRequest> order)
        {
            Orders++;
            _hasReport = true;
            _report = new ExecutionReport
            {
                Kind = ExecutionKind.Expired, State = OrderState.Expired, Side = order.Value.Side, Venue = Venue, Instrument = order.Value.Instrument,
                ClientOrderId = order.Value.ClientOrderId, Received = order.Value.Trigger,
            };
        }

        public void OnBook(in BookView book)
        {
            if (!book.IsTradable || _books++ % BooksPerOrder != 0) return;
            _context.Place(new OrderRequest { Instrument = book.Id, Side = Side.Buy, Price = book.Bid.Price, Quantity = book.Instrument.Lot, TimeInForce = TimeInForce.ImmediateOrCancel });
        }

        public long Append(ushort type, ReadOnlySpan<byte> payload) => ++Sequence;

        public void Start(StrategyContext context) => _context = context;

        public string? Configure(string json) => null;

        public void OnTrade(in MarketEvent trade)
        {
        }

        public void OnOrder(in OrderEvent order)
        {
        }

        public void OnTimer(MonotonicTime now)
        {
        }

        public void OnHealth(in HealthEvent health)
        {
        }

        public void OnStop()
        {
        }

        public void Cancel(in CancelRequest cancel)
        {
        }

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument)
        {
        }

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }

        public void RequestSnapshot(InstrumentId instrument)
        {
        }

        public void Resubscribe(InstrumentId instrument)
        {
        }

        public void Reconnect(DisconnectReason reason)
        {
        }

        public void Dispose()
        {
            _reader.Dispose();
            _ring.Dispose();
            File.Delete(_path);
        }

        /// <summary>The same bytes with the update ids that follow: they have a fixed width.</summary>
        private byte[] NextMessage()
        {
            var message = _messages[_next];
            _next = (_next + 1) % _messages.Length;
            Utf8Formatter.TryFormat(_id + 1, message.AsSpan(_firstIdAt, IdDigits), out _);
            Utf8Formatter.TryFormat(++_id, message.AsSpan(_lastIdAt, IdDigits), out _);
            return message;
        }

        private static byte[] Message(int index) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{{\"stream\":\"btcusdt@depth@100ms\",\"data\":{{\"e\":\"depthUpdate\",\"E\":{1_672_515_782_136 + index},\"s\":\"BTCUSDT\",\"U\":{FirstId},\"u\":{FirstId},") +
            string.Create(CultureInfo.InvariantCulture,
            $"\"b\":[[\"{61000 - index % 7}.{index % 90 + 10}000000\",\"0.{index % 3}5000000\"],[\"60999.50000000\",\"{index % 2}.00000000\"]],\"a\":[[\"{61001 + index % 5}.10000000\",\"1.{index % 10}0000000\"]]}}}}"));
    }
}
