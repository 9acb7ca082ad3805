using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Htx;

[assembly: Venue<HtxVenue>("htx")]

namespace Penstock.Venues.Htx;

/// <summary>HTX (Huobi) spot. See README.md in this folder.</summary>
public sealed class HtxVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "htx",
        DisplayName = "HTX",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.huobi.pro"),
            PublicStream = new Uri("wss://api.huobi.pro/feed"),
            PrivateStream = new Uri("wss://api.huobi.pro/ws/v2"),
            OrderEntry = new Uri("wss://api.huobi.pro/ws/trade"),
        },
        // No MarketOrders: a market buy counts in the quote asset here and is refused, see README.md.
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.BestBidAskChannel | VenueCapabilities.FillsInOrderStream,
        BookSync = HtxBookSync.MarketByPrice,
        // The venue pings every 5 s (20 s on the private sockets) and closes after two unanswered pings; so do we after three that did not come.
        FeedKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(15)),
        OrderKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(60)),
        ServerTime = new ServerTime("/v1/common/timestamp", "data", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(10, TimeSpan.FromSeconds(1))],
        OrderLimits = [new RateLimit(100, TimeSpan.FromSeconds(2))],
        OutboundFrames = new RateLimit(50, TimeSpan.FromSeconds(1)),
    };

    public IInstrumentSource Instruments { get; } = new HtxInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new HtxFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new HtxOrders(context);
}
