using Penstock.Connectivity;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Transport;
using Penstock.Infrastructure.Time;
using Penstock.MarketData.Bus;
using Penstock.MarketData.Ingest;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Node.Configuration;
using Penstock.Testing.Faults;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;
using Penstock.Tests.Connectivity.Transport;

namespace Penstock.Tests.Connectivity.Network;

/// <summary>The real session and ingest against simulated venues whose clocks are 1.3 s ahead, over loopback.</summary>
[Trait("requirement", "R50")]
public sealed class SkewedVenueTests
{
    private const long SkewNs = 1_300_000_000;

    /// <summary>One venue delays every market frame by 200 ms: its stamps say less, its own time as much as before.</summary>
    [Fact]
    public async Task The_offset_of_a_venues_clock_is_found_within_its_bound()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string[] names = ["binance", "kraken", "htx"];
        var venues = new List<SimulatedExchange>();
        var feeds = new List<Feed>();
        try
        {
            foreach (var name in names)
            {
                var venue = await SimulatedExchange.StartAsync(new SimulatedVenueOptions { Name = name, Seed = 3 }, new Ahead(),
                    cancel: timeout.Token);
                venues.Add(venue);
                feeds.Add(new Feed(name, venue));
            }

            venues[0].Faults.DelayMs = 200;
            venues[0].Faults.SetRate(FaultKind.DelayFrame, 1_000_000);
            LoopbackServer.Until(
                () => feeds.All(f => f.Path.Statistics is { ClockBounds: 2, ProbesAnswered: > 0 } && f.Path.ArrivalGaps.Count > 3),
                [.. feeds.Select(f => (Action)f.DoWork)]);
            foreach (var feed in feeds)
            {
                var s = feed.Path.Statistics;
                Assert.InRange(SkewNs, s.ClockOffsetNsMin, s.ClockOffsetNsMax);
                Assert.True(s.ConnectNs > 0 && s.UpgradeNs > 0 && s.RoundTripNs > 0, feed.Name);
                Assert.Equal((0L, 0L, 0L), (s.ClockSteps, s.ClockFailures, s.PongsUnmatched));
            }

            // What is known of Kraken's clock cannot be better than its whole seconds; a venue that tells milliseconds is known well.
            Assert.InRange(feeds[2].Path.Statistics.ClockOffsetNsMax - feeds[2].Path.Statistics.ClockOffsetNsMin, 1, 900_000_000);
        }
        finally
        {
            foreach (var feed in feeds) feed.Dispose();
            foreach (var venue in venues) await venue.DisposeAsync();
        }
    }

    private sealed class Ahead : IWallClock
    {
        public long UnixNs => SystemWallClock.Instance.UnixNs + SkewNs;
    }

    private sealed class Feed : IEventPublisher, IDisposable
    {
        private readonly RestPool _rest;
        private readonly FeedSession _session;
        private readonly FeedIngest _ingest;

        public Feed(string name, SimulatedExchange exchange)
        {
            Assert.True(Catalogs.Venues.TryCreate(name, out var venue));
            Name = name;
            var clock = MonotonicClock.Instance;
            var table = new InstrumentTable();
            var listed = new List<Instrument>();
            using var http = new HttpClient();
            venue!.Instruments.Parse(
                new VenueId(1), http.GetByteArrayAsync(new Uri(exchange.Rest,
                    venue.Instruments.Request(["BTC-USDT"]).PathAndQuery)).GetAwaiter().GetResult(), listed, []);
            table.Add(listed.Find(i => i.Symbol == "BTC-USDT")!);
            Path = new PathObserver(ClockPair.UnixAtZeroNs(SystemWallClock.Instance, clock));
            _rest = new RestPool(new RestPoolOptions { Endpoint = exchange.Rest, Limits = venue.Profile.RestLimits });
            var protocol = venue.CreateFeed(new FeedContext(new VenueId(1), table));
            _session = new FeedSession(
                new FeedSessionOptions { Name = name, Stream = exchange.PublicStream, Instruments = table.All,
                    ServerTime = venue.Profile.ServerTime },
                protocol, new RestClient(_rest, clock), clock, path: Path);
            _ingest = new FeedIngest(
                new IngestSetup
                {
                    Venue = new VenueId(1), Protocol = protocol, Instruments = table, Rule = venue.Profile.BookSync, Control = _session,
                    Publisher = this, Path = Path,
                }, table.All);
            _session.Attach(_ingest);
        }

        public string Name { get; }

        public PathObserver Path { get; }

        public void DoWork()
        {
            _session.DoWork();
            _ingest.Step(MonotonicClock.Instance.NowNs);
        }

        public void Publish(Span<MarketEvent> events)
        {
        }

        public void Dispose()
        {
            _session.OnStop();
            _rest.Dispose();
        }
    }
}
