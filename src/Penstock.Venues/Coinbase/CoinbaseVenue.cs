using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Coinbase;

[assembly: Venue<CoinbaseVenue>("coinbase")]

namespace Penstock.Venues.Coinbase;

/// <summary>Coinbase Advanced Trade, spot. See README.md in this folder.</summary>
public sealed class CoinbaseVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "coinbase",
        DisplayName = "Coinbase",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.coinbase.com"),
            PublicStream = new Uri("wss://advanced-trade-ws.coinbase.com"),
            PrivateStream = new Uri("wss://advanced-trade-ws-user.coinbase.com"),
        },
        // No test network: the venue's sandbox answers REST with fixed texts and has no stream.
        Capabilities = VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel | VenueCapabilities.FillOrKill
            | VenueCapabilities.MarketOrders | VenueCapabilities.SnapshotOnPrivateSubscribe,
        BookSync = CoinbaseBookSync.Level2,
        // A heartbeat every second. No pings of the protocol's: a pong would prove the socket alive, and hide a mute venue.
        FeedKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(10)),
        OrderKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(10)),
        // One budget for all signed calls of a user, orders and questions alike: a few are always left for questions.
        ServerTime = new ServerTime("/api/v3/brokerage/time", "epochMillis", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(30, TimeSpan.FromSeconds(1))],
        OrderLimits = [new RateLimit(25, TimeSpan.FromSeconds(1))],
        // One signed call like a placement; an edit names price and size only, the rest of the order stays (venues/coinbase.md §4.2).
        Amends = new AmendRate { KeepsPostOnly = true },
        OutboundFrames = new RateLimit(8, TimeSpan.FromSeconds(1)),
        // Whole books of tens of thousands of levels, at 130 bytes a level.
        FrameBytesMax = 10 * 1024 * 1024,
    };

    public IInstrumentSource Instruments { get; } = new CoinbaseInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new CoinbaseFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new CoinbaseOrders(context);
}
