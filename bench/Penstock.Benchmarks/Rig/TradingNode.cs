using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Trading.Execution;
using Penstock.Trading.Risk;
using Penstock.Venues.Binance;

namespace Penstock.Benchmarks.Rig;

/// <summary>
/// A node with one venue in the inline plan: feed session, hot path, journal and order session stepped by one spinning thread,
/// the journal's helpers on another. The same order of steps as the node's Pipeline.cs.
/// </summary>
internal sealed class TradingNode : IDisposable
{
    private const int JournalSegmentBytes = 64 << 20;
    private const long TimerIntervalNs = 20_000_000;
    private const long CommitIntervalNs = 100_000_000;

    private static readonly VenueId Venue = new(1);

    private readonly MonotonicClock _clock = MonotonicClock.Instance;
    private readonly NodeRig _rig;
    private readonly FeedSession _feed;
    private readonly OrderSession _orders;
    private readonly ExecutionRouter _router;
    private readonly RestPool _rest;
    private readonly JournalWriter _journal;
    private readonly AgentRunner _background;
    private readonly Thread _thread;
    private readonly DecisionLatency _decision = new();
    private readonly OrderToWire? _wire;
    private volatile bool _stopping;
    private volatile bool _ready;
    private volatile bool _measuring;
    private Exception? _failure;

    /// <param name="wire">Takes the time of every order, where given.</param>
    public TradingNode(Uri feed, Uri orders, string journalFolder, OrderToWire? wire = null)
    {
        _wire = wire;
        var profile = new BinanceVenue().Profile;
        var venue = new BinanceVenue();
        var table = NodeRig.Market();
        var instruments = table.All;
        _rest = new RestPool(new RestPoolOptions { Endpoint = new Uri("http://127.0.0.1:9"), Limits = profile.RestLimits });
        var protocol = venue.CreateFeed(new FeedContext(Venue, table));
        _feed = new FeedSession(
            new FeedSessionOptions { Name = profile.Name, Stream = feed, Instruments = instruments, Link = Link(profile.FeedKeepAlive, 1) }, protocol, rest: null, _clock);
        _rig = new NodeRig(table, protocol, _feed, wire);
        _feed.Attach(_rig.Ingest);
        _router = new ExecutionRouter(table, _clock, _decision);
        // A key of the venue's length: what is signed and sent has the size it has in earnest.
        var credentials = new Credentials { ApiKey = new string('k', 64), Secret = new string('s', 64) };
        _orders = new OrderSession(
            new OrderSessionOptions { Name = profile.Name, Venue = Venue, Stream = orders, Instruments = instruments, Link = Link(profile.OrderKeepAlive, 2) },
            venue.CreateOrders(new OrderContext(Venue, table, credentials))!, new RestClient(_rest, _clock), _clock, SystemWallClock.Instance, _router);
        _router.Attach(Venue, _orders);
        _journal = JournalWriter.Open(new JournalOptions { Directory = journalFolder, SegmentBytes = JournalSegmentBytes, CreatedBy = "bench" });
        _background = new AgentRunner("journal", [new JournalPreparer(_journal), new PacedCommitter(_journal, _clock)], new BackOffIdle(0, 0, 500_000, 5_000_000));
        _thread = new Thread(Run) { Name = "node", IsBackground = true };
    }

    /// <summary>Both connections open, logged in, book synchronised.</summary>
    public bool IsReady => _ready;

    /// <summary>Execution reports the engine has applied.</summary>
    public long Reports => Volatile.Read(ref _rig.Engine.Statistics.Reports);

    /// <summary>Bytes the node's thread allocated since <see cref="StartMeasuring"/>, read after <see cref="Dispose"/>.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Socket read to order handed to the socket, median of the whole life, ns. Read after <see cref="Dispose"/>.</summary>
    public long DecisionP50Ns => _decision.Histogram.ValueAt(0.5);

    /// <summary>Why the node's thread ended, if it did on its own.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public long Refused => _rig.Refused;

    /// <summary>Orders the engine still holds for live; zero when the venue's answers were understood.</summary>
    public int LiveOrders => _rig.Engine.Orders.Live.Count;

