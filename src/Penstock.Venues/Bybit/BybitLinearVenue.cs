using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Venues.Bybit;

[assembly: Venue<BybitLinearVenue>("bybit-linear")]

namespace Penstock.Venues.Bybit;

/// <summary>
/// Bybit v5 linear contracts, on a socket of their own. Market data only: the accounts of this platform hold coins, and a contract
/// moves none.
/// </summary>
public sealed class BybitLinearVenue : IVenue
{
    private const string Category = "linear";

    public VenueProfile Profile { get; } = new()
    {
        Name = "bybit-linear",
        Exchange = "bybit",
        Market = Category,
        DisplayName = "Bybit linear",
        Live = BybitVenue.Endpoints("https://api.bybit.com", "wss://stream.bybit.com", Category),
        Testnet = BybitVenue.Endpoints("https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com", Category),
        Capabilities = VenueCapabilities.BestBidAskChannel,
        BookSync = BybitBookSync.Books,
        FeedKeepAlive = BybitVenue.KeepAlive,
        OrderKeepAlive = BybitVenue.KeepAlive,
        ServerTime = BybitVenue.ServerTime,
        RestLimits = BybitVenue.RestLimits,
        BannedStatus = BybitVenue.BannedStatus,
        OrderLimits = [new RateLimit(10, TimeSpan.FromSeconds(1))],
    };

    public IInstrumentSource Instruments { get; } = new BybitInstruments(Category);

    public IFeedProtocol CreateFeed(FeedContext context) => new BybitFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => null;
}
