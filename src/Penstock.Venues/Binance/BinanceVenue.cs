using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Binance;

[assembly: Venue<BinanceVenue>("binance")]

namespace Penstock.Venues.Binance;

/// <summary>Binance spot; its feed also reads the frames of USDⓈ-M and COIN-M futures. See README.md in this folder.</summary>
public sealed class BinanceVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "binance",
        DisplayName = "Binance",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.binance.com"),
            PublicStream = new Uri("wss://stream.binance.com:9443/stream"),
            PrivateStream = new Uri("wss://ws-api.binance.com:443/ws-api/v3"),
        },
        Testnet = new VenueEndpoints
        {
            Rest = new Uri("https://testnet.binance.vision"),
            PublicStream = new Uri("wss://stream.testnet.binance.vision/stream"),
            PrivateStream = new Uri("wss://ws-api.testnet.binance.vision/ws-api/v3"),
        },
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BestBidAskChannel
            | VenueCapabilities.FillsInOrderStream,
        BookSync = BinanceBookSync.Spot,
        BookSyncByMarket = new Dictionary<string, BookSyncRule> { ["usdm"] = BinanceBookSync.Futures, ["coinm"] = BinanceBookSync.Futures },
        // The server pings every 20 s; twice that and a little without a byte is a dead connection.
        FeedKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(45)),
        OrderKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(45)),
        ServerTime = new ServerTime("/api/v3/time", "serverTime", ServerTime.MillisecondNs),
        RestLimits = [new RateLimit(6000, TimeSpan.FromMinutes(1))],
        OrderLimits = [new RateLimit(50, TimeSpan.FromSeconds(10)), new RateLimit(160_000, TimeSpan.FromDays(1))],
        OutboundFrames = new RateLimit(5, TimeSpan.FromSeconds(1)),
        ConnectionAgeMax = TimeSpan.FromHours(23), // the venue closes at 24 h
    };

    public IInstrumentSource Instruments { get; } = new BinanceInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new BinanceFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new BinanceOrders(context);
}
