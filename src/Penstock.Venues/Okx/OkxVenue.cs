using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Okx;

[assembly: Venue<OkxVenue>("okx")]

namespace Penstock.Venues.Okx;

/// <summary>OKX v5, spot and perpetual swaps. See README.md in this folder.</summary>
public sealed class OkxVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "okx",
        DisplayName = "OKX",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://www.okx.com"),
            PublicStream = new Uri("wss://ws.okx.com:8443/ws/v5/public"),
            PrivateStream = new Uri("wss://ws.okx.com:8443/ws/v5/private"),
        },
        Testnet = new VenueEndpoints
        {
            Rest = new Uri("https://www.okx.com"), // the demo differs by a header and by its keys, not by its host
            PublicStream = new Uri("wss://wspap.okx.com:8443/ws/v5/public"),
            PrivateStream = new Uri("wss://wspap.okx.com:8443/ws/v5/private"),
        },
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BookChecksum
            | VenueCapabilities.BestBidAskChannel | VenueCapabilities.FillsInOrderStream,
        BookSync = OkxBookSync.Books,
        // The venue closes after 30 s without a byte from us; its answer has to come before we close.
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        ServerTime = new ServerTime("/api/v5/public/time", "ts", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(20, TimeSpan.FromSeconds(2))],
        // Of each instrument; taken for all of them together, which is never more than allowed.
        OrderLimits = [new RateLimit(60, TimeSpan.FromSeconds(2))],
        // Counted apart from placements; a post-only order whose new price would take is not changed (51511).
        Amends = new AmendRate { OrderPermits = 0, Limits = [new RateLimit(60, TimeSpan.FromSeconds(2))], KeepsPostOnly = true },
    };

    public IInstrumentSource Instruments { get; } = new OkxInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new OkxFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new OkxOrders(context);
}
