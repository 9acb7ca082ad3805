using System.Text;
using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Transport;
using Penstock.MarketData.Books;
using Penstock.Model.Instruments;
using Penstock.Model.Markets;
using Penstock.Testing.Matching;
using Penstock.Testing.Protocols.Bybit;
using Penstock.Tests.Testing;
using Penstock.Venues.Bybit;
using BybitLinearVenue = Penstock.Venues.Bybit.BybitLinearVenue;
using BybitVenue = Penstock.Venues.Bybit.BybitVenue;

namespace Penstock.Tests.Venues.Bybit;

/// <summary>
/// Both markets against their simulated twins without sockets: the list, what the feed sends, what comes back, ingest and book. The end-to-end tests
/// do the same on sockets for spot alone.
/// </summary>
public class BybitTwinTests
{
    [Theory, Trait("requirement", "R21"), Trait("requirement", "E30")]
    [InlineData("bybit", "spot")]
    [InlineData("bybit-linear", "linear")]
    public void A_book_follows_its_twin_through_trades_a_service_restart_and_a_lost_delta(string name, string category)
    {
        IVenue venue = category == "spot" ? new BybitVenue() : new BybitLinearVenue();
        var sim = new SteppedVenue(name);
        var instrument = Listed(venue, sim);
        var bench = new BybitBookBench(venue, instrument);
        var (session, frames) = sim.Open("/v5/public/" + category);
        Send(sim, session, venue, (feed, writer) => feed.WriteSubscribe([instrument], writer));
        void Live(int milliseconds)
        {
            sim.Run(milliseconds);
            foreach (var frame in frames.Take()) bench.Receive(frame);
        }

        Live(1_000);
        Assert.True(bench.Ingest.Statistics.Trades > 0 && bench.Ingest.Statistics.BestBidAsks > 0);
        Assert.Equal((0L, 0L), (bench.Ingest.Statistics.Gaps, bench.Ingest.Statistics.Quarantined));
        ((BybitMarket)sim.Venue).RestartService(sim.NowNs);
        Live(500);
        Assert.Equal((0L, 0, 1), (bench.Ingest.Statistics.Gaps, bench.Control.Resubscribed, bench.Ingest.BooksSynced));

        sim.Venue.Faults.Arm(Penstock.Testing.Faults.FaultKind.SequenceGap);
        Live(500);
        Assert.Equal((1L, 1, 0), (bench.Ingest.Statistics.Gaps, bench.Control.Resubscribed, bench.Ingest.BooksSynced));
        Send(sim, session, venue, (feed, writer) => feed.WriteResubscribe(instrument, writer));
        Live(500);
        Assert.Equal((1L, 1), (bench.Ingest.Statistics.Gaps, bench.Ingest.BooksSynced));

        // What has changed since the last publication is not to be compared: nothing moves, and the rest is sent.
        sim.Venue.Market.IsPaused = true;
        Live(300);
        var engine = sim.Venue.Market.Instruments[0].Engine;
        AssertSide(bench.OrderBook, Side.Buy, engine.Bids);
        AssertSide(bench.OrderBook, Side.Sell, engine.Asks);
        Assert.Equal(0, bench.Ingest.Statistics.Unaccounted);
        Assert.Equal(0, bench.Ingest.Statistics.BooksCrossed);
    }

    private static Instrument Listed(IVenue venue, SteppedVenue sim)
    {
        List<Instrument> instruments = [];
        var request = venue.Instruments.Request([]).PathAndQuery.Split('?');
        var body = Encoding.UTF8.GetBytes(sim.Get(request[0], request[1]).Body);
        Assert.Equal(QuarantineCause.None, venue.Instruments.Parse(new VenueId(1), body, instruments, []));
        Assert.Equal(3, instruments.Count);
        Assert.Equal(venue.Profile.Market == "spot" ? "BTC-USDT" : "BTC-USDT-PERP", instruments[0].Symbol);
        return instruments[0];
    }

    private static void Send(SteppedVenue sim, Penstock.Testing.Protocols.ProtocolSession session, IVenue venue, Action<IFeedProtocol, FrameWriter> write)
    {
        var writer = new FrameWriter();
        write(venue.CreateFeed(new FeedContext(new VenueId(1), new InstrumentTable())), writer);
        for (var frame = 0; frame < writer.FrameCount; frame++) sim.Send(session, Encoding.UTF8.GetString(writer.Frame(frame)));
    }

    private static void AssertSide(IOrderBook book, Side side, BookSide truth)
    {
        const int Depth = 50;
        var levels = new BookLevel[Math.Min(Depth, truth.Count)];
        Assert.Equal(levels.Length, book.Count(side));
        book.CopyTop(side, levels);
        for (var rank = 0; rank < levels.Length; rank++)
            Assert.Equal((truth[rank].Price, truth[rank].Quantity), (levels[rank].Price, levels[rank].Quantity));
    }
}
