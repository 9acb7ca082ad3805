using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;
using Penstock.Testing.Faults;
using Penstock.Testing.Flow;
using Penstock.Testing.Hosting;
using Penstock.Testing.Protocols;
using Penstock.Tests.Venues;

namespace Penstock.Tests.Testing;

[Trait("requirement", "R67")]
public sealed class FaultTests
{
    [Theory]
    [InlineData(FaultKind.DropFrame, -1)]
    [InlineData(FaultKind.DuplicateFrame, 1)]
    [InlineData(FaultKind.SequenceGap, -1)]
    [InlineData(FaultKind.ReorderFrame, 0)]
    [InlineData(FaultKind.DelayFrame, 0)]
    public void A_frame_fault_changes_the_stream_as_its_name_says_and_is_counted(FaultKind kind, int difference)
    {
        var expected = Stream(null);
        var actual = Stream(kind);
        Assert.Equal(expected.Count + difference, actual.Count);
        if (kind == FaultKind.DelayFrame) Assert.Equal(expected, actual);
        else Assert.NotEqual(expected, actual);
        if (kind == FaultKind.ReorderFrame) Assert.Equal(expected.Order(), actual.Order());
    }

    [Fact]
    public void A_silent_venue_keeps_the_socket_and_says_nothing_then_comes_back()
    {
        var sim = Subscribed(out var frames);
        sim.Venue.Faults.SilenceMs = 2_000;
        sim.Venue.Faults.Arm(FaultKind.Silence);
        sim.Run(1_900);
        Assert.Empty(frames.Take());
        Assert.False(frames.IsCut);
        sim.Run(1_000);
        Assert.NotEmpty(frames.Take());
    }

    [Fact]
    public void A_disconnect_cuts_the_connection_and_nothing_follows()
    {
        var sim = Subscribed(out var frames);
        sim.Venue.Faults.Arm(FaultKind.Disconnect);
        sim.Run(10);
        frames.Take();
        Assert.True(frames.IsCut);
        sim.Run(500);
        Assert.Empty(frames.Take());
        Assert.Equal(1, sim.Venue.Faults.Injected(FaultKind.Disconnect));
    }

    [Fact]
    public void A_bad_checksum_is_off_once_and_right_again()
    {
        var clean = KrakenChecksums(null);
        var bad = KrakenChecksums(FaultKind.BadChecksum);
        Assert.Equal(clean.Count, bad.Count);
        Assert.Equal(1, clean.Zip(bad).Count(p => p.First != p.Second));
    }

    [Fact]
    public void An_order_is_refused_an_ack_is_lost_and_a_cancelled_order_fills_late_when_asked()
    {
        var sim = new SteppedVenue("binance", flow: FlowOptions.Still);
        var (session, frames) = sim.Open("/ws-api/v3");
        sim.Send(session, BinanceVenueTests.Signed(sim, "userDataStream.subscribe.signature", []));
        frames.Take();

        sim.Venue.Faults.Arm(FaultKind.RejectOrder);
        Place(sim, session, "refused");
        Assert.Contains("-2010", frames.Take().Single());

        sim.Venue.Faults.Arm(FaultKind.LoseAck);
        Place(sim, session, "unanswered");
        Assert.DoesNotContain(frames.Take(), f => f.Contains("\"status\":200"));
        Assert.Single(sim.Venue.Market.OpenOrders());

        sim.Venue.Faults.Arm(FaultKind.LateFill);
        sim.Send(session, BinanceVenueTests.Signed(sim, "order.cancel", new() { ["symbol"] = "BTCUSDT", ["origClientOrderId"] = "unanswered" }));
        var told = frames.Take();
        Assert.Contains("\"CANCELED\"", told[0]);
        Assert.Contains("\"x\":\"TRADE\"", told[1]);
        Assert.Contains("\"x\":\"CANCELED\"", told[2]);
        Assert.Equal(0.001m, sim.Venue.Market.Trades.Single().Quantity.ToDecimal());
        foreach (var asset in sim.Venue.Market.Ledger.Assets) Assert.Equal(Int128.Zero, sim.Venue.Market.Ledger.Total(asset));
    }

