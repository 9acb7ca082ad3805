using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Kraken;

[assembly: Venue<KrakenVenue>("kraken")]

namespace Penstock.Venues.Kraken;

/// <summary>Kraken spot, WebSocket v2. See README.md in this folder.</summary>
public sealed class KrakenVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "kraken",
        DisplayName = "Kraken",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.kraken.com"),
            PublicStream = new Uri("wss://ws.kraken.com/v2"),
            PrivateStream = new Uri("wss://ws-auth.kraken.com/v2"),
        },
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BookChecksum
            | VenueCapabilities.BestBidAskChannel | VenueCapabilities.FillsInOrderStream
            | VenueCapabilities.SnapshotOnPrivateSubscribe,
        BookSync = KrakenBookSync.Spot,
        // A heartbeat every second once anything is subscribed.
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)),
        // The lowest tier's counters: 15 falling by a third a second, and 60 per pair falling by one a second.
        ServerTime = new ServerTime("/0/public/Time", "unixtime", ServerTime.SecondNs),
        RestLimits = [new RateLimit(15, TimeSpan.FromSeconds(45))],
        OrderLimits = [new RateLimit(60, TimeSpan.FromSeconds(60))],
        // One, and three more while the order is younger than five seconds or was changed within them: as if all were. A change is post-only
        // where it says so, and it does.
        Amends = new AmendRate { OrderPermits = 4, KeepsPostOnly = true },
    };

    public IInstrumentSource Instruments { get; } = new KrakenInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new KrakenFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new KrakenOrders(context);
}
