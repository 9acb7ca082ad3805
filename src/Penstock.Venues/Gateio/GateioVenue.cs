using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Gateio;

[assembly: Venue<GateioVenue>("gateio")]

namespace Penstock.Venues.Gateio;

/// <summary>Gate.io v4, spot. See README.md in this folder.</summary>
public sealed class GateioVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "gateio",
        DisplayName = "Gate.io",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.gateio.ws"),
            PublicStream = new Uri("wss://api.gateio.ws/ws/v4/"),
            PrivateStream = new Uri("wss://api.gateio.ws/ws/v4/"),
        },
        Testnet = new VenueEndpoints
        {
            Rest = new Uri("https://api-testnet.gateapi.io"),
            PublicStream = new Uri("wss://ws-testnet.gate.com/v4/ws/spot"),
            PrivateStream = new Uri("wss://ws-testnet.gate.com/v4/ws/spot"),
        },
        // No MarketOrders: a market buy counts in the quote asset here and is refused, see README.md.
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.BestBidAskChannel,
        BookSync = GateioBookSync.Streamed,
        BookSyncFromRest = GateioBookSync.Classic,
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)),
        ServerTime = new ServerTime("/api/v4/spot/time", "server_time", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(200, TimeSpan.FromSeconds(10))],
        // Per account and market; taken for all markets together, which is never more than allowed.
        OrderLimits = [new RateLimit(10, TimeSpan.FromSeconds(1))],
        // A change is one of the ten (venues/gateio.md §4.5) and has no time in force to change: poc stays.
        Amends = new AmendRate { KeepsPostOnly = true },
    };

    public IInstrumentSource Instruments { get; } = new GateioInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new GateioFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new GateioOrders(context);
}
