using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Penstock.Connectivity;
using Penstock.Connectivity.Sessions;
using Penstock.Connectivity.Signing;
using Penstock.Infrastructure.Journal;
using Penstock.Infrastructure.Problems;
using Penstock.Infrastructure.Time;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Model.Numbers;
using Penstock.Model.Orders;
using Penstock.Node;
using Penstock.Node.Commands;
using Penstock.Node.Configuration;
using Penstock.Node.Wiring;
using Penstock.Tests.Trading;
using Penstock.Trading.Recovery;

namespace Penstock.Tests.Node;

/// <summary>Where orders may go: the environment says it, --live confirms it, and a pipeline without a permit has nothing to send one with.</summary>
[Trait("requirement", "E2")]
public sealed class OrderPermitTests : IDisposable
{
    private static readonly Credentials Keys = new() { ApiKey = "key", Secret = Convert.ToBase64String(new byte[32]), Passphrase = "p" };

    private readonly string _folder = Directory.CreateTempSubdirectory("penstock-permit").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(NodeEnvironment.Paper, false, "http://127.0.0.1:1", false)]
    [InlineData(NodeEnvironment.Sim, false, "http://127.0.0.1:1", true)]
    [InlineData(NodeEnvironment.Sim, false, "http://localhost:1", true)]
    [InlineData(NodeEnvironment.Sim, false, "http://[::1]:1", true)]
    [InlineData(NodeEnvironment.Sim, false, "https://api.kraken.com", false)]
    [InlineData(NodeEnvironment.Sim, false, "https://127.0.0.1.kraken.com", false)]
    [InlineData(NodeEnvironment.Sim, false, "https://localhost.kraken.com", false)]
    [InlineData(NodeEnvironment.Sim, false, "http://10.0.0.1", false)]
    [InlineData(NodeEnvironment.Live, true, "https://api.kraken.com", true)]
    public void Simulated_venues_are_at_loopback_and_real_ones_take_both_words(NodeEnvironment environment, bool live, string address, bool covered)
    {
        var permit = OrderPermit.For(new NodeConfiguration { Environment = environment }, live);
        Assert.Equal(covered, permit?.Covers(EndpointsAt(new Uri(address))) == true);
        // One address that leads out is enough.
        var (here, outside) = (EndpointsAt(new Uri("http://127.0.0.1:1")), new Uri("wss://a.example"));
        Assert.Equal(environment == NodeEnvironment.Live, permit?.Covers(here with { PrivateStream = outside }) == true);
        Assert.Equal(environment == NodeEnvironment.Live, permit?.Covers(here with { OrderEntry = outside }) == true);
    }

    [Theory]
    [InlineData("live", false, "penstock run --live")]
    [InlineData("sim", true, "leave --live away")]
    [InlineData("paper", true, "leave --live away")]
    public void One_word_without_the_other_ends_before_keys_are_read_or_anything_connects(string environment, bool live, string next)
    {
        var file = Path.Combine(_folder, "node.json");
        var data = Path.Combine(_folder, "data");
        File.WriteAllText(file, new JsonObject
        {
            ["name"] = "n", ["environment"] = environment,
            ["keys"] = new JsonObject { ["store"] = Path.Combine(_folder, "there-is-none"), ["accounts"] = new JsonObject { ["kraken"] = "main" } },
            ["venues"] = new JsonArray(
                new JsonObject { ["name"] = "kraken", ["symbols"] = new JsonArray("BTC-USDT"), ["rest"] = "http://127.0.0.1:1" }),
        }.ToJsonString());
        string[] words = ["--config", file, "--data", data, .. live ? ["--live"] : Array.Empty<string>()];
        var problem = Assert.Throws<Problem>(() => RunCommand.Execute(new Words(words)));
        Assert.Equal(ExitCode.Configuration, problem.Code);
        var shown = new StringWriter();
        problem.Print(shown);
        Assert.Contains(next, shown.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void On_paper_the_keys_named_are_not_even_read()
    {
        var configuration = new NodeConfiguration
        {
            Environment = NodeEnvironment.Paper,
            Keys = new KeysConfiguration
            {
                Store = Path.Combine(_folder, "there-is-none"), Accounts = new Dictionary<string, string> { ["kraken"] = "main" },
            },
        };
        Assert.Empty(AccountKeys.Load(configuration, plainFile: null));
        // The same file opens in the other two, or rather does not.
        foreach (var environment in (NodeEnvironment[])[NodeEnvironment.Sim, NodeEnvironment.Live])
        {
            var problem = Assert.Throws<Problem>(() => AccountKeys.Load(configuration with { Environment = environment }, plainFile: null));
            Assert.Equal(ExitCode.NotFound, problem.Code);
        }
    }

    [Fact]
    public void A_simulation_with_keys_and_the_exchanges_own_address_is_refused()
    {
        var venue = Catalogs.Venues.TryCreate("kraken", out var found) ? found! : throw new InvalidOperationException("kraken");
        var permit = OrderPermit.For(new NodeConfiguration { Environment = NodeEnvironment.Sim }, live: false);
        var problem = Assert.Throws<Problem>(() => permit!.Check([new VenueSetup(venue, venue.Profile.Live, Keys)]));
        Assert.Equal(ExitCode.Configuration, problem.Code);
        permit!.Check([new VenueSetup(venue, venue.Profile.Live, Credentials: null)]);
    }

    /// <summary>Keys are handed in as if they had been read: there is still nothing an order could leave through, and nobody calls.</summary>
    [Fact]
    public void A_pipeline_on_paper_has_no_order_session_and_an_order_is_written_to_no_socket()
    {
        using var door = new TcpListener(IPAddress.Loopback, 0);
        door.Start();
        using (var world = new Wired(_folder, NodeEnvironment.Paper, (IPEndPoint)door.LocalEndpoint))
        {
            Assert.All(world.Pipeline.Venues, v => Assert.True(v.Orders is null && v.Detached is null && v.PrivateQuarantine is null));
            Assert.DoesNotContain(world.Pipeline.Agents, a => a is OrderSession or DetachedOrders);
            world.SendThroughTheRouter();
            Assert.Equal(0, world.Pipeline.Router.Statistics.OrdersSent);
            Assert.Equal(2, world.Pipeline.Router.Statistics.NotConnected);
            Assert.False(door.Pending());
        }

        // What would have called at the door is there with a permit: the test above can fail.
        using var permitted = new Wired(_folder, NodeEnvironment.Sim, (IPEndPoint)door.LocalEndpoint);
        Assert.All(permitted.Pipeline.Venues, v => Assert.NotNull(v.Orders));
        permitted.StepOrders();
        Assert.True(SpinWait.SpinUntil(door.Pending, TimeSpan.FromSeconds(20)));
    }

    private static VenueEndpoints EndpointsAt(Uri address) =>
        new() { Rest = address, PublicStream = address, PrivateStream = address, OrderEntry = address };

    /// <summary>Three venues with keys whose private addresses all lead to one door; the feeds lead nowhere and are not stepped.</summary>
    private sealed class Wired : IDisposable
    {
        private readonly JournalWriter _journal;
        private readonly ManualClock _clock = new();

        public Wired(string folder, NodeEnvironment environment, IPEndPoint door)
        {
            var data = Directory.CreateDirectory(Path.Combine(folder, environment.ToString())).FullName;
            var rings = Directory.CreateDirectory(Path.Combine(data, "rings")).FullName;
            var journal = Path.Combine(data, "journal");
            _journal = JournalWriter.Open(new JournalOptions { Directory = journal, SegmentBytes = 1 << 20, CreatedBy = "test" });
            var configuration = NodeBench.Configuration with { Environment = environment, Capture = false };
            var engine = EngineFactory.Create(NodeBench.Blueprint);
            var stream = new Uri($"ws://{door}");
            Pipeline = new Pipeline(new PipelineSetup
            {
                Configuration = configuration, Permit = OrderPermit.For(configuration, live: false), Engine = engine, Journal = _journal,
                Data = data, RingFolder = rings, Clock = _clock, WallClock = _clock,
                Venues =
                [
                    .. NodeBench.Blueprint.Venues.Select(name => new VenueSetup(
                        Catalogs.Venues.TryCreate(name, out var venue) ? venue! : throw new InvalidOperationException(name),
                        EndpointsAt(stream) with { Rest = new Uri($"http://{door}"), PublicStream = new Uri("ws://127.0.0.1:9") }, Keys)),
                ],
            });
            engine.BeginSession(new SessionInfo(1, 1, 1, ""), _journal, Pipeline.Router);
        }

        public Pipeline Pipeline { get; }

        /// <summary>An order approved by a gate that lets it pass, for two of the venues.</summary>
        public void SendThroughTheRouter()
        {
            // As many instruments as the fixtures' gate knows.
            foreach (var instrument in Pipeline.Engine.Instruments.All.Take(2)) Pipeline.Router.Place(Fixtures.Approved(new OrderRequest
            {
                ClientOrderId = ClientOrderId.Of(1, instrument.Id.Value), Instrument = instrument.Id, Side = Side.Buy, Price = Price.From(100),
                Quantity = Quantity.From(1),
            }));
            StepOrders();
        }

        public void StepOrders()
        {
            for (var i = 0; i < 100; i++)
            {
                foreach (var agent in Pipeline.Agents.Except(Pipeline.Venues)) agent.DoWork();
                _clock.AdvanceMs(10);
            }
        }

        public void Dispose()
        {
            foreach (var agent in Pipeline.Agents) agent.OnStop();
            Pipeline.Dispose();
            _journal.Dispose();
        }
    }
}
