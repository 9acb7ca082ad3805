using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;
using Penstock.EleventhVenue.Tidewater;
using Penstock.Infrastructure.Plugins;

[assembly: Venue<TidewaterVenue>("tidewater")]
[assembly: PluginContract(PluginContractAttribute.Current)]

namespace Penstock.EleventhVenue.Tidewater;

/// <summary>An exchange that does not exist: what adding one costs. See README.md in this folder.</summary>
public sealed class TidewaterVenue : IVenue
{
    public VenueProfile Profile { get; } = new()
    {
        Name = "tidewater",
        DisplayName = "Tidewater",
        Live = new VenueEndpoints
        {
            Rest = new Uri("https://api.tidewater.invalid"),
            PublicStream = new Uri("wss://api.tidewater.invalid/v1/stream"),
            PrivateStream = new Uri("wss://api.tidewater.invalid/v1/private"),
        },
        Capabilities = VenueCapabilities.WebSocketOrderEntry | VenueCapabilities.PostOnly | VenueCapabilities.ImmediateOrCancel
            | VenueCapabilities.FillOrKill | VenueCapabilities.MarketOrders | VenueCapabilities.BestBidAskChannel | VenueCapabilities.FillsInOrderStream,
        BookSync = TidewaterBookSync.Books,
        FeedKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)),
        OrderKeepAlive = new KeepAlive(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)),
        RestLimits = [new RateLimit(100, TimeSpan.FromSeconds(10))],
        OrderLimits = [new RateLimit(50, TimeSpan.FromSeconds(1))],
    };

    public IInstrumentSource Instruments { get; } = new TidewaterInstruments();

    public IFeedProtocol CreateFeed(FeedContext context) => new TidewaterFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => new TidewaterOrders(context);
}
