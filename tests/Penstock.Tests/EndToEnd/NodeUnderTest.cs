using System.Runtime.Versioning;
using Penstock.Connectivity;
using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Rings;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Node;
using Penstock.Node.Commands;
using Penstock.Node.Configuration;
using Penstock.Node.Logging;
using Penstock.Node.Wiring;
using Penstock.Strategies;
using Penstock.Trading.Recovery;
using Penstock.Trading.Risk;
using Penstock.Tests.Venues;

namespace Penstock.Tests.EndToEnd;

/// <summary>The machine's monotonic clock, which a test may push forward: timeouts of seconds pass at once.</summary>
internal sealed class PushedClock : IMonotonicClock
{
    private long _aheadNs;

    public long NowNs => MonotonicClock.Instance.NowNs + Volatile.Read(ref _aheadNs);

    public void Push(TimeSpan time) => Interlocked.Add(ref _aheadNs, (long)time.TotalNanoseconds);
}

/// <summary>A node without its threads: the program's own pipeline, journal and recovery, stepped by the test.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NodeUnderTest
{
    private const int BackgroundEvery = 64;

    private readonly JournalWriter _journal;
    private readonly IAgent[] _hot;
    private readonly string _journalFolder;
    private readonly ShadowEngine _shadow;
    private readonly IAgent[] _background;
    private readonly NodeLog _log = new(file: null, console: null, MonotonicClock.Instance, SystemWallClock.Instance);
    private readonly BookKeeper _books;
    private readonly RingReader<MarketEvent>[] _readers;
    private readonly MarketEvent[] _events = new MarketEvent[4096];
    private long _steps;
    private bool _gone;

    public NodeUnderTest(string folder, NodeConfiguration configuration, IReadOnlyList<(string Name, VenueEndpoints Endpoints, Credentials? Credentials)> venues, IMonotonicClock clock)
    {
        _journalFolder = Path.Combine(folder, "journal");
        var rings = Path.Combine(folder, "rings");
        Directory.CreateDirectory(rings);
        // Durability has its own tests; here a sync per group commit would only slow the sockets.
        _journal = JournalWriter.Open(new JournalOptions { Directory = _journalFolder, SegmentBytes = 4 << 20, Flush = _ => { } });
        var setups = venues.Select(v => new VenueSetup(VenueOf(v.Name), v.Endpoints, v.Credentials)).ToList();
        var (engine, blueprint, session) = NodeRecovery.Engine(
            _journal, _journalFolder, NodeRecovery.Snapshots(_journalFolder), configuration, setups, "test", _log, new DateOnly(2026, 11, 21));
        _shadow = new ShadowEngine(
            new ShadowOptions { Journal = _journalFolder, Snapshots = NodeRecovery.Snapshots(_journalFolder), RecordsPerSnapshot = 2_000 }, NodeRecovery.Create);
        Pipeline = new Pipeline(new PipelineSetup
        {
            Shadow = _shadow,
            Configuration = configuration, Permit = OrderPermit.For(configuration, live: false), Engine = engine,
            Paper = PaperTrading.Of(configuration, blueprint, session, SystemWallClock.Instance, clock),
            Venues = setups, Journal = _journal, Data = folder, RingFolder = rings,
            Clock = clock, WallClock = SystemWallClock.Instance,
        });
        engine.Orders.AddObserver(Rejects);
        engine.BeginSession(new SessionInfo(session, (ulong)configuration.Seed, clock.NowNs, blueprint.ToJson()), _journal, Pipeline.Router);
        _books = new BookKeeper(engine.Instruments);
        _readers = [.. Pipeline.Venues.Select(v => v.Ring.CreateReader())];
        // As on a machine of two cores: one thread reads and decides.
        Feeds = [.. Pipeline.AgentsFor(ThreadPlan.Inline()).OfType<InlineFeed>()];
        _hot =
        [
            .. Feeds, .. Pipeline.Venues.Select(v => v.Detached?.Worker).OfType<IAgent>(),
            .. Pipeline.Venues.Select(v => (IAgent?)v.Detached ?? v.Orders).OfType<IAgent>(), Pipeline.Trading,
        ];
        _background = [.. Pipeline.Agents.Except([.. _hot, .. Pipeline.Venues])];
    }

    /// <summary>The venues' feeds as the thread that decides has them.</summary>
    public IReadOnlyList<IAgent> Feeds { get; }

    public Pipeline Pipeline { get; }

    public TradingEngine Engine => Pipeline.Engine;

    public RejectTally Rejects { get; } = new();

    public VenueWires this[string venue] => Pipeline.Venues.First(v => v.Name == venue);

    /// <summary>The pair's market on the venue, be it the coins or the perpetual contract.</summary>
    public Instrument Instrument(string venue, string symbol) =>
        Engine.Instruments.FindSymbol(this[venue].Id, symbol) ?? Engine.Instruments.FindSymbol(this[venue].Id, TradingWorld.Contract(symbol))!;

    /// <summary>The book as a second reader of the engine's ring keeps it; null before its first event.</summary>
    public IOrderBook? Book(string venue, string symbol) => _books[Instrument(venue, symbol).Id];

    /// <summary>One cycle of every agent.</summary>
    public int Step()
    {
        var work = 0;
        foreach (var agent in _hot) work += agent.DoWork();
        foreach (var reader in _readers) ReadBooks(reader);
        if (++_steps % BackgroundEvery == 0)
        {
            foreach (var agent in _background) agent.DoWork();
        }

        return work;
    }

    public void Send(EngineCommandKind kind, NodeState state = default, InstrumentId instrument = default) =>
        Pipeline.Trading.Commands.Enqueue(new PendingCommand(
            new EngineCommand { Kind = kind, State = state, Instrument = instrument, Who = "test", Why = "test", NowNs = 0 }, new()));

    /// <summary>Ends in order; the final state stands in the journal.</summary>
    public void Stop()
    {
        if (_gone) return;
        _gone = true;
        foreach (var venue in Pipeline.Venues) venue.Ingest.ShedPending();
        Engine.EndSession();
        _shadow.Finish();
        Assert.Null(_shadow.Difference);
        foreach (var agent in _hot) agent.OnStop();
        Release();
        _journal.Dispose();
    }

    /// <summary>Dies: nothing more is written, sent or said.</summary>
    public void Die()
    {
        if (_gone) return;
        _gone = true;
        _journal.Abandon();
        foreach (var agent in _hot) agent.OnStop();
        Release();
    }

    /// <summary>Feeds the whole journal to a new engine.</summary>
    public EngineReplay Replay()
    {
        var replay = new EngineReplay(session => EngineFactory.Create(EngineBlueprint.FromJson(session.Configuration)));
        using var reader = JournalReader.Open(_journalFolder);
        while (reader.TryRead(out var record)) replay.OnRecord(record.Sequence, record.Type, record.Payload);
        Assert.NotEqual(JournalReaderState.Bad, reader.State);
        return replay;
    }

    private void Release()
    {
        _shadow.Dispose();
        foreach (var reader in _readers) reader.Dispose();
        Pipeline.Dispose();
    }

    private void ReadBooks(RingReader<MarketEvent> reader)
    {
        var count = reader.Read(_events, out var lost);
        Assert.Equal(0, lost);
        for (var i = 0; i < count; i++) _books.Apply(in _events[i]);
    }

    private static IVenue VenueOf(string name) => FeedFixtures.Create(name);
}
