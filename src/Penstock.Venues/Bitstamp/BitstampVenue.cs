using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.Venues.Bitstamp;

[assembly: Venue<BitstampVenue>("bitstamp")]

namespace Penstock.Venues.Bitstamp;

/// <summary>Bitstamp v2, spot. See README.md in this folder.</summary>
public sealed class BitstampVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "bitstamp",
        DisplayName = "Bitstamp",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://www.bitstamp.net"),
            PublicStream = new Uri("wss://ws.bitstamp.net"),
            PrivateStream = new Uri("wss://ws.bitstamp.net"),
        },
        Capabilities = VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders,
        BookSync = BitstampBookSync.Diff,
        // The heartbeat is ours to send; its answer has to come before we close.
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25)),
        RestLimits = [new RateLimit(400, TimeSpan.FromSeconds(1)), new RateLimit(10_000, TimeSpan.FromMinutes(10))],
        // Orders are REST calls and share those limits; half of them is left to cancels, books and questions.
        OrderLimits = [new RateLimit(200, TimeSpan.FromSeconds(1)), new RateLimit(5_000, TimeSpan.FromMinutes(10))],
        // replace_order is one call like a placement (venues/bitstamp.md §4); nobody says that the new order is post-only.
        Amends = new AmendRate(),
    };

    public IInstrumentSource Instruments { get; } = new BitstampInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new BitstampFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new BitstampOrders(context);
}
