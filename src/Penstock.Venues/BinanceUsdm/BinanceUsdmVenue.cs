using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Binance;
using Penstock.Venues.BinanceUsdm;

[assembly: Venue<BinanceUsdmVenue>("binance-usdm")]

namespace Penstock.Venues.BinanceUsdm;

/// <summary>Binance USDⓈ-M futures, beside spot: other addresses, another book rule, another account. See README.md in this folder.</summary>
public sealed class BinanceUsdmVenue : IVenue
{
    /// <summary>The server pings every 3 minutes only; our own pings make a dead connection known sooner.</summary>
    private static readonly KeepAlive Pings = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(75));

    public VenueProfile Profile { get; } = new()
    {
        Name = "binance-usdm",
        Exchange = "binance",
        Market = "usdm",
        DisplayName = "Binance USDⓈ-M",
        Live = Endpoints("https://fapi.binance.com", "wss://fstream.binance.com", "wss://ws-fapi.binance.com/ws-fapi/v1"),
        Testnet = Endpoints("https://testnet.binancefuture.com", "wss://fstream.binancefuture.com", "wss://testnet.binancefuture.com/ws-fapi/v1"),
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BestBidAskChannel
            | VenueCapabilities.FillsInOrderStream | VenueCapabilities.ReduceOnly,
        BookSync = BinanceBookSync.Futures,
        FeedKeepAlive = Pings,
        OrderKeepAlive = Pings,
        RestLimits = [new RateLimit(2400, TimeSpan.FromMinutes(1))],
        OrderLimits = [new RateLimit(300, TimeSpan.FromSeconds(10)), new RateLimit(1200, TimeSpan.FromMinutes(1))],
        // order.modify counts one in both windows; a GTX order that would take is cancelled instead (the venue's page "Modify Order").
        Amends = new AmendRate { KeepsPostOnly = true },
        OutboundFrames = new RateLimit(10, TimeSpan.FromSeconds(1)),
        ConnectionAgeMax = TimeSpan.FromHours(23), // the venue closes at 24 h
    };

    public IInstrumentSource Instruments { get; } = new BinanceUsdmInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new BinanceFeed(context, "/fapi/v1/depth", depthWeight: 20);

    public IOrderProtocol? CreateOrders(OrderContext context) => new BinanceUsdmOrders(context);

    /// <summary>
    /// Since April 2026 one entrance per kind of data; the old root still connects and stays silent. Books, best prices and trades are all
    /// on /public; /market has the slower streams, of which none is used.
    /// </summary>
    private static VenueEndpoints Endpoints(string rest, string stream, string orders) => new()
    {
        Rest = new Uri(rest),
        PublicStream = new Uri($"{stream}/public/stream"),
        PrivateStream = new Uri($"{stream}/private/ws"),
        OrderEntry = new Uri(orders),
    };
}
