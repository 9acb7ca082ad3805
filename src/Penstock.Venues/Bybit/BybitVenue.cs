using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Bybit;

[assembly: Venue<BybitVenue>("bybit")]

namespace Penstock.Venues.Bybit;

/// <summary>Bybit v5 spot. See README.md in this folder.</summary>
public sealed class BybitVenue : IVenue
{
    internal const string Category = "spot";

    /// <summary>"access too frequent": the address is locked out.</summary>
    internal const int BannedStatus = 403;

    public VenueProfile Profile { get; } = new()
    {
        Name = "bybit",
        Market = Category,
        DisplayName = "Bybit",
        Live = Endpoints("https://api.bybit.com", "wss://stream.bybit.com", Category),
        Testnet = Endpoints("https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com", Category),
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BestBidAskChannel,
        BookSync = BybitBookSync.Books,
        BookSyncByMarket = new Dictionary<string, BookSyncRule> { ["linear"] = BybitBookSync.Books, ["inverse"] = BybitBookSync.Books },
        FeedKeepAlive = KeepAlive,
        OrderKeepAlive = KeepAlive,
        ServerTime = ServerTime,
        RestLimits = RestLimits,
        BannedStatus = BannedStatus,
        OrderLimits = [new RateLimit(20, TimeSpan.FromSeconds(1))],
        // Counted apart from placements (venues/bybit.md §4.2); the time in force PostOnly cannot be changed.
        Amends = new AmendRate { OrderPermits = 0, Limits = [new RateLimit(10, TimeSpan.FromSeconds(1))], KeepsPostOnly = true },
    };

    public IInstrumentSource Instruments { get; } = new BybitInstruments(Category);

    /// <summary>Asked for every 20 s; its answer is the sign of life of a quiet market.</summary>
    internal static KeepAlive KeepAlive { get; } = new(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));

    internal static ServerTime ServerTime { get; } = new("/v5/market/time", "timeNano", Connectivity.Network.ServerTime.NanosecondNs);

    /// <summary>Of the address; what is beyond it is locked out for ten minutes.</summary>
    internal static IReadOnlyList<RateLimit> RestLimits { get; } = [new RateLimit(600, TimeSpan.FromSeconds(5))];

    public IFeedProtocol CreateFeed(FeedContext context) => new BybitFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new BybitOrders(context);

    /// <summary>One public socket per category: spot and linear have instruments of the same name.</summary>
    internal static VenueEndpoints Endpoints(string rest, string stream, string category) => new()
    {
        Rest = new Uri(rest),
        PublicStream = new Uri($"{stream}/v5/public/{category}"),
        PrivateStream = new Uri($"{stream}/v5/private"),
        // Linear contracts are not traded here.
        OrderEntry = category == Category ? new Uri($"{stream}/v5/trade") : null,
    };
}
