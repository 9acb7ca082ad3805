using Penstock.Connectivity;
using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Orders;
using Penstock.Connectivity.Transport;
using Penstock.Model.Instruments;

namespace Penstock.MarketData.Importing;

/// <summary>
/// The venue of recordings whose frames are no exchange's own: what a vendor normalised (tardis CSV). It stands in no catalogue, cannot be
/// connected to, and exists so that such a recording can be inspected like any other. Nothing in the data shows that a message is missing.
/// </summary>
public sealed class NormalisedVenue : IVenue, IInstrumentSource
{
    /// <summary>In the header's venue field; the exchange is named in its exchange field.</summary>
    public const string Name = "normalised";

    private static readonly Uri Nowhere = new("wss://normalised.invalid");

    public VenueProfile Profile { get; } = new()
    {
        Name = Name,
        DisplayName = "Normalised data",
        Live = new VenueEndpoints { Rest = new Uri("https://normalised.invalid"), PublicStream = Nowhere, PrivateStream = Nowhere },
        Capabilities = VenueCapabilities.None,
        BookSync = new BookSyncRule
        {
            Source = SnapshotSource.Socket, Continuity = Continuity.None, Resync = ResyncAction.Reconnect, TradeIds = TradeIdOrder.Unordered,
        },
        FeedKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.Zero),
        OrderKeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.Zero),
        RestLimits = [],
        OrderLimits = [],
    };

    public IInstrumentSource Instruments => this;

    public IFeedProtocol CreateFeed(FeedContext context) => new NormalisedFeed(context);

    public IOrderProtocol? CreateOrders(OrderContext context) => null;

    RestRequest IInstrumentSource.Request(IReadOnlyList<string> symbols) => new() { Method = HttpMethod.Get, PathAndQuery = "/" };

    QuarantineCause IInstrumentSource.Parse(VenueId venue, ReadOnlySpan<byte> body, ICollection<Instrument> instruments, ICollection<string> skipped) =>
        QuarantineCause.UnknownChannel;
}
