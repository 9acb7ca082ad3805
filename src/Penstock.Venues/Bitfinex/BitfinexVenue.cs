using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Bitfinex;

[assembly: Venue<BitfinexVenue>("bitfinex")]

namespace Penstock.Venues.Bitfinex;

/// <summary>Bitfinex v2, spot. See README.md in this folder.</summary>
public sealed class BitfinexVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "bitfinex",
        DisplayName = "Bitfinex",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.bitfinex.com"),
            PublicStream = new Uri("wss://api-pub.bitfinex.com/ws/2"),
            PrivateStream = new Uri("wss://api.bitfinex.com/ws/2"),
        },
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BookChecksum
            | VenueCapabilities.FillsInOrderStream | VenueCapabilities.SnapshotOnPrivateSubscribe,
        BookSync = BitfinexBookSync.Books,
        // Every channel that is silent shows a heartbeat after 15 s; our ping is for connections without one.
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        // 90 calls a minute and path: a limit over all paths is on the safe side.
        RestLimits = [new RateLimit(90, TimeSpan.FromMinutes(1))],
        OrderLimits = [new RateLimit(1000, TimeSpan.FromMinutes(5))],
        // An update counts as an order; the order's flags stay unless named anew (from memory, venues/bitfinex.md §4.2 names neither).
        Amends = new AmendRate { KeepsPostOnly = true },
    };

    public IInstrumentSource Instruments { get; } = new BitfinexInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new BitfinexFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new BitfinexOrders(context);
}
