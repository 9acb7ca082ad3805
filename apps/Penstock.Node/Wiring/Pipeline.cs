using Penstock.Connectivity;
using Penstock.Connectivity.Capture;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Signing;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.MarketData.Quality;
using Penstock.MarketData.Reference;
using Penstock.MarketData.Validation;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node.Configuration;
using Penstock.Node.Incidents;
using Penstock.Strategies;
using Penstock.Strategies.Paper;
using Penstock.Trading.Execution;
using Penstock.Trading.Recovery;

namespace Penstock.Node.Wiring;

/// <summary>
/// The whole data plane on one page; the numbers are those of ARCHITECTURE.md. Nothing here runs: agents are made, laid on
/// threads by the plan, and started by the node.
/// </summary>
internal sealed class Pipeline : IDisposable
{
    /// <summary>Processes of the control plane whose death is told to the node, so that it stands in the journal.</summary>
    private static readonly string[] Observers = ["sidecar", "console"];

    private const int CaptureRingBytes = 16 << 20;

    /// <summary>The shadow only has to keep up, and asking an idle journal costs a few system calls.</summary>
    private static readonly TimeSpan ShadowInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A power failure loses at most this much; more often would only slow the writer's pages down.</summary>
    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    private readonly List<IDisposable> _owned = [];

    public Pipeline(PipelineSetup setup)
    {
        if (setup is { Permit: not null, Paper: not null })
            throw new ArgumentException("Orders go to venues or onto paper, never to both.", nameof(setup));
        (Engine, Latencies) = (setup.Engine, setup.Latencies);
        var clock = setup.Clock;
        Router = new ExecutionRouter(Engine.Instruments, clock, Latencies) { SentLog = setup.Journal };
        Paper = setup.Paper is { } paper ? new PaperVenues(Engine, Router, clock, Kill, paper) : null;
        foreach (var (venue, index) in setup.Venues.Select((v, i) => (v, i)))
            Venues.Add(WireVenue(setup, venue, new VenueId((byte)(index + 1))));

        Incidents = new IncidentLedger(setup.Journal);
        // 6–8, 11: rings → books → strategies → risk → journal, one thread.
        Trading = new TradingAgent(Engine, Router, clock, [.. Venues.Select(v => (v.Id, Own(v.Ring.CreateReader())))],
            TimeSpan.FromMilliseconds(setup.Configuration.Readiness.WindowMs), Latencies.TickToDecision, venue => Venues[venue.Value - 1].AskForBooks())
        {
            Paper = Paper,
            Validator = new CrossVenueValidator(Engine.Instruments.All, setup.Configuration.Validator.ToOptions()),
            Incidents = Incidents,
            Crossed = new CrossedBooks(Engine.Instruments.All, setup.Configuration.Validator.CrossedMs * 1_000_000L, i => Venues[i.Venue.Value - 1].AskForBook(i.Id)),
        };

        WatchIncidents();
        // Order sessions before the trading core: what they bring is decided upon in the same cycle.
        Agents =
        [
            .. Venues, .. Venues.Select(v => (IAgent?)v.Detached ?? v.Orders).OfType<IAgent>(), Trading, .. Venues.Select(v => v.Detached?.Worker).OfType<IAgent>(),
            .. Venues.Select(v => v.Quarantine), .. Venues.Select(v => v.PrivateQuarantine).OfType<IAgent>(), .. Venues.Select(v => v.Capture).OfType<IAgent>(),
            new JournalPreparer(setup.Journal), new PacedAgent(new JournalCommitter(setup.Journal), CommitInterval, clock),
            .. setup.Shadow is { } shadow ? [new PacedAgent(shadow, ShadowInterval, clock)] : Array.Empty<IAgent>(),
        ];
    }

    public TradingEngine Engine { get; }

    public ExecutionRouter Router { get; }

    /// <summary>Read by every order session before it sends.</summary>
    public KillWord Kill { get; } = new();

    /// <summary>Takes the venues' place on paper; null where orders go to them.</summary>
    public PaperVenues? Paper { get; }

    public TradingAgent Trading { get; }

    /// <summary>What went wrong around the engine, by class and subject.</summary>
    public IncidentLedger Incidents { get; }

    public List<VenueWires> Venues { get; } = [];

    /// <summary>All of them, in the order in which those of one thread are stepped; the thread plan says where.</summary>
    public IReadOnlyList<IAgent> Agents { get; }

    public Latencies Latencies { get; }

