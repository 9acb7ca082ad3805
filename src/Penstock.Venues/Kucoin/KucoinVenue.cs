using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Kucoin;

[assembly: Venue<KucoinVenue>("kucoin")]

namespace Penstock.Venues.Kucoin;

/// <summary>KuCoin spot: the classic streams and the high-frequency order endpoints. See README.md in this folder.</summary>
public sealed class KucoinVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "kucoin",
        DisplayName = "KuCoin",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.kucoin.com"),
            // Never connected to: every connection is told its address together with its token.
            PublicStream = new Uri("wss://ws-api-spot.kucoin.com"),
            PrivateStream = new Uri("wss://ws-api-spot.kucoin.com"),
        },
        Capabilities = VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel | VenueCapabilities.FillOrKill
            | VenueCapabilities.MarketOrders | VenueCapabilities.BestBidAskChannel,
        BookSync = KucoinBookSync.Level2,
        // The venue names the interval with each token: 18 s, and 10 s for the answer. Half of it leaves room for a smaller one.
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(25)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(25)),
        // Points: 2,000 for public calls of one address, 4,000 for an account without VIP level; one budget for both here.
        ServerTime = new ServerTime("/api/v1/timestamp", "data", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(2_000, TimeSpan.FromSeconds(30))],
        OrderLimits = [new RateLimit(1_000, TimeSpan.FromSeconds(30))],
        // Weight 3 where an order weighs 1. The order is cancelled and made anew; nobody says that the new one is post-only.
        Amends = new AmendRate { OrderPermits = 3 },
        OutboundFrames = new RateLimit(100, TimeSpan.FromSeconds(10)),
        ConnectionAgeMax = TimeSpan.FromHours(23),
    };

    public IInstrumentSource Instruments { get; } = new KucoinInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new KucoinFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new KucoinOrders(context);
}