    public void Start()
    {
        _background.Start();
        _thread.Start();
    }

    public void StartMeasuring() => _measuring = true;

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _background.Stop(TimeSpan.FromSeconds(10));
        _journal.Dispose();
        _rig.Dispose();
        _rest.Dispose();
    }

    /// <summary>One read a step: a second one would only learn that nothing is there, while an event waits in the ring.</summary>
    private static SocketLinkOptions Link(KeepAlive keepAlive, ulong seed) =>
        new() { PingInterval = keepAlive.PingInterval, SilenceMax = keepAlive.SilenceMax, Seed = seed, ReceivesMax = 1 };

    private void Run()
    {
        try
        {
            _rig.Begin(_journal, new WithoutReconciliation(_router, _wire), _clock.NowNs);
            var isConnected = false;
            while (!isConnected && !_stopping) isConnected = Connect();
            // The snapshot's own book call comes before orders are allowed, whichever connection was ready first: the venue
            // answers one order for each frame it sends.
            _rig.ReadRing();
            _rig.BecomeReady(_clock.NowNs);
            _ready = isConnected;
            long measuredFrom = -1;
            var nextTimerNs = 0L;
            while (!_stopping)
            {
                Step(ref nextTimerNs);
                if (_measuring && measuredFrom < 0) measuredFrom = GC.GetAllocatedBytesForCurrentThread();
            }

            AllocatedBytes = measuredFrom < 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - measuredFrom;
        }
        catch (Exception e)
        {
            Volatile.Write(ref _failure, e);
        }

        _feed.OnStop();
        _orders.OnStop();
    }

    private bool Connect()
    {
        var hadFeed = _feed.IsConnected;
        var timer = long.MaxValue;
        Step(ref timer);
        // The venue of this benchmark speaks no REST: the snapshot comes by hand, as its answer would.
        if (!hadFeed && _feed.IsConnected) _rig.LoadBook(_clock);
        return _feed.IsConnected && _orders.IsReady && _rig.Ingest.BooksSynced == 1;
    }

    /// <summary>One duty cycle: feed, ring and engine, what venues said, orders, time.</summary>
    private void Step(ref long nextTimerNs)
    {
        _feed.DoWork();
        var now = _clock.NowNs;
        _rig.Ingest.Step(now);
        _rig.Heartbeat(now);
        _rig.ReadRing();
        _router.Drain(_rig.Engine);
        if (now >= nextTimerNs)
        {
            nextTimerNs = now + TimerIntervalNs;
            _rig.Engine.OnTimer(now);
        }

        _orders.DoWork();
        _wire?.Step(_orders.PollHandle);
    }

    private sealed class DecisionLatency : ILatencyRecorder
    {
        public Histogram Histogram { get; } = new();

        public void RecordDecision(long ns) => Histogram.Record(ns);

        public void RecordExecution(long ns)
        {
        }
    }

    /// <summary>Commits at the node's pace; every commit costs the writer the page faults of what it wrote since.</summary>
    private sealed class PacedCommitter(JournalWriter journal, MonotonicClock clock) : IAgent
    {
        private readonly JournalCommitter _committer = new(journal);
        private long _nextNs;

        public string Role => _committer.Role;

        public int DoWork()
        {
            var now = clock.NowNs;
            if (now < _nextNs) return 0;
            _nextNs = now + CommitIntervalNs;
            return _committer.DoWork();
        }

        public void OnStop() => _committer.OnStop();
    }

    /// <summary>This venue cannot be asked what it knows; everything else goes to the router.</summary>
    private sealed class WithoutReconciliation(ExecutionRouter router, OrderToWire? wire) : IOrderOutbox
    {
        public void Place(in RiskApproved<OrderRequest> order)
        {
            router.Place(order);
            wire?.Sent();
        }

        public void Cancel(in CancelRequest cancel) => router.Cancel(cancel);

        public void Query(ClientOrderId id, Text40 venueOrderId, InstrumentId instrument) => router.Query(id, venueOrderId, instrument);

        public void Reconcile(VenueId venue, ExchangeTime fillsSince)
        {
        }
    }
}
