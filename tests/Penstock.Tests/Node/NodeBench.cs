using Penstock.Connectivity;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Counters;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Threads;
using Penstock.Infrastructure.Time;
using Penstock.Node;
using Penstock.Node.Configuration;
using Penstock.Node.Hosting;
using Penstock.Node.Logging;
using Penstock.Node.Reporting;
using Penstock.Node.Wiring;

namespace Penstock.Tests.Node;

/// <summary>A node's real pipeline in a folder of its own, wired to addresses where nobody listens and never started.</summary>
internal sealed class NodeBench : IDisposable
{
    private readonly JournalWriter _journal;

    public NodeBench(ThreadPlan plan)
    {
        Folder = Directory.CreateTempSubdirectory("penstock-node").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "rings"));
        _journal = JournalWriter.Open(new JournalOptions { Directory = Path.Combine(Folder, "journal"), SegmentBytes = 1 << 20, CreatedBy = "test" });
        Counters = CounterFile.Create(Path.Combine(Folder, "counters"), NodeCounters.All, 4095, 64);
        Log = new NodeLog(Path.Combine(Folder, "node.jsonl"), null, Clock, Clock);
        var engine = EngineFactory.Create(Blueprint);
        Pipeline = new Pipeline(new PipelineSetup
        {
            Configuration = Configuration, Permit = OrderPermit.For(Configuration, live: false), Engine = engine,
            Venues = [.. Blueprint.Venues.Select(Venue)], Journal = _journal, Data = Folder, RingFolder = Path.Combine(Folder, "rings"), Clock = Clock, WallClock = Clock,
            CreatePath = venue => new PathObserver(0, Counters.AddHistogram(NodeCounters.PathRoundTrips.Id, venue),
                Counters.AddHistogram(NodeCounters.PathArrivalGaps.Id, venue)),
            Latencies = new Latencies(Counters.AddHistogram(NodeCounters.DecisionNs.Id), Counters.AddHistogram(NodeCounters.ExecutionNs.Id), Counters.AddHistogram(NodeCounters.TickToDecisionNs.Id)),
        });
        Threads = new NodeThreads(plan, Pipeline, [], _journal, Counters, Log, Clock);
    }

    public static NodeConfiguration Configuration { get; } = new()
    {
        Environment = NodeEnvironment.Sim, Capture = true, RingCapacity = 1024,
        Venues = [new VenueConfiguration { Name = "kraken", Symbols = ["BTC-USDT"], Feeds = 2 }],
    };

    public static EngineBlueprint Blueprint { get; } = new()
    {
        Venues = ["binance", "kraken", "okx"],
        Instruments = [.. Enumerable.Range(1, 3).Select(venue => new InstrumentEntry
        {
            Venue = (byte)venue, Symbol = "BTC-USDT", VenueSymbol = $"V{venue}", RestSymbol = $"R{venue}", Base = "BTC", Quote = "USDT", TickRaw = 1_000_000, LotRaw = 1_000,
            QuantityMinRaw = 1_000, NotionalMinRaw = "170141183460469231731687303715884105727", PriceDecimals = 2, QuantityDecimals = 5, VenueCode = 42,
        })],
        Strategies = [new StrategyConfiguration { Name = "market-making", Instrument = "BTC-USDT.OKX" }],
        Risk = new RiskConfiguration { Limits = new Dictionary<string, string> { ["daily-loss"] = "5000", ["position strategy:1"] = "2" } },
    };

    public string Folder { get; }

    public ManualClock Clock { get; } = new();

    public CounterFile Counters { get; }

    public NodeLog Log { get; }

    public Pipeline Pipeline { get; }

    public NodeThreads Threads { get; }

    public JournalWriter Journal => _journal;

    public void Dispose()
    {
        foreach (var runner in Threads.Runners) runner.StopAgents();
        Pipeline.Dispose();
        Counters.Dispose();
        Log.Dispose();
        _journal.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static VenueSetup Venue(string name)
    {
        Assert.True(Catalogs.Venues.TryCreate(name, out var venue));
        var nowhere = new Uri("ws://127.0.0.1:9");
        return new VenueSetup(
            venue!, new VenueEndpoints { Rest = new Uri("http://127.0.0.1:9"), PublicStream = nowhere, PrivateStream = nowhere, OrderEntry = nowhere },
            new Credentials { ApiKey = "key", Secret = Convert.ToBase64String(new byte[32]), Passphrase = "p" });
    }
}
