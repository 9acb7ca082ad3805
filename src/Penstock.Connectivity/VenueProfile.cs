using Penstock.Connectivity.Feeds;
using Penstock.Connectivity.Network;
using Penstock.Connectivity.RateLimits;
using Penstock.Connectivity.Transport;

namespace Penstock.Connectivity;

[Flags]
public enum VenueCapabilities
{
    None = 0,
    WebSocketOrderEntry = 1,
    PostOnly = 2,
    ImmediateOrCancel = 4,
    FillOrKill = 8,
    MarketOrders = 16,
    BookChecksum = 32,
    BestBidAskChannel = 64,
    FillsInOrderStream = 128,
    SnapshotOnPrivateSubscribe = 256,
    /// <summary>Orders that may only reduce a position: a market of contracts.</summary>
    ReduceOnly = 512,
}

/// <summary>Where a venue listens. Each is a full URL; a simulated venue or a test network replaces them by configuration.</summary>
public sealed record VenueEndpoints
{
    public required Uri Rest { get; init; }

    public required Uri PublicStream { get; init; }

    /// <summary>Private stream, and WebSocket order entry where that has no address of its own.</summary>
    public required Uri PrivateStream { get; init; }

    /// <summary>WebSocket order entry where it is another socket than the private stream; null where it is not.</summary>
    public Uri? OrderEntry { get; init; }
}

/// <summary>What is fixed about a venue: its name, addresses, limits and rules, as data (venues/README §3).</summary>
public sealed record VenueProfile
{
    /// <summary>Lower case, the catalogue's name.</summary>
    public required string Name { get; init; }

    /// <summary>The exchange this is a market of; where an exchange has one market here, its name is both.</summary>
    public string Exchange { get => field ?? Name; init; }

    /// <summary>spot, usdm, linear: the exchange's own word.</summary>
    public string Market { get; init; } = "spot";

    /// <summary>As shown to people.</summary>
    public required string DisplayName { get; init; }

    public required VenueEndpoints Live { get; init; }

    /// <summary>The venue's own test network, null where it has none.</summary>
    public VenueEndpoints? Testnet { get; init; }

    public required VenueCapabilities Capabilities { get; init; }

    public required BookSyncRule BookSync { get; init; }

    /// <summary>Rules of the venue's other markets, by the market's name (usdm, coinm), where they differ.</summary>
    public IReadOnlyDictionary<string, BookSyncRule> BookSyncByMarket { get; init; } = new Dictionary<string, BookSyncRule>();

    /// <summary>For captures whose books start from a REST body although <see cref="BookSync"/> takes them from the socket; null where that does not happen.</summary>
    public BookSyncRule? BookSyncFromRest { get; init; }

    public required KeepAlive FeedKeepAlive { get; init; }

    public required KeepAlive OrderKeepAlive { get; init; }

    /// <summary>Weights the REST interface allows; shared by every connection of this process to the venue.</summary>
    public required IReadOnlyList<RateLimit> RestLimits { get; init; }

    /// <summary>Where the venue tells its time; null where it has no such call.</summary>
    public ServerTime? ServerTime { get; init; }

    /// <summary>Another status than 429 and 418 by which the venue says "too often", with a ban (Bybit: 403); null where it has none.</summary>
    public int? BannedStatus { get; init; }

    /// <summary>Order placements the venue allows.</summary>
    public required IReadOnlyList<RateLimit> OrderLimits { get; init; }

    /// <summary>What a change of a resting order takes; null where its price and quantity cannot be changed.</summary>
    public AmendRate? Amends { get; init; }

    /// <summary>Frames a client may send per connection; pings and pongs count where the venue counts them.</summary>
    public RateLimit? OutboundFrames { get; init; }

    /// <summary>The largest frame the venue sends; a larger one closes the connection.</summary>
    public int FrameBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Connections are replaced before this age; null where the venue sets no limit.</summary>
    public TimeSpan? ConnectionAgeMax { get; init; }
}