    /// <summary>As <see cref="Agents"/>; feeds on the trading thread are decided on one by one.</summary>
    public IEnumerable<IAgent> AgentsFor(ThreadPlan plan) =>
        Agents.Select(agent => agent is VenueWires venue && plan.Joins(venue.Role, Trading.Role) ? new InlineFeed(venue, Trading) : agent);

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    private void WatchIncidents()
    {
        foreach (var (venue, reader) in Venues.Zip(Trading.Readers.Select(r => r.Reader)))
        {
            Incidents.Watch(IncidentKind.SlowReader, venue.Name, () => reader.LostTotal);
            Incidents.Watch(IncidentKind.ExecutionBacklog, venue.Name, () => Router.LateOf(venue.Id));
            Incidents.Watch(IncidentKind.VenueSilent, venue.Name, () => venue.Ingest.Statistics.VenueSilences);
            Incidents.WatchBursts(venue.Name, () => venue.Ingest.Statistics.Frames);
        }

        foreach (var observer in Observers) Incidents.Watch(IncidentKind.ObserverLost, observer);
        Incidents.Watch(IncidentKind.Restart, IncidentRecord.NodeSubject);
        Incidents.Watch(IncidentKind.InputFault, IncidentRecord.EngineSubject, () => Engine.Faults);
    }

    private VenueWires WireVenue(PipelineSetup setup, VenueSetup venue, VenueId id)
    {
        var (profile, clock) = (venue.Venue.Profile, setup.Clock);
        var instruments = Engine.Instruments.All.Where(i => i.Venue == id).ToList();
        var rest = Own(new RestPool(new RestPoolOptions { Endpoint = venue.Endpoints.Rest, Limits = profile.RestLimits, BannedStatus = profile.BannedStatus }));
        var seed = (ulong)setup.Configuration.Seed ^ ((ulong)id.Value << 56);

        // 1: the market-data connections, one of most venues; the first one's way through the network is observed.  2: its raw frames
        // go to capture, which never waits.
        var tap = setup.Configuration.Capture ? new FrameRing(CaptureRingBytes) : null;
        var path = setup.CreatePath?.Invoke(profile.Name);
        var lines = new List<IngestLine>();
        for (var i = 0; i < FeedsOf(setup, profile); i++)
        {
            var protocol = venue.Venue.CreateFeed(new FeedContext(id, Engine.Instruments));
            var options = new FeedSessionOptions
            {
                Name = profile.Name, Stream = venue.Endpoints.PublicStream, Instruments = instruments,
                Link = Link(profile, profile.FeedKeepAlive, seed + (ulong)i) with { OutboundFrames = profile.OutboundFrames },
            };
            lines.Add(new IngestLine(protocol, new FeedSession(options, protocol, new RestClient(rest, clock), clock, listener: null, i == 0 ? tap : null, i == 0 ? path : null)));
        }

        // 3–5: decode, synchronise, check, merge, publish to the venue's ring.
        var ring = Own(BroadcastRing<MarketEvent>.Create(Path.Combine(setup.RingFolder, profile.Name + ".ring"), setup.Configuration.RingCapacity));
        var quarantine = Quarantine(setup, profile.Name);
        var publisher = new RingPublisher(ring);
        var hours = venue.Calendar is { } calendar ? new SessionGate(publisher, calendar, id, instruments) : null;
        var ingest = new MergedIngest(
            new IngestSetup
            {
                Venue = id, Protocol = lines[0].Protocol, Instruments = Engine.Instruments, Rule = profile.BookSync, Control = lines[0].Control,
                Publisher = (IEventPublisher?)hours ?? publisher, Quarantine = quarantine, Path = path,
            }, lines, instruments);
        List<FeedSession> feeds = [.. lines.Select(l => (FeedSession)l.Control)];
        for (var i = 0; i < feeds.Count; i++) feeds[i].Attach(ingest.Lines[i]);

        // 9–10: the order connection, where there are keys and the permit for it.
        var kept = venue.Credentials is null || setup.Permit is null ? null : Quarantine(setup, profile.Name + "-orders");
        var orders = WireOrders(setup, venue, id, instruments, rest, seed, kept);
        var detached = orders is null || profile.Capabilities.HasFlag(VenueCapabilities.WebSocketOrderEntry) ? null : Own(new DetachedOrders(orders, Router));
        if (orders is not null) Router.Attach(id, (IOrderGateway?)detached ?? orders);
        if (Paper is not null) Router.Attach(id, Paper.GatewayOf(id));
        var capture = tap is null ? null : new CaptureWriter(new CaptureOptions { Folder = Path.Combine(setup.Data, "capture"), Venue = profile.Name }, tap, ToUnixNs(setup));
        return new VenueWires(id, profile.Name, feeds, ingest, ring, orders, clock)
        {
            IsOnPaper = Paper is not null,
            Hours = hours, WallClock = setup.WallClock, Detached = detached, InstrumentCount = instruments.Count, Quarantine = quarantine, PrivateQuarantine = kept, Tap = tap, Capture = capture, Path = path,
        };
    }