    [Theory]
    [InlineData("binance", "/api/v3/time")]
    [InlineData("kraken", "/0/public/Time")]
    [InlineData("okx", "/api/v5/public/time")]
    public void Rest_fails_with_429_and_500_when_asked_and_then_works(string name, string path)
    {
        var sim = new SteppedVenue(name, flow: FlowOptions.Still);
        sim.Venue.Faults.Arm(FaultKind.HttpTooManyRequests);
        var throttled = sim.Get(path);
        Assert.Equal(429, throttled.Status);
        Assert.Contains(throttled.Headers, h => h.Key == "Retry-After");
        sim.Venue.Faults.Arm(FaultKind.HttpServerError);
        Assert.Equal(500, sim.Get(path).Status);
        Assert.Equal(200, sim.Get(path).Status);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_bytes(string name)
    {
        Assert.Equal(Bytes(name, 3), Bytes(name, 3));
        Assert.NotEqual(Bytes(name, 3), Bytes(name, 4));
    }

    public static TheoryData<string> Names => [.. SimulatedVenueCatalog.Names];

    /// <summary>Subscribes to everything as a client of the venue does, whatever it has to ask for before.</summary>
    private static List<string> Bytes(string name, ulong seed)
    {
        var sim = new SteppedVenue(name, seed);
        var venue = FeedFixtures.Create(name);
        List<Instrument> listed = [];
        Assert.Equal(QuarantineCause.None, venue.Instruments.Parse(new VenueId(1), Call(sim, venue.Instruments.Request(sim.Venue.Symbols)), listed, []));
        var table = new InstrumentTable();
        foreach (var instrument in listed) table.Add(instrument);
        var feed = venue.CreateFeed(new FeedContext(new VenueId(1), table));
        if (feed.ConnectRequest() is { } request) Assert.True(feed.AcceptConnect(Call(sim, request)));
        var path = feed.ConnectPath(table.All);
        var target = new Uri(path.StartsWith("ws", StringComparison.Ordinal) ? path : "ws://x" + sim.Venue.PublicPath + path);
        var (session, frames) = sim.Open(target.AbsolutePath, target.Query.TrimStart('?'));
        var (writer, batch) = (new FrameWriter(), new FeedBatch(table));
        feed.WriteSubscribe(table.All, writer);
        sim.Venue.Faults.SetRate(FaultKind.DropFrame, 50_000);
        for (var heard = 0; sim.NowMs < 1_700_000_001_000; sim.Run(10))
        {
            for (; heard < frames.Frames.Count; heard++) feed.Decode(Encoding.UTF8.GetBytes(frames.Frames[heard]), batch);
            feed.WritePending(writer);
            for (var i = 0; i < writer.FrameCount; i++) session.OnText(writer.Frame(i), sim.NowNs);
            writer.Clear();
        }

        return frames.Take();
    }

    private static byte[] Call(SteppedVenue sim, RestRequest request)
    {
        var parts = request.PathAndQuery.Split('?', 2);
        return sim.Venue.Handle(new VenueHttpRequest
        {
            Method = request.Method.Method, Path = parts[0], Query = parts.Length > 1 ? parts[1] : "", Body = request.Body ?? "",
        }, sim.NowNs).BodyBytes;
    }

    private static void Place(SteppedVenue sim, ProtocolSession session, string id) =>
        sim.Send(session, BinanceVenueTests.Signed(sim, "order.place", new()
        {
            ["symbol"] = "BTCUSDT", ["side"] = "BUY", ["type"] = "LIMIT", ["timeInForce"] = "GTC", ["price"] = "50000.00",
            ["quantity"] = "0.00200", ["newClientOrderId"] = id,
        }));

    private static SteppedVenue Subscribed(out FrameCollector frames)
    {
        var sim = new SteppedVenue("binance");
        (var session, frames) = sim.Open("/stream");
        sim.Send(session, """{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}""");
        frames.Take();
        return sim;
    }

    private static List<string> Stream(FaultKind? kind)
    {
        var sim = Subscribed(out var frames);
        sim.Run(300);
        if (kind is { } fault) sim.Venue.Faults.Arm(fault);
        sim.Run(1_000);
        if (kind is { } injected) Assert.Equal(1, sim.Venue.Faults.Injected(injected));
        return frames.Take();
    }

    private static List<uint> KrakenChecksums(FaultKind? kind)
    {
        var sim = new SteppedVenue("kraken");
        var (session, frames) = sim.Open("/v2");
        sim.Send(session, """{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USDT"],"depth":10}}""");
        if (kind is { } fault) sim.Venue.Faults.Arm(fault);
        sim.Run(500);
        return [.. frames.Take().Where(f => f.Contains("\"checksum\""))
            .Select(f => SteppedVenue.Parse(f).GetProperty("data")[0].GetProperty("checksum").GetUInt32())];
    }
}