    private static int FeedsOf(PipelineSetup setup, VenueProfile profile) =>
        setup.Configuration.Venues.FirstOrDefault(v => v.Name.Equals(profile.Name, StringComparison.OrdinalIgnoreCase))?.Feeds ?? 1;

    private OrderSession? WireOrders(PipelineSetup setup, VenueSetup venue, VenueId id, List<Instrument> instruments, RestPool rest, ulong seed, QuarantineFile? unreadable)
    {
        if (venue.Credentials is null || setup.Permit?.Covers(venue.Endpoints) != true) return null;
        var profile = venue.Venue.Profile;
        if (venue.CreateOrders(id, Engine.Instruments) is not { } protocol) return null;
        return new OrderSession(
            new OrderSessionOptions
            {
                Name = profile.Name, Venue = id, Stream = venue.Endpoints.PrivateStream, EntryStream = venue.Endpoints.OrderEntry, Instruments = instruments,
                Link = Link(profile, profile.OrderKeepAlive, ~seed), OrderLimits = profile.OrderLimits, Amends = profile.Amends, Kill = Kill,
            },
            protocol, new RestClient(rest, setup.Clock), setup.Clock, setup.WallClock, Router, unreadable is null ? null : unreadable.Add);
    }

    private QuarantineFile Quarantine(PipelineSetup setup, string name) => Own(new QuarantineFile(
        new FileStream(Path.Combine(setup.Data, $"quarantine-{name}.jsonl"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), name: name));

    private static SocketLinkOptions Link(VenueProfile profile, KeepAlive keepAlive, ulong seed) => new()
    {
        PingInterval = keepAlive.PingInterval, SilenceMax = keepAlive.SilenceMax, FrameBytesMax = profile.FrameBytesMax,
        ConnectionAgeMax = profile.ConnectionAgeMax, Seed = seed,
    };

    /// <summary>The mapping a capture is stamped with: read once, so that stamps keep the order of the monotonic clock.</summary>
    private static Func<long, long> ToUnixNs(PipelineSetup setup)
    {
        var offsetNs = ClockPair.UnixAtZeroNs(setup.WallClock, setup.Clock);
        return nowNs => nowNs + offsetNs;
    }

    private T Own<T>(T item) where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }
}

/// <param name="Venue">The adapter.</param>
/// <param name="Endpoints">Its own, or those of the configuration.</param>
/// <param name="Credentials">Null: market data only.</param>
internal sealed record VenueSetup(IVenue Venue, VenueEndpoints Endpoints, Credentials? Credentials)
{
    /// <summary>When it trades; null: always.</summary>
    public TradingCalendar? Calendar { get; init; }

    /// <summary>Null without keys, and for a market-data-only venue.</summary>
    /// <exception cref="Problem">The keys are not of the kind the venue signs with; they are not repeated.</exception>
    public IOrderProtocol? CreateOrders(VenueId id, InstrumentTable instruments)
    {
        if (Credentials is null) return null;
        try
        {
            return Venue.CreateOrders(new OrderContext(id, instruments, Credentials));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or System.Security.Cryptography.CryptographicException)
        {
            throw new Problem(
                ExitCode.Configuration, $"the keys of venue '{Venue.Profile.Name}' cannot be used", "keys", "the secret is not in the form the venue signs with",
                $"compare it with the venue's own page; src/Penstock.Venues has a README for {Venue.Profile.DisplayName}");
        }
    }
}

/// <summary>What a pipeline is made from.</summary>
internal sealed record PipelineSetup
{
    public required NodeConfiguration Configuration { get; init; }

    public required TradingEngine Engine { get; init; }

    public required IReadOnlyList<VenueSetup> Venues { get; init; }

    /// <summary>Null: no order session is made, whatever keys there are.</summary>
    public OrderPermit? Permit { get; init; }

    /// <summary>Orders meet a simulation in this process; null without. Never together with a permit.</summary>
    public PaperOptions? Paper { get; init; }

    public required JournalWriter Journal { get; init; }

    /// <summary>Follows the journal and takes the snapshots; null without.</summary>
    public ShadowEngine? Shadow { get; init; }

    public required string Data { get; init; }

    public required string RingFolder { get; init; }

    /// <summary>Where latencies are recorded; the node's own lie in its counter file.</summary>
    public Latencies Latencies { get; init; } = new(new Histogram(), new Histogram(), new Histogram());

    /// <summary>Makes what watches a venue's network path, by the venue's name; null watches none.</summary>
    public Func<string, PathObserver>? CreatePath { get; init; }

    public required IMonotonicClock Clock { get; init; }

    public required IWallClock WallClock { get; init; }
}
